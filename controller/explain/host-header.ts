/** Reads the name in a Host header as NGINX does (ngx_http_validate_host). */
import { lowerCase } from './bytes.ts';

/** The name without its port and final dot, in lower case; undefined if NGINX answers 400. */
export function hostName(written: string): string | undefined {
  if (/[\0-\x20\x7f/]|\.\./.test(written)) return undefined;
  const bracketed = written.startsWith('[');
  const end = bracketed ? written.indexOf(']') + 1 : written.indexOf(':');
  if (bracketed && end === 0) return undefined;
  const name = (end < 0 ? written : written.slice(0, end)).replace(/\.$/, '');
  return name === '' ? undefined : lowerCase(name);
}

/**
 * `$tidegate_host`: the Host header with its port and in its original case, if it names the host that NGINX uses
 * (`$host`); otherwise `$host`. See the `map` in templates/nginx.conf.hbs.
 */
export function askedHost(host: string, written: string | undefined): string {
  if (written === undefined) return host;
  const rest = lowerCase(written).startsWith(host) ? written.slice(host.length) : undefined;
  return rest !== undefined && /^\.?(?::\d*)?$/.test(rest) ? written : host;
}
