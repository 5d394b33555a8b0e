import { settings } from '../../contract/setting.ts';
import { withoutHeadersMore } from '../../values/headers-more.ts';
import { adminSnippet } from '../../values/snippet.ts';

const common = { parser: adminSnippet, fallback: '', guards: true } as const;
const TESTED =
  'Any nginx directive that is valid in this place is allowed. The snippet is tested with `nginx -t`; if nginx ' +
  'refuses it, an error is reported, and the last good value of this key stays in force. If there is none, see ' +
  'docs/snippets.md.';

const NO_HEADERS_MORE =
  "uses directives of a module that is not installed: Debian's libnginx-mod-http-headers-more-filter; they are " +
  'left out, and the other directives are in force (add-headers and hide-headers need no module)';

const NO_STREAM =
  "needs NGINX's stream modules, which are not installed: Debian's libnginx-mod-stream and libnginx-mod-stream-js";

export default settings({
  chapter: 'Snippets and validation',
  keys: {
    'main-snippet': {
      ...common,
      about: `Directives at the top level of nginx.conf. ${TESTED}`,
      good: ['worker_priority -5;', 'env TZ;'],
      bad: ['worker_priority 5', '}'],
    },
    'http-snippet': {
      ...common,
      about:
        "Directives in the block `http`. Tenants' snippets may read the variables that this snippet defines with " +
        `\`map\`, \`geo\` or \`split_clients\`. ${TESTED}`,
      good: ['map $http_x $team { default blue; }', 'proxy_cache_path /tmp/cache keys_zone=pages:10m;'],
      bad: ['map $http_x $team {', '} events {'],
    },
    'server-snippet': {
      ...common,
      about: `Directives that are added to the server block of every host. ${TESTED}`,
      good: ['if ($http_user_agent = bad) { return 403; }'],
      bad: ['return 403', '} server {'],
    },
    'location-snippet': {
      ...common,
      about: `Directives that are added to the locations of all paths. ${TESTED}`,
      good: ['limit_rate 1m;'],
      bad: ['limit_rate 1m', '} location / {'],
    },
    'stream-snippet': {
      parser: adminSnippet,
      fallback: '',
      about: `Directives in the block \`stream\`, for TCP and UDP. ${TESTED}`,
      good: ['server { listen 9000; return hello; }'],
      bad: ['server { listen 9000;'],
    },
  },
  reconcile: (values, { headersMore, stream }) => {
    const without =
      values['stream-snippet'] === '' || stream ? {} : { 'stream-snippet': { value: '', reason: NO_STREAM } };
    if (headersMore) return without;
    const names = ['http-snippet', 'server-snippet', 'location-snippet'] as const;
    const others = Object.fromEntries(
      names.flatMap((name) => {
        const value = withoutHeadersMore(values[name]);
        return value === undefined ? [] : [[name, { value, reason: NO_HEADERS_MORE }]];
      }),
    );
    return { ...without, ...others };
  },
});
