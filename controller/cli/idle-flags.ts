/**
 * Flags of ingress-nginx that have no effect in Tidegate. They are accepted, so that old command lines keep working,
 * and reported with the text given here. `later`: the feature is not supported yet. `none`: the flag has no meaning in
 * Tidegate, for the reason given.
 */
import { flag, type FlagRow, type FlagType } from '../types/flag.ts';

function later(name: string, type: FlagType, fallback: string, about: string): FlagRow {
  return flag(name, type, fallback, about, { state: 'later' });
}
function none(name: string, type: FlagType, about: string): FlagRow {
  return flag(name, type, '', about, { state: 'none' });
}

const LOGGING = 'it configures the logging library klog, and Tidegate logs to standard output without klog';

export const IDLE_FLAGS: readonly FlagRow[] = [
  later('maxmind-license-key', 'text', '', 'Tidegate does not read GeoIP databases yet'),
  later('maxmind-edition-ids', 'text', '', 'Tidegate does not read GeoIP databases yet'),
  later('maxmind-mirror', 'text', '', 'Tidegate does not read GeoIP databases yet'),
  later('maxmind-retries-count', 'number', '1', 'Tidegate does not read GeoIP databases yet'),
  later('maxmind-retries-timeout', 'duration', '0s', 'Tidegate does not read GeoIP databases yet'),

  none(
    'ssl-passthrough-proxy-port',
    'port',
    'TLS connections that are not passed through reach NGINX on a unix socket',
  ),
  none('health-check-timeout', 'number', 'the health check sends no request, so there is nothing to time out'),
  none(
    'disable-full-test',
    'bool',
    'the webhook never builds all Ingresses: it builds what a change affects, and finds conflicts with other Ingresses',
  ),
  none('monitor-max-batch-size', 'number', 'workers add requests up and drop none, so there are no batches'),
  none('sync-period', 'duration', 'watches are resumed without losing changes, so no regular resync is needed'),
  none('enable-annotation-validation', 'bool', 'annotation values are always validated'),
  none(
    'deep-inspect',
    'bool',
    'no string of an Ingress is copied into nginx.conf unchecked, so there is nothing to search for',
  ),
  none('default-server-port', 'port', 'the built-in 404 needs no port'),
  none('dynamic-configuration-retries', 'number', 'live data is sent again until NGINX has accepted it'),
  none('profiling', 'bool', "Go's profiler does not exist in Tidegate"),
  none('profiler-port', 'port', "Go's profiler does not exist in Tidegate"),
  none('profiler-address', 'text', "Go's profiler does not exist in Tidegate"),
  none('internal-logger-address', 'text', 'Tidegate has no chroot image'),
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
