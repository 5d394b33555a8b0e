import { headerPieces } from '../../../types/conf-value.ts';
import { annotations, type LocationContext } from '../annotation.ts';
import { aboutObjects, type HeaderLine, removedHeaderNames, responseHeaderLines } from '../../values/header-lines.ts';

const OURS = 'ingress-nginx does not have this annotation.';
const RELOAD = 'A reload is needed only when a path gets its first annotation of this kind, or loses its last one.';

/** Whether the header is the one that the settings already add to every response over TLS; reports it if so. */
function ofHsts(key: string, name: string, { settings, report, annotationField }: LocationContext): boolean {
  if (!settings.hsts || name.toLowerCase() !== 'strict-transport-security') return false;
  report({
    code: 'header-of-hsts',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField(key),
    message: `${name} of ${key} is left out: the key hsts of the ConfigMap sets it`,
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
        "Headers that every response gets, whatever its status; they replace the backend's headers of the same " +
        'names. Values may contain `$service_name`, `$service_port`, `$namespace` and `$ingress_name`, and NGINX ' +
        'variables about the request, such as `$req_id`. Headers that determine where a response ends cannot be set, ' +
        `and their lines are ignored. ${RELOAD} ` +
        OURS,
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
        "Headers that every response gets in addition to the backend's headers of the same names. Headers that can " +
        'occur only once (Content-Type, Location) are replaced. Otherwise, the annotation works like ' +
        `response-set-headers. ${RELOAD} ` +
        OURS,
      good: ['Set-Cookie: seen=1; Path=/', 'Link: </a.css>; rel=preload\nLink: </b.css>; rel=preload'],
      bad: ['Set-Cookie', 'Transfer-Encoding: chunked', 'X-A: $uri'],
    },
    'response-remove-headers': {
      parser: removedHeaderNames,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        'Headers that are removed from responses; `Server` can be removed, too. Headers that determine where a ' +
        `response ends cannot be removed. ${RELOAD} ${OURS}`,
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
