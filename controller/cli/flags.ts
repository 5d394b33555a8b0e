/**
 * The table of all flags. The parsers, `--help`, argument types, docs/flags.md, docs/commands.md and the chart's list
 * of flags without effect are derived from it. A flag that also exists in ingress-nginx keeps its name. Flags that the
 * model uses unchanged are in model/contract/flags.ts, flags of bounds in model/contract/bounds.ts, flags of request
 * metrics in metrics-flags.ts, flags of the admission webhook in webhook-flags.ts, flags of the commands that ask or
 * explain in question-flags.ts, flags of `tidegate migrate` in migrate/flags.ts, flags without effect in idle-flags.ts.
 */
import { BOUNDS } from '../model/contract/bounds.ts';
import { MODEL_FLAGS } from '../model/contract/flags.ts';
import { USUAL_PORT } from '../inspect/http/listen.ts';
import { BUILDING, type Command, flag, type FlagRow, type FlagValues } from '../types/flag.ts';
import { ASKING_FLAGS, EXPLAIN_FLAGS, UI_FLAGS } from './question-flags.ts';
import { IDLE_FLAGS } from './idle-flags.ts';
import { UNTIL_EXPIRY } from './keep-certificates.ts';
import { METRICS_FLAGS } from './metrics-flags.ts';
import { MIGRATE_FLAGS } from './migrate/flags.ts';
import { WEBHOOK_FLAGS } from './webhook-flags.ts';

const ALL = { commands: BUILDING } as const;
const UP = { commands: ['up'] } as const;
const SERVING = { commands: ['controller', 'up'] } as const;
const CHECK = { commands: ['check'] } as const;

const ROWS = [
  flag(
    'manifests',
    'text',
    '',
    'folder of Kubernetes manifests to serve instead of a cluster; up watches it for changes',
    {
      ...UP,
      word: 'dir',
      required: true,
    },
  ),
  flag(
    'apiserver-host',
    'text',
    '',
    'URL of the API server; if empty, the in-cluster configuration or the kubeconfig is used',
  ),
  flag('certificate-authority', 'text', '', 'CA file for --apiserver-host'),
  flag('kubeconfig', 'text', '', 'path of a kubeconfig file'),
  flag(
    'run-dir',
    'text',
    '/run/tidegate',
    'folder with the subfolders conf/ (nginx.conf) and run/ (sockets and logs). Without this flag, `tidegate up` uses ' +
      '/run/tidegate if it runs as root, and otherwise $XDG_RUNTIME_DIR/tidegate or, if that variable is not set, ' +
      'tidegate-UID in the temporary folder',
    { ...SERVING, byHand: '', word: 'dir' },
  ),
  ...MODEL_FLAGS,
  flag('configmap', 'object', '', 'namespace/name of the ConfigMap with the settings', {
    ...ALL,
    byHand: 'ingress-nginx/ingress-nginx-controller',
  }),
  flag(
    'host-policy-configmap',
    'object',
    '',
    'namespace/name of the ConfigMap that says which namespaces own which hosts; needs --host-ownership=configmap',
    ALL,
  ),
  flag(
    'tcp-services-configmap',
    'object',
    '',
    'namespace/name of the ConfigMap with TCP services, by port: `5432: shop/db:5432`; see docs/tcp-udp.md',
    ALL,
  ),
  flag(
    'udp-services-configmap',
    'object',
    '',
    'namespace/name of the ConfigMap with UDP services, by port: `53: kube-system/dns:53`; see docs/tcp-udp.md',
    ALL,
  ),
  flag(
    'stream-port',
    'port',
    '10247',
    'UDP port on 127.0.0.1 on which NGINX answers its own questions about endpoints of TCP and UDP services',
    ALL,
  ),
  flag(
    'default-backend-service',
    'object',
    '',
    'namespace/name of the Service for requests that no rule matches; if empty, they get a built-in 404',
    ALL,
  ),
  flag(
    'default-ssl-certificate',
    'object',
    '',
    'namespace/name of the Secret for TLS names without a certificate; if empty, a self-signed certificate is used',
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
    'also apply address lists and authentication before redirects, responses to CORS preflight requests, and ' +
      '404 and 503 responses without a backend; see docs/security.md',
    ALL,
  ),
  flag('disable-svc-external-name', 'bool', 'false', 'ExternalName Services get no endpoints', ALL),
  flag(
    'allow-addresses',
    'ranges',
    '',
    'comma-separated addresses or ranges that are accepted for endpoints and DNS names although they are loopback or link-local, belong to a metadata service or the API server, or are refused for another reason; see docs/security.md',
    { ...ALL, byHand: '127.0.0.0/8,::1' },
  ),
  flag(
    'watch-namespace',
    'text',
    '',
    'watch only this namespace, which must exist; no permissions outside it are needed',
  ),
  flag(
    'watch-namespace-selector',
    'text',
    '',
    'watch only the namespaces with these labels; cannot be combined with --watch-namespace',
  ),
  flag(
    'enable-topology-aware-routing',
    'bool',
    'false',
    'prefer endpoints whose zone hints name the zone of this node; all endpoints are used if one has no hint, or if no hint names this zone',
  ),
  flag(
    'enable-ssl-chain-completion',
    'bool',
    'false',
    'if a Secret lacks intermediate certificates, fetch them from the URLs in its certificates (CA Issuers, http or https)',
  ),
  flag(
    'http-port',
    'port',
    '80',
    'port that clients use for HTTP, as it appears in headers and redirects; up also listens on it',
    {
      ...ALL,
      byHand: '8080',
    },
  ),
  flag(
    'https-port',
    'port',
    '443',
    'port that clients use for HTTPS, as it appears in headers and redirects; up also listens on it',
    {
      ...ALL,
      byHand: '8443',
    },
  ),
  flag('http-listen-port', 'port', '8080', 'port on which NGINX listens for HTTP'),
  flag('https-listen-port', 'port', '8443', 'port on which NGINX listens for HTTPS'),
  flag('status-port', 'port', '10246', 'port on which NGINX answers /ready, /healthz and /nginx_status'),
  flag('healthz-port', 'port', '10254', 'port on which the controller answers /healthz and /metrics'),
  flag('healthz-host', 'text', '', 'address on which --healthz-port listens; if empty, all addresses'),
  flag(
    'inspection-port',
    'number',
    '0',
    'port on 127.0.0.1 where the inspection API and the web page answer, for example 10256. In a Pod, every container ' +
      'can connect to this port. With 0, the API answers only on the socket controller/inspect.sock in the run ' +
      'directory, which only the controller can reach. If the default of `tidegate up` is in use, any free port is taken',
    { ...SERVING, byHand: `${USUAL_PORT}`, range: [0, 65_535] },
  ),
  flag('health-check-path', 'text', '/healthz', 'path of the health check on --healthz-port'),
  flag(
    'sync-rate-limit',
    'number',
    '0.67',
    'maximum number of reloads per second; the default is one reload every 1.5 s. Live changes are not limited. In ingress-nginx, the default is 0.3 and limits every change',
  ),
  flag(
    'max-draining-workers',
    'number',
    '0',
    'maximum number of workers of earlier configurations that remain because of their long connections; if there are ' +
      'more, the oldest close their connections within a few seconds. 0: eight for each worker process',
  ),
  flag('update-status', 'bool', 'true', 'write the addresses of this installation into the status of the Ingresses'),
  flag('update-status-on-shutdown', 'bool', 'true', 'the last Pod to stop removes the addresses from the status'),
  flag(
    'publish-service',
    'object',
    '',
    'namespace/name of the Service whose addresses are written into the status; cannot be combined with --publish-status-address',
  ),
  flag(
    'publish-status-address',
    'text',
    '',
    'comma-separated addresses to write into the status; cannot be combined with --publish-service',
  ),
  flag(
    'report-node-internal-ip-address',
    'bool',
    'false',
    'write the internal addresses of the nodes into the status, if neither --publish-service nor --publish-status-address is given',
  ),
  flag(
    'status-update-interval',
    'number',
    '60',
    'seconds between checks of the status of all Ingresses; changes are written without waiting for the next check',
  ),
  flag('election-id', 'text', 'ingress-controller-leader', 'name of the Lease in the namespace of the pod'),
  flag('election-ttl', 'duration', '30s', 'how long the Lease is valid without renewal'),
  flag('disable-leader-election', 'bool', 'false', 'use no Lease and write no status'),
  flag(
    'validating-webhook-secret',
    'text',
    'ingress-nginx-admission-certificate',
    'name of the Secret, in the namespace of the pod, with the CA and the certificate of the admission webhook; the ' +
      'controller makes both, unless --validating-webhook-certificate is given',
  ),
  flag(
    'validating-webhook-configuration',
    'text',
    'ingress-nginx-admission',
    'name of the ValidatingWebhookConfiguration into whose caBundle the controller writes the CA that it made',
  ),
  flag('disable-sync-events', 'bool', 'false', 'record no Events on Ingresses when their changes take effect'),
  flag(
    'enable-metrics',
    'bool',
    'true',
    'serve all metrics on --healthz-port (docs/metrics.md); otherwise /metrics has only the metrics of the process, and NGINX counts nothing',
  ),
  ...METRICS_FLAGS,
  ...WEBHOOK_FLAGS,
  flag(
    'shutdown-grace-period',
    'number',
    '0',
    'seconds after SIGTERM during which NGINX still serves requests but is not ready',
  ),
  flag(
    'post-shutdown-grace-period',
    'number',
    '0',
    'seconds that the controller waits before it ends, after --shutdown-grace-period; not needed, because NGINX ends after the controller',
  ),
  flag(
    'template-dir',
    'text',
    '',
    'folder with nginx.conf.hbs and server.hbs that replace the built-in ones (docs/templates.md); up reloads them when they change',
    { ...ALL, word: 'dir' },
  ),
  flag('log-format', 'choice', 'json', 'text; or one JSON object per line: json, ecs (Elastic Common Schema) or otel', {
    ...SERVING,
    byHand: 'text',
    word: 'format',
    choices: ['json', 'text', 'ecs', 'otel'],
  }),
  flag('log-level', 'choice', 'info', 'error, warn, info or debug', {
    ...UP,
    word: 'level',
    choices: ['error', 'warn', 'info', 'debug'],
  }),
  flag('v', 'number', '0', 'verbosity; 2 or more also logs details'),
  flag('version', 'bool', 'false', 'print the version and exit'),
  flag(
    'enable-ssl-passthrough',
    'bool',
    'false',
    'pass TLS connections for hosts with the annotation ssl-passthrough to their backends without decrypting them; ' +
      'see docs/tls-passthrough.md',
    ALL,
  ),
  flag('processors', 'number', '2', 'number of worker processes if worker-processes is auto', {
    commands: ['render', 'explain', 'ui'],
    range: [1, 512],
  }),
  flag(
    'output',
    'choice',
    'conf',
    'what to print: conf, live, problems, or json for all three; private keys are left out',
    {
      commands: ['render'],
      letter: 'o',
      word: 'what',
      choices: ['conf', 'live', 'problems', 'json'],
    },
  ),
  flag('output', 'choice', 'text', 'format of the report: text or json', {
    ...CHECK,
    letter: 'o',
    word: 'format',
    choices: ['text', 'json'],
  }),
  ...EXPLAIN_FLAGS,
  ...MIGRATE_FLAGS,
  ...UI_FLAGS,
  flag(
    'strict',
    'bool',
    'false',
    'fail also because of keys that are unknown, misspelt, have a wrong prefix or have no effect; with --complete, also ' +
      'because of missing objects',
    CHECK,
  ),
  flag(
    'complete',
    'bool',
    'false',
    'the manifests are all that the cluster holds: also report missing Secrets, Services without endpoints, names that ' +
      'are not resolved and kinds that are not read',
    CHECK,
  ),
  flag(
    'each',
    'bool',
    'false',
    'treat each given path as a cluster of its own, such as each overlay; otherwise all belong to one cluster',
    CHECK,
  ),
  ...ASKING_FLAGS,
] as const;

const OF_BOUNDS: readonly FlagRow[] = Object.values(BOUNDS).map((bound) =>
  flag(bound.flag, 'number', `${bound.fallback}`, `at most this many ${bound.about}; see docs/bounds.md`, {
    ...ALL,
    range: [bound.least, bound.most],
  }),
);

const TABLE: readonly FlagRow[] = [...ROWS, ...OF_BOUNDS, ...IDLE_FLAGS];

/** The flags of a command, each with its default for that command. */
export function flagsOf(command: Command): readonly FlagRow[] {
  return TABLE.filter(({ commands = ['controller'] }) => commands.includes(command)).map((row) =>
    command === 'controller' || row.byHand === undefined ? row : { ...row, fallback: row.byHand },
  );
}

/** The values of a command's flags, by their names in camel case. Flags of bounds are not included. */
export type Flags<C extends Command> = FlagValues<(typeof ROWS)[number], C>;
