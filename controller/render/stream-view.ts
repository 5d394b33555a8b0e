/** Makes the view of templates/stream.hbs from a Plan: plain objects whose leaves are ConfValues and booleans. */
import { comment } from '../types/conf-comment.ts';
import { filePath, integer, parameter, unixSocket, word } from '../types/conf-value.ts';
import type { StaticPlan } from '../types/plan.ts';
import { portEntry } from '../types/session-metrics.ts';
import type { StreamPlan, StreamServer } from '../types/stream.ts';
import { streamListens, tlsAddresses } from './listens.ts';
import type { RenderOptions } from './options.ts';
import { runNames } from './run-names.ts';
import { tlsListener } from './tls-listener.ts';
import { directiveView } from './server-view.ts';

/** `# TCP 5432 -> shop/db:5432` */
function whose({ protocol, port, service }: StreamServer) {
  return comment`${protocol} ${String(port)} -> ${service}`;
}

function serverView(server: StreamServer, streams: StreamPlan, plan: StaticPlan, options: RenderOptions) {
  const { streamDirectory } = runNames(options);
  const { proxyIn, proxyOut, certificate, protocol } = server;
  const { listens, others } = streamListens(server, plan, options);
  return {
    whose: whose(server),
    listens,
    otherAddresses: others,
    upstreamName: server.upstreamName,
    counted: word(portEntry(server)),
    endpoints: filePath(`${streamDirectory.conf}/${server.endpoints}`),
    certificate: certificate === null ? null : filePath(`${streamDirectory.conf}/${certificate}`),
    proxyOut,
    udp: protocol === 'UDP',
    responses: integer(streams.responses),
    trusted: proxyIn ? streams.trusted : [],
  };
}

/** The servers for TLS passthrough; null without it. */
function passthroughView({ passthrough, trusted }: StreamPlan, plan: StaticPlan, options: RenderOptions) {
  if (passthrough === null) return null;
  const { accepted, refused } = tlsAddresses(plan, options);
  const { tlsSocket, passedSocket } = runNames(options);
  const header = plan.listen.proxyProtocol;
  const pass = tlsListener(plan, options) === 'pass';
  return {
    pass,
    accepted,
    refused,
    // Connections have no other timeout than that of TCP for dead peers.
    parameters: [
      parameter('so_keepalive', word('on')),
      ...(pass ? [word('deferred')] : []),
      ...(header ? [word('proxy_protocol')] : []),
    ],
    httpSocket: unixSocket(tlsSocket),
    passedSocket: unixSocket(passedSocket),
    headerTimeout: header ? passthrough.headerTimeout : null,
    trusted: header ? trusted : [],
  };
}

/** Where NGINX writes what is counted about sessions; null if nothing is counted. */
export function sessionsView({ servers, passthrough }: StreamPlan, options: RenderOptions) {
  const counts = options.measures !== undefined && (servers.length > 0 || passthrough !== null);
  return counts ? runNames(options).sessions : null;
}

/** The view of templates/stream.hbs. */
export function streamView(streams: StreamPlan, plan: StaticPlan, options: RenderOptions) {
  const names = runNames(options);
  const { stream } = options;
  if (stream === undefined) throw new TypeError('a Plan with TCP or UDP services needs RenderOptions.stream');
  return {
    codeDirectory: filePath(stream.codeDirectory),
    port: integer(stream.port),
    directory: names.streamDirectory,
    ipv6: word(options.capabilities.ipv6 ? 'on' : 'off'),
    tls: streams.servers.some(({ certificate }) => certificate !== null),
    directives: streams.directives.map(directiveView),
    logFormat: streams.logFormat,
    logged: streams.access !== null,
    accessLog: streams.access?.to ?? (options.logs === 'container' ? filePath('/dev/stdout') : names.accessLog),
    sessions: sessionsView(streams, options),
    snippet: streams.snippet,
    passthrough: passthroughView(streams, plan, options),
    servers: streams.servers.map((server) => serverView(server, streams, plan, options)),
  };
}
