/** Plan → what the templates are given: plain objects whose leaves are ConfValues and booleans. */
import { createHash } from 'node:crypto';
import { type ConfValue, filePath, hex, integer, literal, seconds, size, word } from '../types/conf-value.ts';
import { type Declaration, uniqueDeclarations } from '../types/declaration.ts';
import type { Directive } from '../types/directive.ts';
import type { FilePlan, HostPlan, KeepalivePlan, LocationPlan, ServerName, StaticPlan } from '../types/plan.ts';
import { addsHeaders, repeatedHeaders, withoutSet } from './beside-snippets.ts';
import type { Fragment } from './engine.ts';
import { fastcgiParams } from './fastcgi-params.ts';
import { listens, otherAddresses } from './listens.ts';
import type { RenderOptions } from './options.ts';
import { withChanges } from '../types/upstream-headers.ts';
import { setHeaders } from './upstream-headers.ts';

/**
 * Locations are spread over so many upstreams of the same kind. NGINX walks through all idle connections of an upstream
 * for one to the endpoint it wants, and keeps only so many: in a single one thousands of endpoints push each other out.
 */
const POOLS = 64;
/** That of nginx; it is not written where it is wanted. */
const KEEPALIVE_TIME = 3600;

function directiveView(directive: Directive) {
  return { name: word(directive.name), args: directive.args };
}

const poolNames = new Map<string, string>();

/** `_0123456789abcdef_7`: behind the protocol, its own for each set of TLS settings, in POOLS parts. */
function poolName({ pass, routeId }: Pick<LocationPlan, 'pass' | 'routeId'>): string {
  const pool = Number.parseInt(routeId.slice(-2), 16) % POOLS;
  const name = `${pass.tlsId === '' ? '' : `_${pass.tlsId}`}_${pool}`;
  if (pass.tlsId !== '') return name;
  // A few names of many thousand locations, each of them once in memory.
  const known = poolNames.get(name) ?? name;
  poolNames.set(name, known);
  return known;
}

/** `tidegate_https_0123456789abcdef_7`; two of them where the client decides. */
export function upstreamNames(location: LocationPlan): readonly string[] {
  const { protocol } = location.pass;
  const protocols = protocol === 'auto_http' ? (['http', 'https'] as const) : [protocol];
  return protocols.map((each) => `tidegate_${each}${poolName(location)}`);
}

/** `tidegate_http_7`: where the error pages of a host are fetched through. */
export function errorUpstreams({ errorPages: pages }: HostPlan): readonly string[] {
  if (pages === undefined) return [];
  return [`tidegate_http${poolName({ pass: { protocol: 'http', tlsId: '' }, routeId: pages.poolId })}`];
}

/** Nothing where a location changes nothing; FastCGI has parameters for them. */
function setHeadersOf({ pass, authRequest, upstreamHeaders: changes = [] }: LocationPlan, plan: StaticPlan) {
  if (authRequest !== undefined) return setHeaders('proxy', authRequest.headers);
  if (changes.length === 0 || pass.protocol === 'fastcgi') return [];
  const module = pass.protocol === 'grpc' || pass.protocol === 'grpcs' ? 'grpc' : 'proxy';
  return setHeaders(module, withChanges(plan.upstreamHeaders, changes));
}

/** The same beside the administrator's own: nginx takes those of a location in place of all others. */
function besideSnippet(location: LocationPlan, plan: StaticPlan) {
  const own = setHeadersOf(location, plan);
  if (location.mirror !== undefined || location.authRequest !== undefined) return own;
  return withoutSet(plan.snippets.location, own.length > 0 ? own : repeatedHeaders(plan.snippets.location, plan));
}

function locationView(location: LocationPlan, plan: StaticPlan, { strictAccess }: RenderOptions) {
  const { protocol } = location.pass;
  return {
    exact: location.match.kind === 'exact',
    regex: location.match.kind === 'regex',
    caseless: location.match.literal === undefined,
    path: literal(location.match.text),
    addressHeader: plan.clientAddress?.list?.name ?? null,
    route: hex(location.routeId),
    strictAccess: strictAccess === true,
    directives: location.directives.map(directiveView),
    mirror: location.mirror === undefined ? null : { body: location.mirror.body },
    authRequest: location.authRequest === undefined ? null : { exchange: location.authRequest.exchange },
    upstreamHeaders: besideSnippet(location, plan),
    snippet: plan.snippets.location,
    repeatsHsts: plan.hsts !== null && addsHeaders(plan.snippets.location),
    responseHeaders: location.responseHeaders === true,
    passes: {
      auto: protocol === 'auto_http',
      fastcgi: protocol === 'fastcgi',
      grpc: protocol === 'grpc' || protocol === 'grpcs',
      proxy: protocol === 'http' || protocol === 'https',
    },
    scheme: word(protocol),
    pool: word(poolName(location)),
    fastcgiParams: protocol === 'fastcgi' ? fastcgiParams(location, plan) : [],
  };
}

function serverName(name: ServerName): ConfValue {
  return literal(name.kind === 'regex' ? `~${name.text}` : name.text);
}

const fallbackFiles = new WeakMap<RenderOptions['fallbackCertificate'], FilePlan>();

/** The self-signed pair as a file for ssl_certificate and ssl_certificate_key. */
export function fallbackFile({ fallbackCertificate: pair }: RenderOptions): FilePlan {
  const known = fallbackFiles.get(pair);
  if (known !== undefined) return known;
  const content = `${pair.chain.trim()}\n${pair.key.trim()}\n`;
  const file = { name: `${createHash('sha256').update(content).digest('hex').slice(0, 32)}.pem`, content };
  fallbackFiles.set(pair, file);
  return file;
}

/** View of templates/server.hbs; its ports are the ones that NGINX binds. */
export function serverView(host: HostPlan, plan: StaticPlan, options: RenderOptions) {
  const certificate = filePath(`files/${fallbackFile(options).name}`);
  return {
    isDefault: host.isDefault,
    listens: listens(plan, options),
    certificate,
    certificateKey: certificate,
    forwarded: plan.forwarded !== null,
    addressList: (plan.clientAddress?.list ?? null) !== null,
    names: host.names.map(serverName),
    tls: host.tls === undefined ? null : host.tls.map(directiveView),
    directives: [...(host.directives ?? []), ...(host.errorPages?.directives ?? [])].map(directiveView),
    snippet: plan.snippets.server,
    repeated: {
      hsts: plan.hsts !== null && addsHeaders(plan.snippets.server),
      headers: withoutSet(plan.snippets.server, repeatedHeaders(plan.snippets.server, plan)),
    },
    errorUpstreams: errorUpstreams(host).map(word),
    errorRoute: host.errorPages?.routeId === undefined ? null : hex(host.errorPages.routeId),
    signIn: host.signIn === true,
    passesAuth: host.passesAuth === true,
    locations: host.locations.map((location) => locationView(location, plan, options)),
  };
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** What the conf around the server blocks has to know of one of them, or of some. */
export interface BlockFacts {
  /** Upstreams that its locations pass to. */
  readonly upstreams: readonly string[];
  /** What its directives refer to at the http level. */
  readonly declarations: readonly Declaration[];
  /** Its names that go into nginx's table of names: how many, and the length of the longest. */
  readonly names: { readonly count: number; readonly longest: number };
}

/** What it has to know of all of them. */
export interface ConfFacts {
  /** Names of upstreams, sorted. */
  readonly upstreams: readonly string[];
  /** Bytes of the hash bucket and number of names that nginx's table of server names needs. */
  readonly serverNames: { readonly bucket: number; readonly max: number };
}

/** All idle connections of a worker together leave it a quarter of its connections for those in use. */
function idleConnections(wanted: number, pools: number, workerConnections: number): number {
  return Math.min(wanted, Math.max(8, Math.floor((workerConnections * 3) / 4 / pools)));
}

/** Null where no connection is kept. */
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

/** Facts of several blocks together. */
export function sumFacts(blocks: readonly BlockFacts[]): BlockFacts {
  return { ...sumNames(blocks), declarations: uniqueDeclarations(blocks.map((block) => block.declarations)) };
}

type Names = Pick<BlockFacts, 'names' | 'upstreams'>;

function sumNames(blocks: readonly Names[]): Names {
  const upstreams = new Set<string>();
  let [count, longest] = [0, 0];
  for (const { upstreams: some, names } of blocks) {
    for (const name of some) upstreams.add(name);
    count += names.count;
    longest = Math.max(longest, names.longest);
  }
  return { upstreams: [...upstreams], names: { count, longest } };
}

/** Every upstream that some location passes to, and the size of the table of names. */
export function confFacts(parts: readonly BlockFacts[]): ConfFacts {
  const { upstreams, names } = sumNames(parts);
  const bucket = Math.max(128, powerOfTwo(Math.max(32, names.longest) + 24));
  return {
    upstreams: upstreams.toSorted(),
    serverNames: { bucket, max: powerOfTwo(Math.max(1, names.count * 2)) },
  };
}

/** What nginx.conf holds that was rendered and verified before. */
export interface Fragments {
  /** Null where there are none. */
  readonly declarations: Fragment | null;
  readonly servers: Fragment;
}

/** View of templates/nginx.conf.hbs. */
export function confView(
  plan: StaticPlan,
  { declarations, servers }: Fragments,
  checksum: string,
  facts: ConfFacts,
  options: RenderOptions,
) {
  const { runDirectory, capabilities } = options;
  const inContainer = options.logs === 'container';
  const statusPort = options.statusPort ?? null;
  const ownErrorLog = inContainer ? word('stderr') : filePath(`${runDirectory}/run/error.log`);
  return {
    checksum: hex(checksum),
    modules: [...capabilities.modules, ...((plan.brotli ? capabilities.brotli : undefined) ?? [])].map(filePath),
    user: capabilities.user === null ? null : word(capabilities.user),
    snippets: plan.snippets,
    main: plan.main.map(directiveView),
    http: plan.http.map(directiveView),
    limitRate: plan.http.some(({ name }) => name === 'limit_rate'),
    errorLog: ownErrorLog,
    events: plan.events.map(directiveView),
    logged: plan.logs.access !== null,
    accessLog: plan.logs.access?.to ?? filePath(inContainer ? '/dev/stdout' : `${runDirectory}/run/access.log`),
    accessLogParameters: plan.logs.access?.parameters ?? [],
    skipped: plan.logs.access?.skipped ?? [],
    errors: plan.logs.error === null ? null : { to: plan.logs.error.to ?? ownErrorLog, level: plan.logs.error.level },
    luaDirectory: filePath(options.luaDirectory),
    liveSize: size(options.liveSize),
    liveFile: filePath(`${runDirectory}/conf/live.data`),
    logUpstreamName: word(String(plan.logFormat.variables.includes('proxy_upstream_name'))),
    logTries: word(String(plan.logFormat.variables.includes('tidegate_tries'))),
    logAlternativeName: word(String(plan.logFormat.variables.includes('proxy_alternative_upstream_name'))),
    statusAllowed: plan.statusAllowed,
    blocks: word(String(plan.blocks)),
    strictAccess: options.strictAccess === true,
    believeForwarded: word(String(plan.forwarded?.headers === true)),
    proxyProtocol: plan.listen.proxyProtocol,
    serverNamesMax: integer(Math.max(facts.serverNames.max, plan.serverNames.max)),
    serverNamesBucket: integer(Math.max(facts.serverNames.bucket, plan.serverNames.bucket)),
    http2Directive: capabilities.http2Directive && plan.http2,
    logEscape: plan.logFormat.escape,
    logFormat: plan.logFormat.format,
    clientAddress: plan.clientAddress,
    addressList: plan.clientAddress?.list ?? null,
    mapsClient: plan.blocks && (plan.clientAddress?.list ?? null) === null,
    forwarded: plan.forwarded,
    appendForwarded: plan.forwarded?.append === true,
    httpPort: integer(options.httpPort),
    httpsPort: integer(options.httpsPort),
    hsts: plan.hsts,
    responseHeaders: plan.responseHeaders,
    serverTokens: word(plan.serverTokens ? 'on' : 'off'),
    requestIds: plan.requestIds,
    upstreamHeaders: (['proxy', 'grpc'] as const).flatMap((module) => setHeaders(module, plan.upstreamHeaders)),
    upstreams: facts.upstreams.map(word),
    keepalive: keepaliveView(plan.keepalive, facts.upstreams.length, plan.workerConnections),
    apiSocket: filePath(inContainer ? 'api/live.sock' : `${runDirectory}/run/api/live.sock`),
    statusPort: statusPort === null ? null : integer(statusPort),
    ipv6: capabilities.ipv6,
    otherAddresses: otherAddresses(plan, options),
    declarations,
    servers,
  };
}
