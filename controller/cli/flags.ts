/**
 * The one table of flags: parsers, `--help`, argument types, docs/flags.md, docs/commands.md and the chart's file are made
 * from it. A flag of `tidegate controller` has the name that ingress-nginx gave it. Flags that the model takes as they are
 * stand in model/contract/flags.ts, those of bounds in model/contract/bounds.ts, those that change nothing in idle-flags.ts.
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
  flag('manifests', 'text', '', 'folder of Kubernetes manifests that are the cluster; followed while they change', {
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
    'folder of nginx.conf, sockets and logs: conf/ and run/ are below it. Without it, up takes /run/tidegate, or one of the user',
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
    'how long the last good content of a Secret or ConfigMap that cannot be used any more stays in force, and the certificate of a deleted Secret: until-expiry, 0, or a time such as 36h or 7d',
    { ...SERVING, word: 'time' },
  ),
  flag(
    'redirect-trailing-slash',
    'bool',
    'false',
    'answer 301 to /foo/ on /foo where a Prefix path is written /foo/, as ingress-nginx; it is served otherwise',
    ALL,
  ),
  flag(
    'strict-access',
    'bool',
    'false',
    'redirects, CORS preflight, 404 and 503 without a backend come after address lists and authentication, not before; see docs/security.md',
    ALL,
  ),
  flag('disable-svc-external-name', 'bool', 'false', 'ExternalName Services get no endpoints', ALL),
  flag(
    'allow-addresses',
    'ranges',
    '',
    'comma-separated addresses or ranges that endpoints and DNS names may lead to although they are loopback, link-local, metadata services and the like; see docs/security.md',
    { ...ALL, byHand: '127.0.0.0/8,::1' },
  ),
  flag('watch-namespace', 'text', '', 'watch this namespace only, which has to exist; needs no rights beyond it'),
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
    'prefer endpoints whose zone hints name the zone of the own node; all are used where one has no hint or none fits',
  ),
  flag(
    'enable-ssl-chain-completion',
    'bool',
    'false',
    'fetch intermediate certificates that a Secret lacks from where the certificates say (CA Issuers, http or https)',
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
  flag('healthz-host', 'text', '', 'address of that port; empty: all'),
  flag('health-check-path', 'text', '/healthz', 'path of the health check'),
  flag(
    'health-check-timeout',
    'number',
    '10',
    'seconds without a sign of life of the control loop after which the health check fails',
  ),
  flag(
    'sync-rate-limit',
    'number',
    '0.67',
    'reloads a second at the most, so one in 1.5 s; live changes never wait. ingress-nginx said 0.3 and meant every change',
  ),
  flag(
    'max-draining-workers',
    'number',
    '0',
    'workers of former configurations that may stay for their long connections; beyond, the oldest close theirs over some seconds. 0: eight for each worker process',
  ),
  flag('update-status', 'bool', 'true', 'write the addresses into the status of the Ingresses'),
  flag('update-status-on-shutdown', 'bool', 'true', 'the last pod takes them out again'),
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
    'write the internal address of the nodes where neither is given',
  ),
  flag('status-update-interval', 'number', '60', 'seconds between looks at the status; changes do not wait for it'),
  flag('election-id', 'text', 'ingress-controller-leader', 'name of the Lease in the own namespace'),
  flag('election-ttl', 'duration', '30s', 'how long the Lease holds without being renewed'),
  flag('disable-leader-election', 'bool', 'false', 'no Lease; no status is written'),
  flag('disable-sync-events', 'bool', 'false', 'no Events on Ingresses that are served'),
  flag('enable-metrics', 'bool', 'true', 'serve /metrics'),
  flag(
    'shutdown-grace-period',
    'number',
    '0',
    'seconds between SIGTERM and the end, in which NGINX serves and is not ready',
  ),
  flag(
    'post-shutdown-grace-period',
    'number',
    '0',
    'seconds to wait after that; NGINX ends after the controller here, so there is nothing to wait for',
  ),
  flag(
    'template-dir',
    'text',
    '',
    'folder with nginx.conf.hbs and server.hbs in place of the built-in ones; up follows their changes',
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
  flag('v', 'number', '0', 'verbosity: 2 and more logs details'),
  flag('version', 'bool', 'false', 'print the version and end'),
  flag(
    'enable-ssl-passthrough',
    'bool',
    'false',
    'TLS passthrough is not built yet; paths that ask for it answer 503',
    { ...ALL, state: 'later' },
  ),
  flag('processors', 'number', '2', 'worker processes where worker-processes is auto', {
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
  flag(bound.flag, 'number', `${bound.fallback}`, `${bound.about}: at most so many; see docs/bounds.md`, {
    ...ALL,
    range: [bound.least, bound.most],
  }),
);

const TABLE: readonly FlagRow[] = [...ROWS, ...OF_BOUNDS, ...IDLE_FLAGS];

/** Rows of the flags that a command takes, each with the fallback that it has there. */
export function flagsOf(command: Command): readonly FlagRow[] {
  return TABLE.filter(({ commands = ['controller'] }) => commands.includes(command)).map((row) =>
    command === 'controller' || row.byHand === undefined ? row : { ...row, fallback: row.byHand },
  );
}

/** What a command is given: the value of each of its flags by its name in camel case, those of bounds aside. */
export type Flags<C extends Command> = FlagValues<(typeof ROWS)[number], C>;
