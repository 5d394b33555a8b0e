/** The paths of one host → locations (annotations-notes, sections 2 to 4). */
import { hash as digest } from 'node:crypto';
import { word } from '../types/conf-value.ts';
import { type Declaration, uniqueDeclarations } from '../types/declaration.ts';
import { directive, type Directive, type DirectiveName } from '../types/directive.ts';
import type { LiveCanary, LiveRoute } from '../types/live.ts';
import type { BackendRef, FilePlan, HostPlan, LocationPlan, Match, Pass, ServerName } from '../types/plan.ts';
import type { ObjectRef, Problem } from '../types/problem.ts';
import { backendKey } from './backends.ts';
import type { Mirror } from './annotation.ts';
import { type Guard, guardWith } from './guards.ts';
import { attachCanaries, type Canary } from './canaries.ts';
import { isServed } from './groups.ts';
import type { IngressModel } from './ingress-model.ts';
import type { PathModel } from './ingress-rules.ts';
import { inNginxOrder } from './location-order.ts';
import { serverErrorPages } from './error-pages.ts';
import { planMirror } from './mirror-plan.ts';
import { guardClients } from './client-guard.ts';
import { serverTls } from './server-tls.ts';
import { keyOf } from './object-ref.ts';
import { type Claim, claimPaths } from './claims.ts';
import { type LocationSettings, NO_SETTINGS } from './location-settings.ts';
import { draftLocations } from './locations.ts';
import { inWordsOf } from './pass-directives.ts';
import type { Settings } from './settings/settings.ts';
import { hasHeaders } from './snippets/contribute.ts';
import { routeSnippet, serverSnippet } from './snippets/server-snippet.ts';
import { writtenChanges } from './upstream-headers.ts';
import { planWww } from './www-plan.ts';
import { triesOf } from './values/retries.ts';

export interface HostInput {
  /** `shop.example.com`, `*.example.com`, or empty for every other name. */
  readonly host: string;
  /** Ingresses of the host, oldest first; without its canaries. */
  readonly models: readonly IngressModel[];
  /** Canaries of the host, oldest first. */
  readonly canaries: readonly IngressModel[];
  /** The name that is redirected to this host, if any. */
  readonly www: string | undefined;
  /** Server names in nginx's words, the host's own first. */
  readonly names: readonly ServerName[];
  /** `always`: the host has a certificate; `named`: it has, but some of its names may not. */
  readonly tls: 'none' | 'always' | 'named';
  readonly settings: Settings;
  /** Regular expressions reach only the paths that ask for them. */
  readonly strictPaths: boolean;
  /** Backend of unmatched paths where no Ingress brings its own. */
  readonly defaultBackend: BackendRef | null;
}

export interface HostOutput {
  readonly plan: HostPlan;
  /** The server block of the name that is redirected to this host. */
  readonly www: HostPlan | undefined;
  /** Each once. */
  readonly backends: readonly {
    readonly ref: BackendRef;
    /** In the live data, without its prefix. */
    readonly key: string;
    readonly model: IngressModel | undefined;
    readonly path: PathModel | undefined;
    /** What names it: a path or a default backend, else a canary, a mirror or an external authentication. */
    readonly use: 'path' | 'canary' | 'mirror' | 'auth';
  }[];
  readonly files: readonly FilePlan[];
  readonly problems: readonly Problem[];
}

const TLS_PROTOCOLS: ReadonlySet<Pass['protocol']> = new Set(['https', 'auto_http', 'grpcs']);

/** Directives towards a TLS backend, in the words of the module that proxies. */
function backendTls(settings: LocationSettings): { directives: readonly Directive[]; tlsId: string } {
  const { protocol, backendTls: tls } = settings;
  if (tls === undefined || !TLS_PROTOCOLS.has(protocol)) return { directives: [], tlsId: '' };
  const prefix = protocol === 'grpcs' ? 'grpc' : 'proxy';
  const directives = tls.directives.map(({ suffix, values }) =>
    directive(`${prefix}_${suffix}` satisfies DirectiveName, ...values),
  );
  return { directives, tlsId: hash(written(directives)).slice(0, 16) };
}

function written(directives: readonly Directive[]): string {
  return directives.map(({ name, args }) => [name, ...args.map((arg) => arg.conf)].join(' ')).join(';');
}

function hash(text: string): string {
  return digest('sha256', text, 'hex');
}

/** Whether Lua looks at the headers of answers. */
function filtersHeaders(route: LocationSettings['route']): boolean {
  const { responseHeaders, addedHeaders, removedHeaders, cors } = route;
  return [responseHeaders, addedHeaders, removedHeaders, cors].some((each) => each !== undefined);
}

function tlsRedirect(input: HostInput, settings: LocationSettings, path: string): LiveRoute['tlsRedirect'] {
  if (input.settings['no-tls-redirect-locations'].some((prefix) => path.startsWith(prefix))) return 'never';
  if (settings.tlsRedirect.forced) return 'always';
  if (!settings.tlsRedirect.wanted || input.host === '' || input.tls === 'none') return 'never';
  return input.tls;
}

/** Passes without TLS settings are the same for all hosts. */
const PLAIN_PASSES = new Map<Pass['protocol'], Pass>();

function passOf(protocol: Pass['protocol'], tlsId: string): Pass {
  if (tlsId !== '') return { protocol, tlsId };
  const pass = PLAIN_PASSES.get(protocol) ?? { protocol, tlsId };
  PLAIN_PASSES.set(protocol, pass);
  return pass;
}

/** One text for each object: thousands of hosts keep theirs several times. */
function remembering<T>(text: (object: T) => string): (object: T) => string {
  const known = new Map<T, string>();
  return (object) => {
    const found = known.get(object) ?? text(object);
    known.set(object, found);
    return found;
  };
}

const NOTHING = { www: undefined, backends: [], files: [] } as const;
const NOT_SERVED: Omit<HostPlan, 'names'> = { isDefault: false, locations: [], routes: new Map(), owners: [] };

/** The whole server block of one host; nothing where only canaries name it. */
export function planHost(input: HostInput): HostOutput {
  const problems: Problem[] = [];
  const claims = claimPaths(input.host, input.models, problems);
  const canaries = attachCanaries(input, claims, problems);
  if (!isServed(input)) return { ...NOTHING, plan: { ...NOT_SERVED, names: input.names }, problems };
  const clients = guardClients(input, problems);
  const drafts = draftLocations(claims, input, problems).map((each) => ({
    ...each,
    settings: clients.around(each.settings, each.claim.model, each.claim.path.text),
  }));
  const appRoot = claims
    .filter(({ model }) => model.host.appRoot !== undefined)
    .sort((a, b) => b.path.text.length - a.path.text.length)[0]?.model.host.appRoot;

  const server = serverSnippet(input.host, input.models, input.settings, problems);
  const tries = triesOf(input.settings['proxy-next-upstream'], input.settings['proxy-next-upstream-tries']);
  const [keyOfBackend, keyOfIngress] = [remembering(backendKey), remembering(keyOf)];
  const routes = new Map<string, LiveRoute>();
  const ownErrors = new Map<string, LiveRoute>();
  const locations: LocationPlan[] = [];
  const addMirror = (owner: ObjectRef, mirror: Mirror, { upstreamHeaders = [] }: LocationSettings) => {
    const secret = upstreamHeaders.some(([name]) => name.toLowerCase() === 'authorization');
    const { directives, location, route } = planMirror(input.host, owner, mirror, secret);
    if (!routes.has(location.routeId)) locations.push(location);
    routes.set(location.routeId, route);
    return directives;
  };
  const guards: Guard[] = [];
  const add = (
    match: Match,
    settings: LocationSettings,
    owner: ObjectRef | undefined,
    backend: BackendRef | null,
    path: string,
    slashRedirect: string | null,
    alternatives: readonly Canary[] = [],
  ) => {
    const tls = backendTls(settings);
    const pass = passOf(settings.protocol, tls.tlsId);
    const passing = inWordsOf(settings.protocol, settings.pass);
    const copying =
      owner === undefined || settings.mirror === undefined ? [] : addMirror(owner, settings.mirror, settings);
    const guard = guardWith(settings, input, owner, problems);
    if (guard?.asks !== undefined) {
      if (!routes.has(guard.asks.location.routeId)) locations.push(guard.asks.location);
      routes.set(guard.asks.location.routeId, guard.asks.route);
      guards.push(guard);
    }
    const guarding = guard?.directives ?? [];
    const added = tls.directives.length + passing.length + copying.length + guarding.length;
    const directives =
      added === 0
        ? settings.directives
        : [...guarding, ...(guard?.own ?? settings.directives), ...passing, ...tls.directives, ...copying];
    const type = match.kind === 'exact' ? 'Exact' : 'Prefix';
    const snippet = routeSnippet(settings.route.snippet, server);
    const responseHeaders =
      filtersHeaders(settings.route) ||
      guard?.asks !== undefined ||
      hasHeaders(snippet?.server) ||
      hasHeaders(snippet?.location);
    const { upstreamHeaders = [] } = settings;
    const fixed =
      written(directives) +
      (responseHeaders ? ';responseHeaders' : '') +
      (upstreamHeaders.length === 0 ? '' : `;upstreamHeaders ${writtenChanges(upstreamHeaders)}`);
    const id = hash(JSON.stringify([input.host, type, path, slashRedirect, owner === undefined, pass, fixed])).slice(
      0,
      16,
    );
    const route: LiveRoute = {
      backend: backend === null ? null : keyOfBackend(backend),
      ingress: owner === undefined ? '' : keyOfIngress(owner),
      path,
      tlsRedirect: tlsRedirect(input, settings, path),
      tries,
      balance: input.settings['load-balance'],
      ...settings.route,
      ...guard?.route,
      ...(snippet === undefined ? {} : { snippet }),
      ...(appRoot === undefined ? {} : { appRoot }),
      ...(slashRedirect === null ? {} : { slashRedirect }),
      ...(settings.rewrite === undefined ? {} : { rewrite: settings.rewrite }),
      ...(alternatives.length === 0 ? {} : { canaries: alternatives.map(liveCanary) }),
      ...(settings.fallback !== undefined && { fallback: keyOfBackend(settings.fallback) }),
      ...(settings.fallback !== undefined && settings.errorPages === true && { errorsToFallback: true }),
    };
    routes.set(id, route);
    if (settings.errorPages === true) ownErrors.set(id, route);
    locations.push({
      match,
      directives,
      pass,
      ...(upstreamHeaders.length > 0 && { upstreamHeaders }),
      ...(responseHeaders && { responseHeaders }),
      routeId: id,
      owner,
    });
  };
  const liveCanary = ({ path, rules }: Canary): LiveCanary => {
    const { balance = input.settings['load-balance'], hashBy } = path.settings.route;
    return { backend: keyOfBackend(path.backend), balance, ...(hashBy === undefined ? {} : { hashBy }), ...rules };
  };
  for (const each of drafts) {
    const { model, path } = each.claim;
    const backend = asked(path) ? path.backend : null;
    add(each.match, each.settings, model.ref, backend, path.text, each.slashRedirect, canaries.get(path));
  }
  const nobody = unmatched(input, claims);
  const rest = { ...nobody, settings: clients.around(nobody.settings, nobody.owner, '/') };
  if (!drafts.some(({ match }) => match.text === '/' || match.text === '^/')) {
    // Beside regular expressions, too: nginx falls back to the plain "/" where none of them matched.
    add({ kind: 'prefix', text: '/' }, rest.settings, rest.owner?.ref, rest.backend, '/', null);
  }

  const tls = [...clients.directives, ...serverTls(input, problems)];
  const plan: HostPlan = {
    isDefault: input.host === '',
    names: input.names,
    ...(tls.length > 0 && { tls }),
    locations: locations.sort((a, b) => inNginxOrder(a.match, b.match)),
    ...(server.directives.length > 0 && { directives: server.directives }),
    ...declared([...drafts.map((each) => each.settings), rest.settings]),
    ...errorPages(input, ownErrors),
    ...(guards.some(({ asks }) => asks?.signsIn === true) && { signIn: true }),
    ...(guards.some(({ asks }) => asks?.passes === true) && { passesAuth: true }),
    routes,
    owners: input.models.map((model) => model.ref),
  };
  const settled = [
    ...claims.map(({ model, path }) => [model, path.settings] as const),
    [rest.owner, rest.settings] as const,
  ];
  const mirrored = settled.flatMap(([model, { mirror }]) =>
    model === undefined || mirror === undefined ? [] : [[model, mirror] as const],
  );
  const backends = new Map<string, HostOutput['backends'][number]>();
  const serve = (
    ref: BackendRef,
    model: IngressModel | undefined,
    path: PathModel | undefined,
    use: HostOutput['backends'][number]['use'] = 'path',
  ): void => {
    const key = keyOfBackend(ref);
    if (!backends.has(key)) backends.set(key, { ref, key, model, path, use });
  };
  for (const { model, path } of claims) if (asked(path)) serve(path.backend, model, path);
  if (rest.backend !== null) serve(rest.backend, rest.owner, undefined);
  for (const { fallback } of [...claims.map(({ path }) => path.settings), rest.settings])
    if (fallback !== undefined) serve(fallback, undefined, undefined);
  // Errors of any host may be sent there.
  if (input.host === '' && input.defaultBackend !== null) serve(input.defaultBackend, undefined, undefined);
  for (const each of [...canaries.values()].flat()) serve(each.path.backend, each.model, each.path, 'canary');
  for (const [model, mirror] of mirrored) serve(mirror.backend, model, undefined, 'mirror');
  for (const { owner, asks } of guards)
    if (asks !== undefined)
      serve(
        asks.backend,
        input.models.find(({ ref }) => ref === owner),
        undefined,
        'auth',
      );
  const files = [...claims.map(({ path }) => path.settings), rest.settings]
    .flatMap((each) => [...(each.backendTls?.files ?? []), ...(each.files ?? [])])
    .concat(clients.files);
  const www = input.www === undefined ? undefined : planWww(input.host, input.www, input.models);
  return { plan, www, backends: [...backends.values()], files, problems };
}

/** What the locations of the host refer to. */
function declared(settings: readonly LocationSettings[]): { readonly declarations?: readonly Declaration[] } {
  const declarations = uniqueDeclarations(settings.map((each) => each.declarations ?? []));
  return declarations.length === 0 ? {} : { declarations };
}

/** Nothing where no location of the host has its errors answered by a backend; `own`: routes that have a list of theirs. */
function errorPages(input: HostInput, own: ReadonlyMap<string, LiveRoute>): Pick<HostPlan, 'errorPages'> {
  const directives = serverErrorPages(input.settings);
  if (directives.length === 0 && own.size === 0) return {};
  const fallbacks = new Set([...own.values()].map(({ fallback }) => fallback));
  // Nobody's requests go to a neighbour: where there is a doubt, the default backend is asked.
  const routeId = directives.length === 0 && fallbacks.size === 1 ? [...own.keys()][0] : undefined;
  return { errorPages: { directives, routeId, poolId: hash(`errors of ${input.host}`).slice(0, 16) } };
}

/** Whether any request gets as far as the backend; a Service behind a redirect need not exist. */
function asked({ settings }: PathModel): boolean {
  return settings.route.redirect === undefined;
}

/** What answers a path of this host that no rule names. */
function unmatched(
  input: HostInput,
  claims: readonly Claim[],
): { settings: LocationSettings; owner: IngressModel | undefined; backend: BackendRef | null } {
  const own = input.models.find((model) => model.defaultBackend !== undefined && bringsDefault(model, input));
  if (own?.defaultBackend !== undefined) {
    return { settings: own.defaultBackend.settings, owner: own, backend: own.defaultBackend.backend };
  }
  const oldest = claims[0]?.path.settings ?? NO_SETTINGS;
  const allRefused = claims.length > 0 && claims.every(({ model }) => model.quarantined);
  // The redirect to HTTPS, and how it is written, is all that an annotation does to a path of nobody.
  const { keepSlash, redirectPort } = oldest.route;
  const route = {
    ...(keepSlash !== undefined && { keepSlash }),
    ...(redirectPort !== undefined && { redirectPort }),
    ...(allRefused && { deny: 503 }),
  };
  const directives = loggedByDefault(input) ? NO_SETTINGS.directives : [directive('access_log', word('off'))];
  const settings = { ...NO_SETTINGS, directives, tlsRedirect: oldest.tlsRedirect, route };
  return { settings, owner: undefined, backend: input.defaultBackend };
}

/** Requests for hosts that nobody names are not noted unless the settings say so. */
function loggedByDefault(input: HostInput): boolean {
  return input.host !== '' || input.settings['enable-access-log-for-default-backend'];
}

/** A default backend counts for the hosts of its Ingress; for every other name only where the Ingress names none. */
function bringsDefault(model: IngressModel, input: HostInput): boolean {
  return input.host !== '' || model.hosts.size === 0 || model.hosts.has('');
}
