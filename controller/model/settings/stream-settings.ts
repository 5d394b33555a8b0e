/** The settings of TCP and UDP connections → the stream block. */
import { ConfTree } from '../../types/conf-tree.ts';
import { integer, literal, seconds, word, wordsWithVariables } from '../../types/conf-value.ts';
import { directive, type Directive } from '../../types/directive.ts';
import type { StreamPlan, StreamServer } from '../../types/stream.ts';
import type { BuildOptions } from '../contract/options.ts';
import { planConnectionLog } from './log-plan.ts';
import type { Settings } from './settings.ts';

/** Directives for TLS with clients that the http block and the stream block have in common. */
const OF_TLS = new Set(['ssl_protocols', 'ssl_ciphers', 'ssl_ecdh_curve', 'ssl_prefer_server_ciphers']);

/** Null if nothing needs the stream block. `http`: directives of the http level. */
export function planStreams(
  settings: Settings,
  servers: readonly StreamServer[],
  http: readonly Directive[],
  { streams, resolvedNames, sslPassthrough }: Pick<BuildOptions, 'streams' | 'resolvedNames' | 'sslPassthrough'>,
): StreamPlan | null {
  const text = streams?.installed === true ? settings['stream-snippet'] : '';
  if (servers.length === 0 && text === '' && !sslPassthrough) return null;
  const tls = servers.some(({ certificate }) => certificate !== null);
  return {
    servers,
    directives: [
      directive('proxy_timeout', seconds(settings['proxy-stream-timeout'])),
      directive('proxy_connect_timeout', seconds(settings['proxy-connect-timeout'])),
      directive('proxy_next_upstream', word(settings['proxy-stream-next-upstream'] ? 'on' : 'off')),
      directive('proxy_next_upstream_timeout', seconds(settings['proxy-stream-next-upstream-timeout'])),
      directive('proxy_next_upstream_tries', integer(settings['proxy-stream-next-upstream-tries'])),
      ...(tls ? http.filter(({ name }) => OF_TLS.has(name)) : []),
      ...(tls ? [directive('ssl_session_tickets', word('off'))] : []),
    ],
    responses: settings['proxy-stream-responses'],
    access: planConnectionLog(settings, resolvedNames),
    logFormat: wordsWithVariables(settings['log-format-stream']),
    trusted: settings['proxy-real-ip-cidr'].map((network) => literal(network)),
    passthrough: sslPassthrough ? { headerTimeout: seconds(settings['proxy-protocol-header-timeout']) } : null,
    snippet: text === '' ? null : new ConfTree(text, 4),
  };
}
