/** Plan → what the templates are given: plain objects whose leaves are ConfValues and booleans. */
import { createHash } from 'node:crypto';
import { type ConfValue, filePath, hex, integer, literal, seconds, size, word } from '../types/conf-value.ts';
import type { Directive } from '../types/directive.ts';
import type { FilePlan, HostPlan, LocationPlan, Pass, ServerName, StaticPlan } from '../types/plan.ts';
import type { Fragment } from './engine.ts';
import type { RenderOptions } from './options.ts';

function directiveView(directive: Directive) {
  return { name: word(directive.name), args: directive.args };
}

/** `tidegate_https_0123456789abcdef`: one upstream for each protocol and set of TLS settings. */
function upstreamName(pass: Pass): string {
  return `tidegate_${pass.protocol}${pass.tlsId === '' ? '' : `_${pass.tlsId}`}`;
}

function locationView(location: LocationPlan) {
  const { protocol } = location.pass;
  return {
    exact: location.match.kind === 'exact',
    regex: location.match.kind === 'regex',
    path: literal(location.match.text),
    route: hex(location.routeId),
    directives: location.directives.map(directiveView),
    grpc: protocol === 'grpc' || protocol === 'grpcs',
    scheme: word(protocol),
    upstream: word(upstreamName(location.pass)),
  };
}

function serverName(name: ServerName): ConfValue {
  return literal(name.kind === 'regex' ? `~${name.text}` : name.text);
}

/** Parameters of a TLS `listen` besides the address. */
function tlsParameters(options: RenderOptions): readonly ConfValue[] {
  return options.capabilities.http2Directive ? [word('ssl')] : [word('ssl'), word('http2')];
}

/** The self-signed pair as a file for ssl_certificate and ssl_certificate_key. */
export function fallbackFile(options: RenderOptions): FilePlan {
  const content = `${options.fallbackCertificate.chain.trim()}\n${options.fallbackCertificate.key.trim()}\n`;
  return { name: `${createHash('sha256').update(content).digest('hex').slice(0, 32)}.pem`, content };
}

/** View of templates/server.hbs; its ports are the ones that NGINX binds. */
export function serverView(host: HostPlan, plan: StaticPlan, options: RenderOptions) {
  const certificate = filePath(`files/${fallbackFile(options).name}`);
  return {
    isDefault: host.isDefault,
    httpPort: integer(options.httpListenPort ?? options.httpPort),
    httpsPort: integer(options.httpsListenPort ?? options.httpsPort),
    tlsParameters: tlsParameters(options),
    ipv6: options.capabilities.ipv6,
    certificate,
    certificateKey: certificate,
    forwarded: plan.forwarded !== null,
    names: host.names.map(serverName),
    locations: host.locations.map(locationView),
  };
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** Bytes of the hash bucket and number of names that nginx's table of server names needs. */
function serverNamesHash(hosts: readonly HostPlan[]): { bucket: number; max: number } {
  const names = hosts.flatMap((host) => host.names.filter((name) => name.kind === 'exact'));
  const longest = Math.max(32, ...names.map((name) => name.text.length));
  return { bucket: Math.max(128, powerOfTwo(longest + 24)), max: Math.max(1024, powerOfTwo(names.length * 2)) };
}

/** Every upstream that some location passes to, and plain HTTP in any case. */
function upstreams(hosts: readonly HostPlan[]): ConfValue[] {
  const names = new Set([upstreamName({ protocol: 'http', tlsId: '' })]);
  for (const host of hosts) for (const location of host.locations) names.add(upstreamName(location.pass));
  return [...names].sort().map(word);
}

/** View of templates/nginx.conf.hbs. */
export function confView(plan: StaticPlan, servers: Fragment, checksum: string, options: RenderOptions) {
  const hash = serverNamesHash(plan.hosts);
  const { runDirectory, capabilities } = options;
  const inContainer = options.logs === 'container';
  const statusPort = options.statusPort ?? null;
  return {
    checksum: hex(checksum),
    modules: capabilities.modules.map(filePath),
    user: capabilities.user === null ? null : word(capabilities.user),
    main: plan.main.map(directiveView),
    http: plan.http.map(directiveView),
    openFiles: integer(options.openFiles),
    workerConnections: integer(16_384),
    shutdownTimeout: seconds(240),
    errorLog: inContainer ? word('stderr') : filePath(`${runDirectory}/run/error.log`),
    accessLog: filePath(inContainer ? '/dev/stdout' : `${runDirectory}/run/access.log`),
    luaDirectory: filePath(options.luaDirectory),
    liveSize: size(options.liveSize),
    liveFile: filePath(`${runDirectory}/conf/live.data`),
    logUpstreamName: word(String(plan.logFormat.variables.includes('proxy_upstream_name'))),
    believeForwarded: word(String(plan.forwarded !== null)),
    serverNamesMax: integer(hash.max),
    serverNamesBucket: integer(hash.bucket),
    http2Directive: capabilities.http2Directive,
    logEscape: plan.logFormat.escape,
    logFormat: plan.logFormat.format,
    forwarded: plan.forwarded,
    appendForwarded: plan.forwarded?.append === true,
    httpPort: integer(options.httpPort),
    httpsPort: integer(options.httpsPort),
    hsts: plan.hsts,
    headerModules: [word('proxy'), word('grpc')],
    upstreams: upstreams(plan.hosts),
    apiSocket: filePath(inContainer ? 'api/live.sock' : `${runDirectory}/run/api/live.sock`),
    statusPort: statusPort === null ? null : integer(statusPort),
    ipv6: capabilities.ipv6,
    servers,
  };
}
