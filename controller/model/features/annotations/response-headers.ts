import { headerPieces } from '../../../types/conf-value.ts';
import { annotations, type LocationContext } from '../annotation.ts';
import { aboutObjects, type HeaderLine, removedHeaderNames, responseHeaderLines } from '../../values/header-lines.ts';

const OURS = 'This annotation is one of Tidegate; ingress-nginx has none like it.';
const RELOAD = 'The first such annotation of a path, or the last to go, takes a reload.';

/** Answers over TLS have the installation's own. */
function ofHsts(key: string, name: string, { settings, report, annotationField }: LocationContext): boolean {
  if (!settings.hsts || name.toLowerCase() !== 'strict-transport-security') return false;
  report({
    code: 'header-of-hsts',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField(key),
    message: `${name} of ${key} is left out: hsts of the settings sets it`,
  });
  return true;
}

export default annotations({
  group: 'Headers',
  keys: {
    'response-set-headers': {
      parser: responseHeaderLines,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        "Headers that every answer gets, whatever its status, in the backend's place. Values may hold `$service_name`, " +
        '`$service_port`, `$namespace` and `$ingress_name`, and variables of NGINX that say something about the request: ' +
        `\`$req_id\`. What frames an answer cannot be set; a line that may not be set is left out. ${RELOAD} ${OURS}`,
      good: [
        'X-Frame-Options: DENY',
        "Content-Security-Policy: default-src 'self'; img-src *\nReferrer-Policy: same-origin",
        'X-Request-ID: $req_id',
      ],
      bad: ['X-Frame-Options', 'Content-Length: 5', 'Connection: close', 'X-A: $remote_user', 'X A: b'],
    },
    'response-add-headers': {
      parser: responseHeaderLines,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        "The same, beside the backend's headers of these names. Headers of which there is one alone (Content-Type, Location) " +
        `are replaced. ${RELOAD} ${OURS}`,
      good: ['Set-Cookie: seen=1; Path=/', 'Link: </a.css>; rel=preload\nLink: </b.css>; rel=preload'],
      bad: ['Set-Cookie', 'Transfer-Encoding: chunked', 'X-A: $uri'],
    },
    'response-remove-headers': {
      parser: removedHeaderNames,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about: `Headers that answers lose, \`Server\` among them. What frames an answer cannot be removed. ${RELOAD} ${OURS}`,
      good: ['X-Powered-By', 'Server, X-AspNet-Version'],
      bad: ['Content-Length', 'X Powered'],
    },
  },
  location: (values, context) => {
    const headers = (key: 'response-set-headers' | 'response-add-headers') =>
      (values[key] ?? [])
        .filter(([name]) => !ofHsts(key, name, context))
        .map(([name, value]: HeaderLine) => [name, headerPieces(aboutObjects(value, context))] as const);
    const [set, added] = [headers('response-set-headers'), headers('response-add-headers')];
    const removed = (values['response-remove-headers'] ?? []).filter(
      (name) => !ofHsts('response-remove-headers', name, context),
    );
    return {
      route: {
        ...(set.length > 0 && { responseHeaders: set }),
        ...(added.length > 0 && { addedHeaders: added }),
        ...(removed.length > 0 && { removedHeaders: removed }),
      },
    };
  },
});
