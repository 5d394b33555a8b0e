/**
 * The one table of flags. Parsers, `--help`, argument types, docs/flags.md, docs/commands.md and the chart's file are
 * made from it. A flag of `tidegate controller` that ingress-nginx has too keeps its name. Flags that the model takes
 * unchanged are in model/contract/flags.ts, those of bounds in model/contract/bounds.ts, those without effect in
 * idle-flags.ts.
 */
import { BOUNDS } from '../model/contract/bounds.ts';
import { MODEL_FLAGS } from '../model/contract/flags.ts';
import { BUILDING, type Command, flag, type FlagRow, type FlagValues } from '../types/flag.ts';
import { IDLE_FLAGS } from './idle-flags.ts';
import { UNTIL_EXPIRY } from './keep-certificates.ts';

const ALL = { commands: BUILDING } as const;
const UP = { commands: ['up'] } as const;
const SERVING = { commands: ['controller', 'up'] } as const;
const CHECK = { commands: ['check'] } as const;

const ROWS = [
  flag('manifests', 'text', '', 'folder of Kubernetes manifests that serve as the cluster; changes are followed', {
    ...UP,
    word: 'dir',
    required: true,
  }),
  flag('apiserver-host', 'text', '', 'URL of the API server; empty: in-cluster, or the kubeconfig'),
  flag('certificate-authority', 'text', '', 'CA file for --apiserver-host'),
  flag('kubeconfig', 'text', '', 'path of a kubeconfig file'),
  flag(
    'run-dir',
    'text',
    '/run/tidegate',
    'folder of nginx.conf, sockets and logs: conf/ and run/ are below it. Without it, up uses /run/tidegate, or a folder of the user',
    { ...SERVING, byHand: '', word: 'dir' },
  ),
  ...MODEL_FLAGS,
  flag('configmap', 'object', '', 'namespace/name of the ConfigMap with the settings', {
    ...ALL,
    byHand: 'ingress-nginx/ingress-nginx-controller',
  }),
  flag(
    'default-backend-service',
    'object',
    '',
    'namespace/name of the Service for requests that no rule matches; empty: a built-in 404',
    ALL,
  ),
  flag(
    'default-ssl-certificate',
    'object',
    '',
    'namespace/name of the Secret for TLS names without a certificate; empty: a self-signed one',
    ALL,
  ),
  flag(
    'keep-certificates',
    'text',
    UNTIL_EXPIRY,
    'how long the last good content of an unusable Secret or ConfigMap, and the certificate of a deleted Secret, stays in force: until-expiry, 0, or a time such as 36h or 7d',
    { ...SERVING, word: 'time' },
  ),
  flag(
    'redirect-trailing-slash',
    'bool',
    'false',
    'redirect /foo to /foo/ (301) for a Prefix path /foo/, as ingress-nginx does; otherwise /foo is served',
    ALL,
  ),
  flag(
    'strict-access',
    'bool',
    'false',
    'apply address lists and authentication before redirects, CORS preflight, 404 and 503 without a backend; see docs/security.md',
    ALL,
  ),
  flag('disable-svc-external-name', 'bool', 'false', 'ExternalName Services get no endpoints', ALL),
  flag(
    'allow-addresses',
    'ranges',
    '',
    'comma-separated addresses or ranges that endpoints and DNS names may use although they are loopback, link-local, metadata services and the like; see docs/security.md',
    { ...ALL, byHand: '127.0.0.0/8,::1' },
  ),
  flag('watch-namespace', 'text', '', 'watch only this namespace, which must exist; needs no permissions outside it'),
  flag(
    'watch-namespace-selector',
    'text',
    '',
    'watch the namespaces with these labels; not together with --watch-namespace',
  ),
  flag(
    'enable-topology-aware-routing',
    'bool',
    'false',
    'prefer endpoints whose zone hints name the zone of this node; all are used if one has no hint or none match',
  ),
  flag(
    'enable-ssl-chain-completion',
    'bool',
    'false',
    'fetch intermediate certificates that a Secret lacks from the URLs in its certificates (CA Issuers, http or https)',
  ),
  flag('http-port', 'port', '80', 'port that clients use for HTTP: headers and redirects. up binds it as well', {
    ...ALL,
    byHand: '8080',
  }),
  flag('https-port', 'port', '443', 'port that clients use for HTTPS: headers and redirects. up binds it as well', {
    ...ALL,
    byHand: '8443',
  }),
  flag('http-listen-port', 'port', '8080', 'port that NGINX binds for HTTP'),
  flag('https-listen-port', 'port', '8443', 'port that NGINX binds for HTTPS'),
  flag('status-port', 'port', '10246', 'port on which NGINX answers /ready, /healthz and /nginx_status'),
  flag('healthz-port', 'port', '10254', 'port of /healthz and /metrics of the controller'),
  flag('healthz-host', 'text', '', 'address that --healthz-port binds; empty: all'),
  flag('health-check-path', 'text', '/healthz', 'path of the health check'),
  flag(
    'health-check-timeout',
    'number',
    '10',
    'seconds without progress of the control loop after which the health check fails',
  ),
  flag(
    'sync-rate-limit',
    'number',
    '0.67',
    'most reloads a second, so by default one in 1.5 s; live changes never wait. In ingress-nginx the default is 0.3 and covers every change',
  ),
  flag(
    'max-draining-workers',
    'number',
    '0',
    'workers of earlier configurations that may stay for their long connections; beyond that, the oldest close theirs over some seconds. 0: eight for each worker process',
  ),
  flag('update-status', 'bool', 'true', 'write the addresses into the status of the Ingresses'),
  flag('update-status-on-shutdown', 'bool', 'true', 'the last pod removes the addresses from the status again'),
  flag(
    'publish-service',
    'object',
    '',
    'namespace/name of the Service whose address is written; not together with --publish-status-address',
  ),
  flag('publish-status-address', 'text', '', 'comma-separated addresses to write instead'),
  flag(
    'report-node-internal-ip-address',
    'bool',
    'false',
    'write the internal addresses of the nodes if neither of the two above is given',
  ),
  flag('status-update-interval', 'number', '60', 'seconds between checks of the status; changes do not wait for it'),
  flag('election-id', 'text', 'ingress-controller-leader', 'name of the Lease in the namespace of the pod'),
  flag('election-ttl', 'duration', '30s', 'how long the Lease is valid without renewal'),
  flag('disable-leader-election', 'bool', 'false', 'no Lease; no status is written'),
  flag('disable-sync-events', 'bool', 'false', 'no Events on Ingresses that are served'),
  flag('enable-metrics', 'bool', 'true', 'serve /metrics'),
  flag('shutdown-grace-period', 'number', '0', 'seconds after SIGTERM in which NGINX still serves but is not ready'),
  flag(
    'post-shutdown-grace-period',
    'number',
    '0',
    'seconds to wait after that; NGINX ends after the controller, so there is nothing to wait for',
  ),
  flag(
    'template-dir',
    'text',
    '',
    'folder with nginx.conf.hbs and server.hbs that replace the built-in ones (docs/templates.md); up follows their changes',
    { ...ALL, word: 'dir' },
  ),
  flag('log-format', 'choice', 'json', 'json: one object a line; or text', {
    ...SERVING,
    byHand: 'text',
    word: 'format',
    choices: ['json', 'text'],
  }),
  flag('log-level', 'choice', 'info', 'error, warn, info or debug', {
    ...UP,
    word: 'level',
    choices: ['error', 'warn', 'info', 'debug'],
  }),
  flag('v', 'number', '0', 'verbosity: 2 or more logs details'),
  flag('version', 'bool', 'false', 'print the version and exit'),
  flag(
    'enable-ssl-passthrough',
    'bool',
    'false',
    'TLS passthrough is not built yet; paths that ask for it answer 503',
    { ...ALL, state: 'later' },
  ),
  flag('processors', 'number', '2', 'worker processes if worker-processes is auto', {
    commands: ['render'],
    range: [1, 512],
  }),
  flag('output', 'choice', 'conf', 'conf, live, problems, or json for all three; keys are left out', {
    commands: ['render'],
    letter: 'o',
    word: 'what',
    choices: ['conf', 'live', 'problems', 'json'],
  }),
  flag('output', 'choice', 'text', 'text or json', {
    ...CHECK,
    letter: 'o',
    word: 'format',
    choices: ['text', 'json'],
  }),
  flag(
    'strict',
    'bool',
    'false',
    'notices (a Service, Secret or class that is not among the manifests) count as errors',
    CHECK,
  ),
] as const;

const OF_BOUNDS: readonly FlagRow[] = Object.values(BOUNDS).map((bound) =>
  flag(bound.flag, 'number', `${bound.fallback}`, `${bound.about}: at most this many; see docs/bounds.md`, {
    ...ALL,
    range: [bound.least, bound.most],
  }),
);

const TABLE: readonly FlagRow[] = [...ROWS, ...OF_BOUNDS, ...IDLE_FLAGS];

/** The flags that a command takes, each with the default that it has there. */
export function flagsOf(command: Command): readonly FlagRow[] {
  return TABLE.filter(({ commands = ['controller'] }) => commands.includes(command)).map((row) =>
    command === 'controller' || row.byHand === undefined ? row : { ...row, fallback: row.byHand },
  );
}

/** What a command is given: the value of each of its flags by its name in camel case, except those of bounds. */
export type Flags<C extends Command> = FlagValues<(typeof ROWS)[number], C>;
