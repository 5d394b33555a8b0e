/** Live data for a subrequest that Lua sends instead of NGINX; nginx/lua/tidegate/auth/exchange.lua reads it. */
import type { ConfValue } from '../../../types/conf-value.ts';
import type { LiveAuthRequest } from '../../../types/live-external-auth.ts';
import type { LiveRoute } from '../../../types/live-route.ts';
import type { UpstreamHeader } from '../../../types/upstream-headers.ts';
import type { Settings } from '../../settings/settings.ts';
import { isHostname } from '../../values/names.ts';
import type { ExternalAuth } from './external-auth.ts';

/**
 * Methods that NGINX does not retry, because such requests may not be idempotent. In a subrequest, NGINX would treat
 * them as GET, and would retry.
 */
export const NOT_TWICE: ReadonlySet<string> = new Set(['POST', 'PATCH', 'CONNECT']);

/** Splits a value of nginx.conf into strings and variables. */
function piecesOfValue({ meaning }: ConfValue): readonly string[] {
  const parts = meaning.split(/(\$\{\w+\}|\$\w+)/).filter((piece) => piece !== '');
  return parts.map((piece) => piece.replace(/^\$\{(\w+)\}$/, '$$$1'));
}

/** Live data for Lua; empty if NGINX sends the subrequest. `target` is the host of the URL. */
export function exchangeOf(
  auth: ExternalAuth,
  { timeouts, settings }: { readonly timeouts: LiveRoute['timeouts']; readonly settings: Settings },
  headers: readonly UpstreamHeader[],
  target: string,
): Pick<LiveAuthRequest, 'exchange'> {
  const { exchange, method = 'GET', url } = auth;
  if (exchange === undefined) return {};
  const { passes, ...connections } = exchange;
  const seconds = ['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout'] as const;
  const [connect = 0, send = 0, read = 0] = seconds.map((name) => settings[name] * 1000);
  return {
    exchange: {
      scheme: url.protocol,
      ...(url.protocol === 'https' && isHostname(target) && { serverName: target }),
      method,
      ...(!NOT_TWICE.has(method) && { again: true as const }),
      ...connections,
      timeouts: timeouts ?? [connect, send, read],
      ...(passes && { passes: true as const }),
      headers: headers.map(({ name, value }) => [name, piecesOfValue(value)]),
    },
  };
}
