/** The paths of one host → its server block. */
import { type Declaration, uniqueDeclarations } from '../../types/declaration.ts';
import type { FilePlan, HostPlan } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import { attachCanaries } from './canaries.ts';
import { type PathClaim, claimPaths } from './paths/claims.ts';
import { guardClients } from './client-guard.ts';
import { hostErrorPages } from '../settings/error-pages.ts';
import { isServed } from './groups.ts';
import type { HostInput } from './host-input.ts';
import { hostKeys } from './host-keys.ts';
import { type LocationInput, planLocations } from './locations/host-locations.ts';
import type { LocationSettings } from '../features/location-settings.ts';
import { declarationsFor } from '../contract/request-variables.ts';
import { forwardedPlan } from '../settings/client-address.ts';
import { draftLocations } from './paths/locations.ts';
import { isAsked, type ServedBackend, servedBackends } from './backends/served-backends.ts';
import { serverTls } from './server-tls.ts';
import { type PassedTo, passThrough } from './passthrough.ts';
import { shareHost } from './paths/shared-host.ts';
import { serverSnippet } from './server-snippet.ts';
import { unmatched } from './unmatched.ts';
import { planWww } from './names/www-plan.ts';

export interface HostOutput {
  readonly plan: HostPlan;
  /** The server block of the name that from-to-www-redirect redirects to this host. */
  readonly www: HostPlan | undefined;
  /** The Service ports that the host needs, each once. */
  readonly backends: readonly ServedBackend[];
  readonly files: readonly FilePlan[];
  /** Where TLS connections for the host go; undefined if NGINX terminates TLS. */
  readonly passed?: PassedTo;
  readonly problems: readonly Problem[];
}

const NOTHING = { www: undefined, backends: [], files: [] } as const;
const NOT_SERVED: Omit<HostPlan, 'host' | 'names'> = { isDefault: false, locations: [], routes: new Map(), owners: [] };

/** Plans the server block of one host. If only canaries name the host, the block has no locations. */
export function* planHost(given: HostInput): Steps<HostOutput> {
  const problems: Problem[] = [];
  const shared = shareHost(given);
  const input = { ...given, models: shared.models };
  const claims = claimPaths(input.host, input.models, shared.owner, shared.admits, problems);
  // Each of the following steps loops over all paths; one Ingress may have thousands, so there are pauses in between.
  yield;
  const canaries = attachCanaries(input, claims, shared.admitsCanary, problems);
  problems.push(...shared.problems());
  yield;
  if (!isServed(input)) return { ...NOTHING, plan: { ...NOT_SERVED, host: input.host, names: input.names }, problems };

  const clients = guardClients(input, shared.decides, problems);
  const isDenied = ({ model, path }: PathClaim): boolean =>
    clients.around(path.settings, model, path.text).route.deny !== undefined;
  const passed = passThrough(input, claims, isDenied, problems);
  const guarded: typeof clients.around = (settings, model, path) =>
    misdirecting(clients.around(settings, model, path), passed !== undefined);
  const paths: readonly LocationInput[] = (yield* draftLocations(claims, input, problems)).map((draft) => {
    const { model, path } = draft.claim;
    return {
      match: draft.match,
      settings: guarded(draft.settings, model, path.text),
      owner: model.ref,
      backend: isAsked(path) ? path.backend : null,
      path: path.text,
      slashRedirect: draft.slashRedirect,
      canaries: canaries.get(path) ?? [],
    };
  });
  yield;
  const nobody = unmatched(input, claims);
  const rest = { ...nobody, settings: guarded(nobody.settings, nobody.owner, '/') };

  const inputs = withoutSlash(hasRoot(paths) ? paths : [...paths, rootOf(rest)]);
  yield;
  const matches = inputs.map(({ match }) => match);
  const server = serverSnippet(input.host, input.models, matches, input.settings, problems);
  const keys = hostKeys();
  const around = { ...input, keys, appRoot: appRootOf(claims), server };
  const { locations, routes, ownErrors, guards, read } = yield* planLocations(inputs, around, problems);
  yield;
  const forwarded = forwardedPlan(input.settings) !== null;
  const tls = [...clients.directives, ...serverTls(input, problems)];
  const plan: HostPlan = {
    host: input.host,
    isDefault: input.host === '',
    ...(input.host === '' && !isTaken(inputs, HEALTHZ) && { healthz: true as const }),
    names: input.names,
    ...(tls.length > 0 && { tls }),
    locations,
    ...(server.directives.length > 0 && { directives: server.directives }),
    ...declared([...paths.map((each) => each.settings), rest.settings], declarationsFor(read, forwarded)),
    ...hostErrorPages(input, ownErrors),
    ...(guards.some(({ asks }) => asks?.signsIn === true) && { signIn: true }),
    ...(guards.some(({ asks }) => asks?.passes === true) && { passesAuth: true }),
    routes,
    owners: input.models.map((model) => model.ref),
  };
  yield;
  const files = [...claims.map(({ path }) => path.settings), rest.settings].flatMap(filesOf).concat(clients.files);
  const www = input.www === undefined ? undefined : planWww(input.host, input.www, input.models);
  const backends = servedBackends(input, { claims, rest, canaries: canaries.values(), guards, passed }, keys);
  return { plan, www, backends, files, ...(passed !== undefined && { passed: passed.to }), problems };
}

/** Makes NGINX answer 421 to requests over TLS connections that should have been passed through. */
function misdirecting(settings: LocationSettings, isPassed: boolean): LocationSettings {
  return isPassed ? { ...settings, route: { ...settings.route, passedThrough: true } } : settings;
}

/** The app root of the host: that of the Ingress with the longest path. */
function appRootOf(claims: readonly PathClaim[]): string | undefined {
  return claims
    .filter(({ model }) => model.host.appRoot !== undefined)
    .sort((a, b) => b.path.text.length - a.path.text.length)[0]?.model.host.appRoot;
}

/** Load balancers probe this path with host names that no Ingress has. */
const HEALTHZ = '/healthz';

/** Whether a prefix location for this path exists. */
function isTaken(inputs: readonly LocationInput[], text: string): boolean {
  return inputs.some(({ match }) => match.kind === 'prefix' && match.text === text);
}

/** Whether some location matches every URI. An Exact `/` does not: it matches only one. */
function hasRoot(inputs: readonly LocationInput[]): boolean {
  return isTaken(inputs, '/') || inputs.some(({ match }) => match.kind === 'regex' && match.text === '^/');
}

/** The location for unmatched paths. nginx also uses this prefix location if no regular expression matches. */
function rootOf({ settings, owner, backend }: ReturnType<typeof unmatched>): LocationInput {
  const match = { kind: 'prefix', text: '/' } as const;
  return { match, settings, owner: owner?.ref, backend, path: '/', slashRedirect: null, canaries: [] };
}

/**
 * For each Exact path that ends in a slash (`/foo/`), adds a location for the same path without the slash (`/foo`). It
 * has the settings of the longest prefix that matches. Without it, NGINX would redirect `/foo` to `/foo/`, with its own
 * listening port in the URL. Nothing is added to a host with regular expressions: there, such a path is a regular
 * expression, too.
 */
function withoutSlash(inputs: readonly LocationInput[]): readonly LocationInput[] {
  const exact = new Set(inputs.flatMap(({ match: { kind, text } }) => (kind === 'exact' ? [text] : [])));
  const lacking = [...exact].flatMap((text) => {
    const bare = text.slice(0, -1);
    return text.endsWith('/') && bare !== '' && !exact.has(bare) ? [bare] : [];
  });
  if (lacking.length === 0 || inputs.some(({ match }) => match.kind === 'regex')) return inputs;
  const prefixes = new Map(
    inputs.flatMap((each) => (each.match.kind === 'prefix' ? [[each.match.text, each] as const] : [])),
  );
  return [
    ...inputs,
    ...lacking.flatMap((text) => {
      const longest = longestPrefix(prefixes, text);
      return longest === undefined ? [] : [{ ...longest, match: { kind: 'exact', text } as const }];
    }),
  ];
}

/** The location with the longest prefix of `text`. Every prefix ends in a slash. */
function longestPrefix(prefixes: ReadonlyMap<string, LocationInput>, text: string): LocationInput | undefined {
  for (let at = text.lastIndexOf('/'); at >= 0; at = text.lastIndexOf('/', at - 1)) {
    const found = prefixes.get(text.slice(0, at + 1));
    if (found !== undefined || at === 0) return found;
  }
  return undefined;
}

/** Declarations at the http level to which the locations of the host refer. */
function declared(
  settings: readonly LocationSettings[],
  more: readonly Declaration[],
): { readonly declarations?: readonly Declaration[] } {
  const declarations = uniqueDeclarations([...settings.map((each) => each.declarations ?? []), more]);
  return declarations.length === 0 ? {} : { declarations };
}

function filesOf({ backendTls, files }: LocationSettings): readonly FilePlan[] {
  return [...(backendTls?.files ?? []), ...(files ?? [])];
}
