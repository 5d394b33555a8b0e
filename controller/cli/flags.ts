/**
 * The flags of `tidegate controller`, by the names that ingress-nginx gave them. One table: the parser, `--help` and
 * docs/flags.md are made from it. `later`: understood, and reported as not built yet. `none`: means nothing here, and
 * the reason says why; accepted so that old command lines keep working.
 */

import { UNTIL_EXPIRY } from './keep-certificates.ts';
import { BOUNDS } from '../model/bounds/bounds.ts';

export type FlagType = 'text' | 'bool' | 'number' | 'duration' | 'object' | 'port' | 'ranges';

export interface FlagRow {
  readonly name: string;
  readonly type: FlagType;
  /** Value where the flag is not given. */
  readonly fallback: string;
  readonly about: string;
  readonly state: 'works' | 'later' | 'none';
  /** Of a whole number: what it may be. */
  readonly range?: readonly [least: number, most: number];
}

function works(name: string, type: FlagType, fallback: string, about: string): FlagRow {
  return { name, type, fallback, about, state: 'works' };
}
function later(name: string, type: FlagType, fallback: string, about: string): FlagRow {
  return { name, type, fallback, about, state: 'later' };
}
function none(name: string, type: FlagType, about: string): FlagRow {
  return { name, type, fallback: '', about, state: 'none' };
}

const LOGGING = 'klog writes files; logs go to standard output here';
const REQUEST_METRICS = 'metrics of requests are not built yet';
const WEBHOOK = 'the admission webhook is not built yet';

export const FLAGS: readonly FlagRow[] = [
  works('apiserver-host', 'text', '', 'URL of the API server; empty: in-cluster, or the kubeconfig'),
  works('certificate-authority', 'text', '', 'CA file for --apiserver-host'),
  works('kubeconfig', 'text', '', 'path of a kubeconfig file'),
  works('run-dir', 'text', '/run/tidegate', 'folder shared with NGINX: conf/ and run/ are below it'),
  works('ingress-class', 'text', 'nginx', 'value of the legacy annotation kubernetes.io/ingress.class that is served'),
  works('controller-class', 'text', 'k8s.io/ingress-nginx', 'spec.controller of the IngressClasses that are served'),
  works(
    'ingress-class-by-name',
    'bool',
    'false',
    'serve the IngressClass named by --ingress-class whatever its spec.controller is',
  ),
  works('watch-ingress-without-class', 'bool', 'false', 'serve Ingresses that name no class'),
  works('configmap', 'object', '', 'namespace/name of the ConfigMap with the settings'),
  works(
    'default-backend-service',
    'object',
    '',
    'namespace/name of the Service for requests that no rule matches; empty: a built-in 404',
  ),
  works(
    'default-ssl-certificate',
    'object',
    '',
    'namespace/name of the Secret for TLS names without a certificate; empty: a self-signed one',
  ),
  works(
    'keep-certificates',
    'text',
    UNTIL_EXPIRY,
    'how long the last good content of a Secret or ConfigMap that cannot be used any more stays in force, and the certificate of a deleted Secret: until-expiry, 0, or a time such as 36h or 7d',
  ),
  works('annotations-prefix', 'text', 'nginx.ingress.kubernetes.io', 'what the names of annotations begin with'),
  works('disable-catch-all', 'bool', 'false', 'leave out Ingresses with spec.defaultBackend'),
  works(
    'redirect-trailing-slash',
    'bool',
    'false',
    'answer 301 to /foo/ on /foo where a Prefix path is written /foo/, as ingress-nginx; it is served otherwise',
  ),
  works(
    'strict-paths',
    'bool',
    'false',
    'rewrite-target and use-regex make regular expressions of the paths of their own Ingress only, not of the whole host',
  ),
  works(
    'isolate-namespaces',
    'bool',
    'false',
    'Ingresses change nothing about hosts and paths of other namespaces; the chart sets it, see docs/security.md',
  ),
  works(
    'strict-access',
    'bool',
    'false',
    'redirects, CORS preflight, 404 and 503 without a backend come after address lists and authentication, not before; see docs/security.md',
  ),
  works(
    'ignore-modsecurity',
    'bool',
    'false',
    'serve paths that ask for ModSecurity without it: it is not built yet, and they answer 503 otherwise',
  ),
  ...Object.values(BOUNDS).map(({ flag, about, fallback, least, most }): FlagRow => ({
    ...works(flag, 'number', `${fallback}`, `${about}: at most so many; see docs/bounds.md`),
    range: [least, most],
  })),
  works('disable-svc-external-name', 'bool', 'false', 'ExternalName Services get no endpoints'),
  works(
    'allow-addresses',
    'ranges',
    '',
    'comma-separated addresses or ranges that endpoints and DNS names may lead to although they are loopback, link-local, metadata services and the like; see docs/security.md',
  ),
  works('watch-namespace', 'text', '', 'watch this namespace only, which has to exist; needs no rights beyond it'),
  works(
    'watch-namespace-selector',
    'text',
    '',
    'watch the namespaces with these labels; not together with --watch-namespace',
  ),
  works(
    'enable-topology-aware-routing',
    'bool',
    'false',
    'prefer endpoints whose zone hints name the zone of the own node; all are used where one has no hint or none fits',
  ),
  works(
    'enable-ssl-chain-completion',
    'bool',
    'false',
    'fetch intermediate certificates that a Secret lacks from where the certificates say (CA Issuers, http or https)',
  ),
  works('http-port', 'port', '80', 'port that clients use for HTTP: headers and redirects'),
  works('https-port', 'port', '443', 'port that clients use for HTTPS: headers and redirects'),
  works('http-listen-port', 'port', '8080', 'port that NGINX binds for HTTP'),
  works('https-listen-port', 'port', '8443', 'port that NGINX binds for HTTPS'),
  works('status-port', 'port', '10246', 'port on which NGINX answers /ready, /healthz and /nginx_status'),
  works('healthz-port', 'port', '10254', 'port of /healthz and /metrics of the controller'),
  works('healthz-host', 'text', '', 'address of that port; empty: all'),
  works('health-check-path', 'text', '/healthz', 'path of the health check'),
  works(
    'health-check-timeout',
    'number',
    '10',
    'seconds without a sign of life of the control loop after which the health check fails',
  ),
  works(
    'sync-rate-limit',
    'number',
    '0.67',
    'reloads a second at the most, so one in 1.5 s; live changes never wait. ingress-nginx said 0.3 and meant every change',
  ),
  works(
    'max-draining-workers',
    'number',
    '0',
    'workers of former configurations that may stay for their long connections; beyond, the oldest close theirs over some seconds. 0: eight for each worker process',
  ),
  works('update-status', 'bool', 'true', 'write the addresses into the status of the Ingresses'),
  works('update-status-on-shutdown', 'bool', 'true', 'the last pod takes them out again'),
  works(
    'publish-service',
    'object',
    '',
    'namespace/name of the Service whose address is written; not together with --publish-status-address',
  ),
  works('publish-status-address', 'text', '', 'comma-separated addresses to write instead'),
  works(
    'report-node-internal-ip-address',
    'bool',
    'false',
    'write the internal address of the nodes where neither is given',
  ),
  works('status-update-interval', 'number', '60', 'seconds between looks at the status; changes do not wait for it'),
  works('election-id', 'text', 'ingress-controller-leader', 'name of the Lease in the own namespace'),
  works('election-ttl', 'duration', '30s', 'how long the Lease holds without being renewed'),
  works('disable-leader-election', 'bool', 'false', 'no Lease; no status is written'),
  works('disable-sync-events', 'bool', 'false', 'no Events on Ingresses that are served'),
  works('enable-metrics', 'bool', 'true', 'serve /metrics'),
  works(
    'shutdown-grace-period',
    'number',
    '0',
    'seconds between SIGTERM and the end, in which NGINX serves and is not ready',
  ),
  works(
    'post-shutdown-grace-period',
    'number',
    '0',
    'seconds to wait after that; NGINX ends after the controller here, so there is nothing to wait for',
  ),
  works(
    'template-dir',
    'text',
    '',
    'folder with nginx.conf.hbs and server.hbs in place of the built-in ones; followed',
  ),
  works('log-format', 'text', 'json', 'json: one object a line; or text'),
  works('v', 'number', '0', 'verbosity: 2 and more logs details'),
  works('version', 'bool', 'false', 'print the version and end'),

  later('tcp-services-configmap', 'object', '', 'TCP services are not built yet'),
  later('udp-services-configmap', 'object', '', 'UDP services are not built yet'),
  later(
    'enable-ssl-passthrough',
    'bool',
    'false',
    'TLS passthrough is not built yet; paths that ask for it answer 503',
  ),
  later('ssl-passthrough-proxy-port', 'port', '442', 'TLS passthrough is not built yet'),
  later('stream-port', 'port', '10247', 'TCP and UDP services are not built yet'),
  later('validating-webhook', 'text', '', WEBHOOK),
  later('validating-webhook-certificate', 'text', '', WEBHOOK),
  later('validating-webhook-key', 'text', '', WEBHOOK),
  later('disable-full-test', 'bool', 'false', WEBHOOK),
  later('metrics-per-host', 'bool', 'true', REQUEST_METRICS),
  later('metrics-per-undefined-host', 'bool', 'false', REQUEST_METRICS),
  later('report-status-classes', 'bool', 'false', REQUEST_METRICS),
  later('time-buckets', 'text', '', REQUEST_METRICS),
  later('length-buckets', 'text', '', REQUEST_METRICS),
  later('size-buckets', 'text', '', REQUEST_METRICS),
  later('bucket-factor', 'number', '0', REQUEST_METRICS),
  later('max-buckets', 'number', '100', REQUEST_METRICS),
  later('exclude-socket-metrics', 'text', '', REQUEST_METRICS),
  later('monitor-max-batch-size', 'number', '10000', REQUEST_METRICS),
  later('maxmind-license-key', 'text', '', 'GeoIP is not built yet'),
  later('maxmind-edition-ids', 'text', '', 'GeoIP is not built yet'),
  later('maxmind-mirror', 'text', '', 'GeoIP is not built yet'),
  later('maxmind-retries-count', 'number', '1', 'GeoIP is not built yet'),
  later('maxmind-retries-timeout', 'duration', '0s', 'GeoIP is not built yet'),

  none('sync-period', 'duration', 'the watches resume and compare by themselves; there is nothing to sync again'),
  none('enable-annotation-validation', 'bool', 'values are always checked'),
  none('deep-inspect', 'bool', 'no text of an Ingress becomes configuration, so there is nothing to look for in it'),
  none('default-server-port', 'port', 'the built-in 404 needs no port'),
  none('dynamic-configuration-retries', 'number', 'live data are sent until NGINX has them'),
  none('profiling', 'bool', "Go's profiler"),
  none('profiler-port', 'port', "Go's profiler"),
  none('profiler-address', 'text', "Go's profiler"),
  none('internal-logger-address', 'text', 'there is no chroot image'),
  ...[
    'logtostderr',
    'alsologtostderr',
    'stderrthreshold',
    'vmodule',
    'log_dir',
    'log_file',
    'log_file_max_size',
    'log_backtrace_at',
    'add_dir_header',
    'skip_headers',
    'skip_log_headers',
    'one_output',
    'legacy_stderr_threshold_behavior',
    'alsologtostderrthreshold',
  ].map((name) => none(name, 'text', LOGGING)),
];
