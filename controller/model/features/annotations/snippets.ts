import { annotations, type LocationContext, type LocationContribution } from '../annotation.ts';
import { variablesOf } from '../../settings/admin-snippets.ts';
import type { Snippet } from '../../values/snippets/compile.ts';
import { contributeSnippet, namesHsts, unsetVariables } from '../snippets/contribute.ts';
import { adminSnippet, snippet } from '../../values/snippet.ts';

const common = { onInvalid: 'denied', risk: 'critical', live: false } as const;

/** Closes the paths where a variable is read that nothing sets. */
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
      `${name} holds ${unset.map((each) => `$${each}`).join(', ')}, which it does not set and ` +
      `${unset.length === 1 ? 'which is not a variable' : 'which are not variables'} that docs/snippets.md lists`,
  });
  return { route: { deny: 503 } };
}

function reportHsts(name: string, value: Snippet, { settings, report, annotationField }: LocationContext): void {
  if (!settings.hsts || !namesHsts(value.script)) return;
  report({
    code: 'snippet-hsts',
    severity: 'warning',
    effect: 'ignored-key',
    field: annotationField(name),
    message: `Strict-Transport-Security of ${name} is left out: hsts of the settings sets it`,
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
        'Directives of nginx for each path of the Ingress, out of those that docs/snippets.md lists. Nothing of the text is ' +
        'copied into nginx.conf: conditions, rewrites, answers and headers are done by Lua, the rest is written from checked ' +
        'values. Needs `allow-snippet-annotations: "true"` and `annotations-risk-level: Critical`. A snippet that is not ' +
        'accepted closes the paths with 503.',
      good: ['more_set_headers "X-Frame-Options: DENY";', 'if ($request_method = TRACE) {\n  return 405;\n}'],
      bad: ['proxy_pass http://127.0.0.1;', 'return 200', '} location /x { return 200; ', 'content_by_lua_block { }'],
    },
    'server-snippet': {
      ...common,
      parser: snippet('server'),
      scope: 'host',
      about:
        'The same for every path of the hosts of the Ingress, those of other Ingresses included. Of several Ingresses of a ' +
        'host the oldest with a snippet counts. It may hold blocks of `location` that refuse or answer requests; they go ' +
        'before all paths.',
      good: ['location /admin { deny all; }', 'if ($http_user_agent ~* badbot) { return 403; }'],
      bad: ['listen 8080;', 'location / { proxy_pass http://x; }', 'ssl_certificate /etc/x;'],
    },
    'stream-snippet': {
      ...common,
      onInvalid: 'ignored',
      parser: adminSnippet,
      scope: 'host',
      about: 'Reported, and without effect: layer 4 comes later.',
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
        message: 'stream-snippet has no effect: layer 4 comes later',
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
    return { route: { deny: 503 } };
  },
  host: (values) => ({ ...(values['server-snippet'] !== undefined && { snippet: values['server-snippet'] }) }),
});
