/** Determines from the settings where NGINX writes its logs. */
import { literal, word } from '../../types/conf-value.ts';
import type { LogPlan } from '../../types/plan.ts';
import { type Problem, shorten } from '../../types/problem.ts';
import type { StreamPlan } from '../../types/stream.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { Settings } from './settings.ts';
import { parameterValue } from '../values/access-log-parameters.ts';
import { type LogTarget, nameOf, targetValue } from '../values/log-targets.ts';

type LogSetting =
  'access-log-path' | 'http-access-log-path' | 'stream-access-log-path' | 'error-log-path' | 'syslog-host';

/** The target of a log, and the setting that determines it. */
interface Log {
  readonly key: LogSetting;
  readonly target: LogTarget;
}

function syslogOf(settings: Settings): Log | undefined {
  const [host, port] = [settings['syslog-host'], settings['syslog-port']];
  if (!settings['enable-syslog'] || host === undefined) return undefined;
  return { key: 'syslog-host', target: { syslog: { host, port, options: [] } } };
}

/** The access log; null if nothing is logged. */
function accessLog(settings: Settings): Log | null {
  if (settings['disable-access-log'] || settings['disable-http-access-log']) return null;
  const http = settings['http-access-log-path'];
  return (
    syslogOf(settings) ??
    (http === undefined
      ? { key: 'access-log-path', target: settings['access-log-path'] }
      : { key: 'http-access-log-path', target: http })
  );
}

/** The access log of TCP and UDP connections; null if they are not logged. It is never sent to `syslog-host`. */
function connectionLog(settings: Settings): Log | null {
  if (settings['disable-access-log'] || settings['disable-stream-access-log']) return null;
  const own = settings['stream-access-log-path'];
  return own === undefined
    ? { key: 'access-log-path', target: settings['access-log-path'] }
    : { key: 'stream-access-log-path', target: own };
}

function errorLog(settings: Settings): Log {
  return syslogOf(settings) ?? { key: 'error-log-path', target: settings['error-log-path'] };
}

/** DNS name of a syslog server → the setting that contains the name. */
function syslogNames(settings: Settings): ReadonlyMap<string, LogSetting> {
  const logs = [accessLog(settings), connectionLog(settings), errorLog(settings)].filter((log) => log !== null);
  return new Map(
    logs.flatMap(({ key, target }) => {
      const name = nameOf(target);
      return name === undefined ? [] : [[name, key] as const];
    }),
  );
}

/**
 * Adds the DNS names of syslog servers to the names that must be resolved; returns `names` itself if there are none.
 */
export function withSyslogNames(names: readonly string[], settings: Settings): readonly string[] {
  const more = syslogNames(settings);
  return more.size === 0 ? names : [...new Set([...names, ...more.keys()])].sort();
}

/** Reports names of syslog servers that were resolved but have no address. A name not resolved yet is not reported. */
export function syslogProblems(
  settings: Settings,
  { resolvedNames, configMap }: Pick<BuildOptions, 'resolvedNames' | 'configMap'>,
): readonly Problem[] {
  const [namespace = '', name = ''] = configMap.split('/');
  return [...syslogNames(settings)]
    .filter(([host]) => resolvedNames.get(host)?.length === 0)
    .map(([host, key]) => ({
      code: 'unresolved-syslog-host',
      severity: 'warning',
      effect: 'none',
      object: { kind: 'ConfigMap', namespace, name },
      field: ['data', key],
      value: shorten(host),
      message: `${host} has no address; until it has one, logs go to NGINX's default logs`,
    }));
}

export function planLogs(settings: Settings, addresses: BuildOptions['resolvedNames']): LogPlan {
  const access = accessLog(settings);
  const error = errorLog(settings);
  const to = access === null ? undefined : targetValue(access.target, addresses);
  const isFile = access === null || access.target === 'own' || 'file' in access.target;
  const level = settings['error-log-level'];
  return {
    access:
      access === null
        ? null
        : {
            to,
            parameters: isFile ? settings['access-log-params'].map(parameterValue) : [],
            skipped: settings['skip-access-log-urls'].map(literal),
          },
    error:
      error.target === 'own' && level === 'notice'
        ? null
        : { to: targetValue(error.target, addresses), level: word(level) },
  };
}

/** Where TCP and UDP connections are logged. */
export function planConnectionLog(settings: Settings, addresses: BuildOptions['resolvedNames']): StreamPlan['access'] {
  const log = connectionLog(settings);
  return log === null ? null : { to: targetValue(log.target, addresses) };
}
