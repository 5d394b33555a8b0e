/** Targets of logs: NGINX's default log, a file, or a syslog server. */
import ipaddr from 'ipaddr.js';
import { type ConfValue, filePath, syslogServer } from '../../types/conf-value.ts';
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { isHostname, isNumericHost } from './names.ts';

/** A syslog server. `host` is an IP address without brackets, or a DNS name; `options` are nginx's (`tag=shop`). */
export interface SyslogTarget {
  readonly host: string;
  readonly port: number;
  readonly options: readonly string[];
}

/** Where a log is written. `own`: the file or stream to which this NGINX writes the log by default. */
export type LogTarget = 'own' | { readonly file: string } | { readonly syslog: SyslogTarget };

const SYSLOG = 'syslog:server=';
const OPTION = /^(?:nohostname|tag=[A-Za-z0-9_]{1,32}|severity=[a-z]+|facility=[a-z0-9]+)$/;
/** Levels of nginx's error log, the most verbose first. They are also the severities of syslog. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'] as const;
const FACILITIES: ReadonlySet<string> = new Set(
  (
    'kern user mail daemon auth intern lpr news uucp clock authpriv ftp ntp audit alert cron ' +
    'local0 local1 local2 local3 local4 local5 local6 local7'
  ).split(' '),
);

/** An IP address, or a DNS name in lower case; undefined for anything else. */
function hostOf(text: string): string | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return bare;
  if (bare.includes(':') && !bare.includes('%') && ipaddr.IPv6.isValid(bare)) return ipaddr.parse(bare).toString();
  const name = text.toLowerCase();
  return isHostname(name) && !isNumericHost(name) ? name : undefined;
}

function isOption(option: string): boolean {
  const [name, value = ''] = option.split('=');
  if (!OPTION.test(option)) return false;
  return name === 'severity'
    ? LOG_LEVELS.some((level) => level === value)
    : name !== 'facility' || FACILITIES.has(value);
}

/** Parses the text after `syslog:server=`; undefined if it is invalid. */
function readSyslog(text: string): SyslogTarget | undefined {
  const [server = '', ...options] = text.split(',');
  const [, address = '', port = '514'] = /^(\[[^\]]*\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(server) ?? [];
  const host = hostOf(address);
  const names = options.map((option) => option.split('=')[0]);
  if (host === undefined || !options.every(isOption) || new Set(names).size < names.length) return undefined;
  return Number(port) >= 1 && Number(port) <= 65535 ? { host, port: Number(port), options } : undefined;
}

/**
 * Parser for the target of a log. `own`: the path that stands for NGINX's default log, because it is the default of
 * ingress-nginx. `more`: other accepted words.
 */
function logTarget(own: string, more: readonly string[]): Parser<LogTarget> {
  return {
    accepts: [
      ...more,
      'an absolute file path, or syslog:server=HOST:PORT, optionally followed by options of nginx',
    ].join(', '),
    parse: (raw) => {
      if (raw === own) return accept('own');
      if (more.includes(raw)) return accept({ file: raw });
      if (raw.startsWith(SYSLOG)) {
        const syslog = readSyslog(raw.slice(SYSLOG.length));
        return syslog === undefined ? reject('is not a valid syslog server') : accept({ syslog });
      }
      if (!/^\/[A-Za-z0-9_./-]*[A-Za-z0-9_-]$/.test(raw)) return reject('is not a file path');
      const tooLong = notOneWord(raw);
      if (tooLong !== undefined) return reject(tooLong);
      if (raw.split('/').includes('..')) return reject('contains ..');
      return accept({ file: raw });
    },
  };
}

export const accessLogTarget = logTarget('/var/log/nginx/access.log', []);
export const errorLogTarget = logTarget('/var/log/nginx/error.log', ['stderr']);

/** The host of a syslog server: an IP address or a DNS name. */
export const syslogHost: Parser<string> = {
  accepts: 'an IP address or a DNS name',
  parse: (raw) => {
    const host = hostOf(raw);
    return host === undefined ? reject('is neither an IP address nor a DNS name') : accept(host);
  },
};

/** The DNS name that must be resolved for a target; undefined if there is none. */
export function nameOf(target: LogTarget | null): string | undefined {
  if (target === null || target === 'own' || 'file' in target) return undefined;
  return ipaddr.isValid(target.syslog.host) ? undefined : target.syslog.host;
}

/** The target in nginx's syntax; undefined for NGINX's default log, which also replaces a server without an address. */
export function targetValue(
  target: LogTarget,
  addresses: ReadonlyMap<string, readonly string[]>,
): ConfValue | undefined {
  if (target === 'own') return undefined;
  if ('file' in target) return filePath(target.file);
  const { host, port, options } = target.syslog;
  const address = nameOf(target) === undefined ? host : addresses.get(host)?.[0];
  return address === undefined ? undefined : syslogServer(address, port, options);
}
