/** Makes the view of templates/nginx.conf.hbs from a Plan: plain objects whose leaves are ConfValues and booleans. */
import { filePath, hex, integer, seconds, size, word } from '../types/conf-value.ts';
import type { KeepalivePlan, StaticPlan } from '../types/plan.ts';
import { measuresText } from '../types/request-metrics.ts';
import { SESSION_BOUNDS_TEXT } from '../types/session-metrics.ts';
import type { Fragment } from './engine.ts';
import type { ConfFacts } from './facts.ts';
import { otherAddresses } from './listens.ts';
import type { RenderOptions } from './options.ts';
import { quicKeyFile } from './quic-key-file.ts';
import { runNames } from './run-names.ts';
import type { RunNames } from './run-names.ts';
import { directiveView } from './server-view.ts';
import { sessionsView } from './stream-view.ts';
import { receivedClientAddress, isProxiedTo, peerVariable } from './tls-listener.ts';
import { setHeaders } from './upstream-headers.ts';

/** nginx's default for keepalive_time; the directive is omitted for this value. */
const KEEPALIVE_TIME = 3600;

/**
 * The number of idle connections per upstream. Even if all upstreams have this many, a quarter of a worker's
 * connections remains for connections in use. Each upstream may have at least 8, however many upstreams there are.
 */
function idleConnections(wanted: number, pools: number, workerConnections: number): number {
  return Math.min(wanted, Math.max(8, Math.floor((workerConnections * 3) / 4 / pools)));
}

/** Settings for idle connections; null if connections are not kept open. */
function keepaliveView(
  { connections, time, timeout, requests }: KeepalivePlan,
  pools: number,
  workerConnections: number,
) {
  if (connections === 0) return null;
  return {
    connections: integer(idleConnections(connections, pools, workerConnections)),
    time: time === KEEPALIVE_TIME ? null : seconds(time),
    timeout: seconds(timeout),
    requests: integer(requests),
  };
}

/** The logs: destinations, format, and which requests are logged. */
function logsView(
  { logs, logFormat, variables, clientTexts }: StaticPlan,
  kind: RenderOptions['logs'],
  names: RunNames,
) {
  const inContainer = kind === 'container';
  const ownErrorLog = inContainer ? word('stderr') : names.errorLog;
  return {
    errorLog: ownErrorLog,
    logged: logs.access !== null,
    accessLog: logs.access?.to ?? (inContainer ? filePath('/dev/stdout') : names.accessLog),
    accessLogParameters: logs.access?.parameters ?? [],
    skipped: logs.access?.skipped ?? [],
    errors: logs.error === null ? null : { to: logs.error.to ?? ownErrorLog, level: logs.error.level },
    logUpstreamName: word(String(variables.has('proxy_upstream_name'))),
    logTries: word(String(variables.has('tidegate_tries'))),
    logReason: word(String(variables.has('tidegate_reason'))),
    logUtf8: clientTexts.length === 0 ? null : word(clientTexts.join(':')),
    logEscape: logFormat.escape,
    logFormat: logFormat.format,
  };
}

/** The parts of nginx.conf that are rendered and verified separately. */
export interface Fragments {
  /** Null if there are no declarations. */
  readonly declarations: Fragment | null;
  /** The stream block; null if there is none. */
  readonly streams: Fragment | null;
  readonly servers: Fragment;
}

function addressView(plan: StaticPlan, options: RenderOptions) {
  const clientAddress = receivedClientAddress(plan, options);
  const addressList = clientAddress?.list ?? null;
  return {
    clientAddress,
    addressList,
    mapsClient: plan.blocks && addressList === null,
    trustedNetworks: plan.clientAddress?.trusted ?? [],
    peer: peerVariable(plan, options),
    proxiesTls: isProxiedTo(plan, options),
    judgesPeers: plan.forwarded !== null || addressList !== null,
  };
}

function forwardedView({ forwarded }: StaticPlan) {
  return {
    forwarded,
    believeForwarded: word(String(forwarded?.headers === true)),
    appendForwarded: forwarded?.append === true,
  };
}

/**
 * Size of the dictionary through which the workers hand over what they have counted. Two workers that each count in
 * 1,000 series per second fill it in half a minute.
 */
const METRICS_SIZE = '16m';

/** What the workers count; null if metrics are off. */
function metricsView({ streams }: StaticPlan, options: RenderOptions) {
  const { measures } = options;
  if (measures === undefined) return null;
  const sessions = streams === null ? null : sessionsView(streams, options);
  return {
    size: size(METRICS_SIZE),
    measures: word(measuresText(measures)),
    hosts: word(String(measures.undefinedHosts)),
    sessions: sessions === null ? null : { path: sessions.path, bounds: word(SESSION_BOUNDS_TEXT) },
  };
}

/** Clients leave this port out of the Host header of requests over TLS. */
const USUAL_PORT = 443;

function http3View({ http3 }: StaticPlan, options: RenderOptions) {
  if (http3 === null) return null;
  const { httpsPort, httpsListenPort = httpsPort } = options;
  return {
    altSvc: http3.altSvc,
    port: integer(httpsListenPort),
    hostKey: filePath(`files/${quicKeyFile(options).name}`),
    hostPort: httpsPort === USUAL_PORT ? null : integer(httpsPort),
  };
}

/** The view of templates/nginx.conf.hbs. */
export function confView(
  plan: StaticPlan,
  { declarations, streams, servers }: Fragments,
  checksum: string,
  facts: ConfFacts,
  options: RenderOptions,
) {
  const { capabilities } = options;
  const names = runNames(options);
  const statusPort = options.statusPort ?? null;
  return {
    checksum: hex(checksum),
    modules: [
      ...capabilities.modules,
      ...((plan.brotli ? capabilities.brotli : undefined) ?? []),
      ...((plan.streams === null ? undefined : capabilities.stream) ?? []),
      ...((plan.snippets.headersMore ? capabilities.headersMore : undefined) ?? []),
    ].map(filePath),
    user: capabilities.user === null ? null : word(capabilities.user),
    snippets: plan.snippets,
    main: plan.main.map(directiveView),
    http: plan.http.map(directiveView),
    limitRate: plan.http.some(({ name }) => name === 'limit_rate'),
    ...logsView(plan, options.logs, names),
    events: plan.events.map(directiveView),
    luaDirectory: filePath(options.luaDirectory),
    liveSize: size(options.liveSize ?? `${plan.liveMegabytes}m`),
    liveFile: names.liveFile,
    metrics: metricsView(plan, options),
    statusAllowed: plan.statusAllowed,
    blocks: word(String(plan.blocks)),
    strictAccess: options.strictAccess === true,
    proxyProtocol: plan.listen.proxyProtocol,
    serverNamesMax: integer(Math.max(facts.serverNames.max, plan.serverNames.max)),
    serverNamesBucket: integer(Math.max(facts.serverNames.bucket, plan.serverNames.bucket)),
    http2Directive: capabilities.http2Directive && plan.http2,
    http3: http3View(plan, options),
    ...addressView(plan, options),
    ...forwardedView(plan),
    httpPort: integer(options.httpPort),
    httpsPort: integer(options.httpsPort),
    hsts: plan.hsts,
    responseHeaders: plan.responseHeaders,
    exposeReason: plan.exposeReason,
    serverTokens: word(plan.serverTokens ? 'on' : 'off'),
    requestIds: plan.requestIds,
    upstreamHeaders: (['proxy', 'grpc'] as const).flatMap((module) => setHeaders(module, plan.upstreamHeaders)),
    upstreams: facts.upstreams.map(word),
    keepalive: keepaliveView(plan.keepalive, facts.upstreams.length, plan.workerConnections),
    apiSocket: names.apiSocket,
    statusPort: statusPort === null ? null : integer(statusPort),
    ipv6: capabilities.ipv6,
    otherAddresses: otherAddresses(plan, options),
    declarations,
    streams,
    servers,
  };
}
