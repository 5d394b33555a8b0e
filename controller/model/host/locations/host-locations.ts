/** The locations of one host: their directives in nginx.conf, and their routes in the live data. */
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
  /** `routeId` of a location → its route. */
  readonly routes: ReadonlyMap<string, LiveRoute>;
  /** Routes of the locations with their own custom-http-errors, by `routeId`. */
  readonly ownErrors: ReadonlyMap<string, LiveRoute>;
  /** The guards of the locations that have external authentication. */
  readonly guards: readonly Guard[];
  /** Variables of ingress-nginx that are used in values of the Ingresses. */
  readonly read: ReadonlySet<string>;
}

/** A location with its route. */
type Routed = Pick<MirrorPlan, 'location' | 'route'>;

/**
 * Plans all locations, including the auth_request and mirror locations that `inputs` need. The result is in the order
 * of `inNginxOrder`.
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
  // Thousands of paths of one Ingress share one settings object, so everything that depends only on these settings is
  // planned once.
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

/**
 * Adjusts sizes of buffers so that nginx accepts their combination. A changed size is reported once for all paths of an
 * Ingress.
 */
function withFittingBuffers(
  { owner, settings: own }: LocationInput,
  { server, settings }: LocationsHost,
  problems: Problem[],
): LocationSettings {
  // server-snippets can only contain buffer directives for the proxy module, so fastcgi inherits those of the settings.
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
 * The parts that all locations with the same settings and Ingress have in common. They are built once, so that long
 * lists are not repeated for each path.
 */
interface Common {
  readonly owner: ObjectRef | undefined;
  /** Whether the location is the prefix `/`, to which all parts of a server-snippet apply. */
  readonly root: boolean;
  /** Settings with adjusted buffers. */
  readonly settings: LocationSettings;
  readonly mirror: MirrorPlan | undefined;
  readonly guard: Guard | undefined;
  readonly snippet: LiveSnippet | undefined;
  /** Directives for nginx.conf. */
  readonly written: Pick<LocationPlan, 'directives' | 'pass' | 'upstreamHeaders' | 'responseHeaders'>;
  /**
   * Text from which the `routeId` is computed: all fields above that are written to nginx.conf, as the end of a JSON
   * list.
   */
  readonly fixed: string;
  /** Variables of ingress-nginx that are used in values of the locations, in nginx.conf and in routes. */
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
  // A location that answers 503 passes no requests to a backend, so it needs no headers for the backend.
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

/**
 * The directives of a location in the order in which they are written. If nothing is added to the directives of the
 * settings, that list itself is returned, because thousands of locations share it.
 */
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

/**
 * Identifies the location and its live route. The id depends on everything that nginx.conf contains about the location,
 * but not on its live data.
 */
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

/** Whether Lua must process the response headers of a location, because of fields in its route. */
function filtersHeaders(route: LocationSettings['route']): boolean {
  return IN_RESPONSES.some((name) => route[name] !== undefined);
}
