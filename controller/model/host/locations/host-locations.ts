/** The locations of one host: their directives in nginx.conf, and their routes. */
import type { Directive } from '../../../types/directive.ts';
import { exact } from '../../../types/exact.ts';
import { type FieldOfRoute, type LiveRoute, ROUTE_FIELDS, type RouteField } from '../../../types/live-route.ts';
import type { LiveSnippet } from '../../../types/live-snippet.ts';
import type { LocationPlan, Match } from '../../../types/plan.ts';
import type { ObjectRef, Problem } from '../../../types/problem.ts';
import type { Steps } from '../../../types/steps.ts';
import { passToBackend } from './backend-pass.ts';
import { directiveText, fingerprint } from '../../contract/fingerprint.ts';
import { buffersOfSettings, fittingPass } from '../../features/fitting-buffers.ts';
import { type Guard, guardWith } from '../guards.ts';
import { inNginxOrder } from '../paths/location-order.ts';
import { routeOf, type RouteHost, type RouteInput } from './location-route.ts';
import type { LocationSettings } from '../../features/location-settings.ts';
import { type MirrorPlan, planMirror } from '../../features/mirror-plan.ts';
import { inWordsOf } from '../../contract/pass-directives.ts';
import { hasHeaders } from '../../features/snippets/contribute.ts';
import { ESCAPED_URI, isRequestVariable, locationVariables } from '../../contract/request-variables.ts';
import { isRoot, routeSnippet, type ServerSnippet } from '../server-snippet.ts';
import { writtenChanges } from '../../settings/upstream-headers.ts';
import { variablesIn } from '../../values/log-format.ts';

/** A location to be built. */
export interface LocationInput extends RouteInput {
  readonly match: Match;
}

export interface LocationsHost extends RouteHost {
  readonly server: ServerSnippet;
}

export interface HostLocations {
  readonly locations: readonly LocationPlan[];
  /** By the `routeId` of their locations. */
  readonly routes: ReadonlyMap<string, LiveRoute>;
  /** Error pages of locations with their own list of errors. */
  readonly ownErrors: ReadonlyMap<string, LiveRoute>;
  /** Authorization services of locations. */
  readonly guards: readonly Guard[];
  /** Variables of ingress-nginx that texts of the Ingresses read. */
  readonly read: ReadonlySet<string>;
}

/** A location with its route. */
type Routed = Pick<MirrorPlan, 'location' | 'route'>;

/**
 * All locations, including the auth_request and mirror locations that `inputs` need, in the order of `inNginxOrder`.
 */
export function* planLocations(
  inputs: readonly LocationInput[],
  around: LocationsHost,
  problems: Problem[],
): Steps<HostLocations> {
  const locations: LocationPlan[] = [];
  const routes = new Map<string, LiveRoute>();
  const ownErrors = new Map<string, LiveRoute>();
  const guards: Guard[] = [];
  const read = new Set<string>();
  const known = new Map<LocationSettings, Common>();
  // Thousands of paths of one Ingress share their settings.
  const commonOf = (input: LocationInput): Common => {
    const before = known.get(input.settings);
    if (before !== undefined && before.owner === input.owner && before.root === isRoot(input.match)) return before;
    const common = planCommon(input, around, problems);
    known.set(input.settings, common);
    return common;
  };
  for (const input of inputs) {
    const common = commonOf(input);
    const { mirror, guard, settings, reads } = common;
    for (const { location, route } of besides(mirror, guard)) {
      // Several locations share one mirror or auth_request location.
      if (!routes.has(location.routeId)) locations.push(location);
      routes.set(location.routeId, route);
    }
    if (guard?.asks !== undefined) guards.push(guard);
    const { location, route } = planLocation({ ...input, settings }, around, common);
    for (const name of reads) read.add(name);
    locations.push(location);
    routes.set(location.routeId, route);
    if (settings.errorPages === true) ownErrors.set(location.routeId, route);
    yield;
  }
  return {
    locations: exact(locations).sort((a, b) => inNginxOrder(a.match, b.match)),
    routes,
    ownErrors,
    guards,
    read,
  };
}

/** Settings with buffers that nginx accepts together; changed sizes are reported once for all paths of an Ingress. */
function withFittingBuffers(
  { owner, settings: own }: LocationInput,
  { server, settings }: LocationsHost,
  problems: Problem[],
): LocationSettings {
  // server-snippets name only proxy_ directives.
  const outside = own.protocol === 'fastcgi' ? buffersOfSettings(settings) : server.buffers;
  const { pass, changed } = fittingPass(own.pass, outside);
  if (pass === own.pass) return own;
  for (const message of changed) {
    if (owner === undefined || problems.some((known) => known.object === owner && known.message === message)) continue;
    const field = ['metadata', 'annotations'];
    problems.push({ code: 'buffers', severity: 'warning', effect: 'corrected-key', object: owner, field, message });
  }
  return { ...own, pass };
}

function mirrorOf({ owner, settings }: LocationInput, { host }: LocationsHost): MirrorPlan | undefined {
  const { mirror, upstreamHeaders = [] } = settings;
  if (owner === undefined || mirror === undefined) return undefined;
  const secret = upstreamHeaders.some(([name]) => name.toLowerCase() === 'authorization');
  return planMirror(host, owner, mirror, secret);
}

function besides(mirror: MirrorPlan | undefined, guard: Guard | undefined): readonly Routed[] {
  return [mirror, guard?.asks].filter((each) => each !== undefined);
}

/**
 * What locations with the same settings and Ingress share, built once, so that long lists do not multiply with paths.
 */
interface Common {
  readonly owner: ObjectRef | undefined;
  /** See `isRoot`. */
  readonly root: boolean;
  /** With buffers that fit. */
  readonly settings: LocationSettings;
  readonly mirror: MirrorPlan | undefined;
  readonly guard: Guard | undefined;
  readonly snippet: LiveSnippet | undefined;
  /** Directives for nginx.conf. */
  readonly written: Pick<LocationPlan, 'directives' | 'pass' | 'upstreamHeaders' | 'responseHeaders'>;
  /** All of these, as the end of a list in JSON. */
  readonly fixed: string;
  /** Variables of ingress-nginx that its texts read, in nginx.conf and in its route. */
  readonly reads: readonly string[];
}

function setsHeaders(snippet: LiveSnippet | undefined): boolean {
  return hasHeaders(snippet?.server) || hasHeaders(snippet?.location);
}

function planCommon(input: LocationInput, around: LocationsHost, problems: Problem[]): Common {
  const { owner, match } = input;
  const settings = withFittingBuffers(input, around, problems);
  const mirror = mirrorOf({ ...input, settings }, around);
  const guard = guardWith(settings, around, owner, problems);
  // A closed location passes nothing on, and has no authorization response to take headers from.
  const closed = settings.route.deny !== undefined || guard?.route.deny !== undefined;
  const upstreamHeaders = closed ? [] : (settings.upstreamHeaders ?? []);
  const { pass, tls } = passToBackend(settings);
  const passing = [...inWordsOf(settings.protocol, settings.pass), ...tls];
  const directives = inOrder(settings, guard, passing, mirror?.directives ?? []);
  const snippet = routeSnippet(settings.route.snippet, match, around.server);
  const responseHeaders = filtersHeaders(settings.route) || guard?.asks !== undefined || setsHeaders(snippet);
  const text =
    directiveText(directives) +
    (responseHeaders ? ';responseHeaders' : '') +
    (upstreamHeaders.length === 0 ? '' : `;upstreamHeaders ${writtenChanges(upstreamHeaders)}`);
  return {
    owner,
    root: isRoot(match),
    settings,
    mirror,
    guard,
    snippet,
    written: {
      directives,
      pass,
      ...(upstreamHeaders.length > 0 && { upstreamHeaders }),
      ...(responseHeaders && { responseHeaders }),
    },
    fixed: `${JSON.stringify(pass)},${JSON.stringify(text)}`,
    reads: readBy(text, { ...settings.route, snippet }, guard),
  };
}

function planLocation(
  input: LocationInput,
  around: LocationsHost,
  { guard, snippet, written, fixed, reads }: Common,
): Routed {
  const { match, owner } = input;
  const variables = locationVariables(around.read, reads, input);
  return {
    location: {
      match,
      ...written,
      ...(variables.length > 0 && { variables }),
      ...((around.read.has(ESCAPED_URI) || reads.includes(ESCAPED_URI)) && { escapesUri: true }),
      routeId: routeIdOf(input, around, fixed),
      owner,
    },
    route: routeOf(input, around, guard, snippet),
  };
}

interface RouteTexts {
  readonly snippet: LiveSnippet | undefined;
  readonly responseHeaders?: LiveRoute['responseHeaders'];
  readonly addedHeaders?: LiveRoute['addedHeaders'];
}

function readBy(
  fixed: string,
  { snippet, responseHeaders, addedHeaders }: RouteTexts,
  guard: Guard | undefined,
): readonly string[] {
  const texts = [snippet, responseHeaders, addedHeaders, guard?.asks?.location.authRequest?.headers].filter(
    (each) => each !== undefined,
  );
  const text = texts.length === 0 ? fixed : fixed + JSON.stringify(texts);
  return text.includes('$') ? [...variablesIn(text)].filter(isRequestVariable) : [];
}

/** The very list of the settings if nothing is added: thousands of locations share it. */
function inOrder(
  { directives }: LocationSettings,
  guard: Guard | undefined,
  passing: readonly Directive[],
  copying: readonly Directive[],
): readonly Directive[] {
  const guarding = guard?.directives ?? [];
  if (guarding.length + passing.length + copying.length === 0) return directives;
  return [...guarding, ...(guard?.own ?? directives), ...passing, ...copying];
}

/** Changes with anything of the location in nginx.conf, but not with live data. */
function routeIdOf(
  { match, path, slashRedirect, owner }: LocationInput,
  { host }: LocationsHost,
  fixed: string,
): string {
  const type = match.kind === 'exact' ? 'Exact' : 'Prefix';
  const own = JSON.stringify([host, type, path, slashRedirect, owner === undefined]);
  return fingerprint(`${own.slice(0, -1)},${fixed}]`);
}

const IN_RESPONSES = Object.entries<FieldOfRoute>(ROUTE_FIELDS).flatMap(([name, { response }]) =>
  response === true ? [name as RouteField] : [],
);

/** Whether Lua handles response headers. */
function filtersHeaders(route: LocationSettings['route']): boolean {
  return IN_RESPONSES.some((name) => route[name] !== undefined);
}
