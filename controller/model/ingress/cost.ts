/**
 * Cost of one Ingress: how much it adds to nginx.conf, to the live data and to the memory of NGINX. The cost is
 * estimated from the model of the Ingress alone, before hosts are planned, so that it does not depend on other
 * Ingresses. `controller/golden/cost.test.ts` compares the estimate with the rendered result.
 */
import { ConfValue } from '../../types/conf-value.ts';
import type { Declaration } from '../../types/declaration.ts';
import { isRecord } from '../../types/is-record.ts';
import type { FilePlan } from '../../types/plan.ts';
import type { HostContribution } from '../features/annotation.ts';
import type { PathModel } from './ingress-rules.ts';
import { closedSettings, type LocationSettings } from '../features/location-settings.ts';
import { geoBytes } from './geo-memory.ts';

/** Numbers of bytes. */
export interface Cost {
  /** Size in nginx.conf. */
  readonly conf: number;
  /** Size in NGINX's shared dictionary of live data. */
  readonly live: number;
  /** Memory in each process of NGINX. */
  readonly memory: number;
}

export const NO_COST: Cost = { conf: 0, live: 0, memory: 0 };

/** Bytes of memory in each process, measured with nginx 1.22. */
const MEMORY = {
  host: 20_000,
  /** A host with its own TLS settings has its own OpenSSL context. */
  tlsHost: 60_000,
  location: 7500,
  /** A location that connects to its backend over TLS. */
  tlsLocation: 28_000,
  /** For each byte of PEM with certificate authorities, because NGINX keeps the parsed certificates. */
  authority: 8.5,
};

/** Bytes of the lines that every server block has, including the comments that name the Ingresses of the host. */
const HOST = 500;
/** Bytes of the lines that every location has, including its comment. */
const LOCATION = 420;
/** Bytes of the additional locations that mirroring, external authentication and error pages require. */
const MIRROR = 2000;
const EXTERNAL_AUTH = 2900;
const ERROR_PAGES = 1500;
/** Bytes of a route without annotations, including its key in the live data. */
const ROUTE = 256;
/** Factor for the dictionary's rounding of entries to powers of two and whole pages. */
const ROUNDED = 1.5;

/** Only sizes above this number of characters are remembered; counting a smaller value again is faster. */
const REMEMBERED = 512;
const sizes = new WeakMap<object, number>();

/** Estimated number of characters in a value, including nested values. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 4;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof ConfValue) return value.conf.length + 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 4;
  for (const [name, part] of Object.entries(value)) size += (Array.isArray(value) ? 0 : name.length) + sizeOf(part);
  if (size > REMEMBERED) sizes.set(value, size);
  return size;
}

function confOf({ directives, pass, upstreamHeaders, backendTls }: LocationSettings): number {
  return [directives, pass, upstreamHeaders ?? 0, backendTls?.directives ?? 0].reduce<number>(
    (sum, part) => sum + sizeOf(part),
    LOCATION,
  );
}

/**
 * Bytes of the additional locations that a path requires; a host has one such location for each purpose and value.
 * `seen`: the values whose locations were already counted for the host.
 */
function besideOf({ mirror, externalAuth, errorPages, fallback }: LocationSettings, seen: Set<unknown>): number {
  const once = (value: unknown, size: number): number => {
    if (value === undefined || seen.has(value)) return 0;
    seen.add(value);
    return size + 2 * sizeOf(value);
  };
  const errors = errorPages === true || fallback !== undefined ? 'errors' : undefined;
  return once(mirror, MIRROR) + once(externalAuth, EXTERNAL_AUTH) + once(errors, ERROR_PAGES);
}

/**
 * If a route is larger than this number of characters, its long values are stored once for all routes that have them.
 */
const INLINE = 512;
/** A value of at least this number of characters is long. */
const LONG = 96;
/** Bytes of the reference that replaces a long value in a route. */
const REFERENCE = 64;

/** Bytes of a route in the live data. `seen`: long values that were already counted for other paths of the Ingress. */
function liveOf({ route, rewrite, mirror, externalAuth }: LocationSettings, seen: Set<unknown>): number {
  const rest = sizeOf(rewrite ?? 0) + sizeOf(mirror ?? 0) + sizeOf(externalAuth ?? 0);
  if (sizeOf(route) <= INLINE) return ROUTE + ROUNDED * (rest + sizeOf(route));
  let [own, shared] = [rest, 0];
  for (const value of Object.values(route).flatMap(parts)) {
    const size = sizeOf(value);
    if (size < LONG) own += size + LONG / 8;
    else {
      own += REFERENCE;
      if (!seen.has(value)) shared += ROUTE + size;
      seen.add(value);
    }
  }
  return ROUTE + ROUNDED * (own + shared);
}

/** The properties of an object; any other value, and an array, is returned as the only item. */
function parts(value: unknown): readonly unknown[] {
  return isRecord(value) ? Object.values(value) : [value];
}

function sizeOfFiles(files: readonly FilePlan[]): number {
  return files.reduce((sum, { content }) => sum + content.length, 0);
}

function locationMemory({ protocol, backendTls }: LocationSettings): number {
  if (protocol !== 'https' && protocol !== 'grpcs' && protocol !== 'auto_http') return MEMORY.location;
  return MEMORY.tlsLocation + MEMORY.authority * sizeOfFiles(backendTls?.files ?? []);
}

function hostMemory({ ciphers, preferServerCiphers, clientCertificates }: HostContribution): number {
  if (typeof clientCertificates === 'object')
    return MEMORY.host + MEMORY.tlsHost + MEMORY.authority * sizeOfFiles(clientCertificates.files);
  return ciphers === undefined && preferServerCiphers === undefined ? MEMORY.host : MEMORY.host + MEMORY.tlsHost;
}

/** Number of locations of a path: one for the path itself, and usually one for the paths below it. */
function locationsOf({ text, type, settings }: Pick<PathModel, 'text' | 'type' | 'settings'>): number {
  return type === 'Exact' || text === '/' || settings.regex ? 1 : 2;
}

/** The parts of an IngressModel that determine its cost. */
export interface Paths {
  readonly hosts: ReadonlyMap<string, readonly PathModel[]>;
  readonly defaultBackend: { readonly settings: LocationSettings } | undefined;
  readonly host: HostContribution;
}

/** The cost of an Ingress if all of its paths are served. */
export function costOf(model: Paths): Cost {
  return add(model, (settings) => settings);
}

const CLOSED = closedSettings('share');

/** The cost of an Ingress if all of its paths answer 503. */
export function closedCostOf(model: Paths): Cost {
  return add(model, () => CLOSED);
}

function add({ hosts, defaultBackend, host }: Paths, as: (settings: LocationSettings) => LocationSettings): Cost {
  let [conf, live, memory] = [0, 0, 0];
  const declared = new Map<string, Declaration>();
  const seen = new Set<unknown>();
  const count = (given: Pick<PathModel, 'text' | 'type' | 'settings'>, beside: Set<unknown>): void => {
    const path = { text: given.text, type: given.type, settings: as(given.settings) };
    const locations = locationsOf(path);
    const brought = beside.size;
    conf += locations * (confOf(path.settings) + 3 * path.text.length) + besideOf(path.settings, beside);
    live += locations * (liveOf(path.settings, seen) + path.text.length);
    memory += locations * locationMemory(path.settings) + (beside.size - brought) * MEMORY.location;
    for (const each of path.settings.declarations ?? []) declared.set(each.key, each);
  };
  for (const [name, paths] of hosts) {
    conf += HOST + 2 * name.length + sizeOf(host);
    // Each host has a route for requests that match none of its paths.
    live += ROUTE;
    memory += hostMemory(host) + MEMORY.location;
    const beside = new Set<unknown>();
    for (const path of paths) count(path, beside);
  }
  if (defaultBackend !== undefined) count({ text: '/', type: 'Prefix', settings: defaultBackend.settings }, new Set());
  for (const { key, lines } of declared.values()) {
    conf += key.length;
    for (const line of lines) memory += geoBytes(line);
  }
  return { conf: Math.ceil(conf), live: Math.ceil(live), memory: Math.ceil(memory) };
}
