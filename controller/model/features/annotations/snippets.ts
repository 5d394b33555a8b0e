import { annotations, type LocationContext, type LocationContribution } from '../annotation.ts';
import { closed } from '../closed.ts';
import { variablesOf } from '../../settings/admin-snippets.ts';
import type { Snippet } from '../../values/snippets/compile.ts';
import { contributeSnippet, namesHsts, unsetVariables } from '../snippets/contribute.ts';
import { adminSnippet, snippet } from '../../values/snippet.ts';

const common = { onInvalid: 'denied', risk: 'critical', live: false } as const;

/** Makes the paths answer 503 if the snippet reads a variable that is not set anywhere. */
function refuseUnset(
  name: 'configuration-snippet' | 'server-snippet',
  value: Snippet,
  others: ReadonlySet<string>,
  { report, annotationField }: LocationContext,
): LocationContribution | undefined {
  const unset = unsetVariables(value, others);
  if (unset.length === 0) return undefined;
  report({
    code: 'snippet-variable',
    severity: 'error',
    effect: 'denied-location',
    field: annotationField(name),
    message:
      `${name} contains ${unset.map((each) => `$${each}`).join(', ')}, which it does not set and ` +
      `${unset.length === 1 ? 'which is not a variable' : 'which are not variables'} that docs/snippets.md lists`,
  });
  return { route: closed(name) };
}

function reportHsts(name: string, value: Snippet, { settings, report, annotationField }: LocationContext): void {
  if (!settings.hsts || !namesHsts(value.script)) return;
  report({
    code: 'snippet-hsts',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField(name),
    message: `Strict-Transport-Security of ${name} is left out: the key hsts of the ConfigMap sets it`,
  });
}

export default annotations({
  group: 'Snippets',
  keys: {
    'configuration-snippet': {
      ...common,
      parser: snippet('location'),
      scope: 'location',
      about:
        'nginx directives for each path of the Ingress; docs/snippets.md lists the allowed ones. The text is never ' +
        'copied into nginx.conf: Lua executes conditions, rewrites, responses and header changes, and the other ' +
        'directives are generated from validated values. The annotation needs `allow-snippet-annotations: "true"` ' +
        'and `annotations-risk-level: Critical`. With an invalid snippet, the paths answer 503.',
      good: ['more_set_headers "X-Frame-Options: DENY";', 'if ($request_method = TRACE) {\n  return 405;\n}'],
      bad: ['proxy_pass http://127.0.0.1;', 'return 200', '} location /x { return 200; ', 'content_by_lua_block { }'],
    },
    'server-snippet': {
      ...common,
      parser: snippet('server'),
      scope: 'host',
      about:
        'Like configuration-snippet, but for every path of the hosts of the Ingress, including paths of other ' +
        'Ingresses. If several Ingresses of a host have the annotation, the oldest one decides. The snippet may ' +
        'contain `location` blocks that reject or answer requests; these blocks take precedence over all paths.',
      good: ['location /admin { deny all; }', 'if ($http_user_agent ~* badbot) { return 403; }'],
      bad: ['listen 8080;', 'location / { proxy_pass http://x; }', 'ssl_certificate /etc/x;'],
    },
    'stream-snippet': {
      ...common,
      onInvalid: 'ignored',
      parser: adminSnippet,
      scope: 'host',
      about: 'This annotation has no effect, because only HTTP is served; a warning is logged.',
      good: ['server { listen 9000; }'],
      bad: ['server { listen 9000;'],
    },
  },
  location: (values, context) => {
    const own = values['configuration-snippet'];
    const server = values['server-snippet'];
    if (values['stream-snippet'] !== undefined) {
      context.report({
        code: 'stream-snippet-later',
        severity: 'warning',
        effect: 'ignored-key',
        field: context.annotationField('stream-snippet'),
        message:
          'stream-snippet has no effect in an Ingress: it would apply to TCP and UDP services of all namespaces; the ' +
          'administrator can set stream-snippet in the ConfigMap',
      });
    }
    const defined = variablesOf(context.settings['http-snippet']);
    if (server !== undefined) {
      const refused = refuseUnset('server-snippet', server, defined, context);
      if (refused !== undefined) return refused;
      reportHsts('server-snippet', server, context);
    }
    if (own === undefined) return {};
    const refused = refuseUnset('configuration-snippet', own, new Set([...defined, ...(server?.sets ?? [])]), context);
    if (refused !== undefined) return refused;
    reportHsts('configuration-snippet', own, context);
    const contribution = contributeSnippet(own, context.settings);
    if (contribution !== undefined) return contribution;
    context.report({
      code: 'snippet-too-many-variables',
      severity: 'error',
      effect: 'denied-location',
      field: context.annotationField('configuration-snippet'),
      message: 'configuration-snippet has more than 49 variables in headers for the backend',
    });
    return { route: closed('configuration-snippet') };
  },
  host: (values) => ({ ...(values['server-snippet'] !== undefined && { snippet: values['server-snippet'] }) }),
});
