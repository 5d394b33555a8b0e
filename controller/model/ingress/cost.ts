/**
 * What one Ingress adds to nginx.conf and to the live data, estimated from its model alone, before hosts are planned
 * and independent of other Ingresses. `golden/cost.test.ts` compares the estimate with the rendered result.
 */
import { ConfValue } from '../../types/conf-value.ts';
import type { Declaration } from '../../types/declaration.ts';
import type { FilePlan } from '../../types/plan.ts';
import type { HostContribution } from '../features/annotation.ts';
import type { PathModel } from './ingress-rules.ts';
import { DENIED, type LocationSettings } from '../features/location-settings.ts';
import { geoBytes } from './geo-memory.ts';

/** Bytes. */
export interface Cost {
  readonly conf: number;
  /** Size in NGINX's dictionary. */
  readonly live: number;
  /** In each process of NGINX. */
  readonly memory: number;
}

export const NO_COST: Cost = { conf: 0, live: 0, memory: 0 };

/** Measured with nginx 1.22, in bytes of a process. */
const MEMORY = {
  host: 20_000,
  /** A host with its own TLS settings has its own OpenSSL context. */
  tlsHost: 60_000,
  location: 7500,
  /** With TLS towards the backend. */
  tlsLocation: 28_000,
  /** Per byte of authorities, which are kept parsed. */
  authority: 8.5,
};

/** Lines of every server block, with the comments that name its owners. */
const HOST = 500;
/** Lines of every location, with its comment. */
const LOCATION = 420;
/** Locations that another one requires. */
const MIRROR = 2000;
const EXTERNAL_AUTH = 2900;
const ERROR_PAGES = 1500;
/** A route without annotations, with its key. */
const ROUTE = 256;
/** The dictionary rounds up to powers of two and whole pages. */
const ROUNDED = 1.5;

/** Sizes of values above this number of characters are remembered; counting fewer is faster than remembering. */
const REMEMBERED = 512;
const sizes = new WeakMap<object, number>();

/** Characters in a value, nested values included. */
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

/** Locations that a path requires, once per host and purpose; `seen` are those of the host. */
function besideOf({ mirror, externalAuth, errorPages, fallback }: LocationSettings, seen: Set<unknown>): number {
  const once = (value: unknown, size: number): number => {
    if (value === undefined || seen.has(value)) return 0;
    seen.add(value);
    return size + 2 * sizeOf(value);
  };
  const errors = errorPages === true || fallback !== undefined ? 'errors' : undefined;
  return once(mirror, MIRROR) + once(externalAuth, EXTERNAL_AUTH) + once(errors, ERROR_PAGES);
}

/** Above this number of characters, long values of a route are stored once for all routes that have them. */
const INLINE = 512;
const LONG = 96;
/** Replaces a long value in a route. */
const REFERENCE = 64;

/** `seen`: long values of other paths of the Ingress. */
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

/** A value, or its parts one level down. */
function parts(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : [value];
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

/** Locations of a path: one for the path itself, one for the paths below it. */
function locationsOf({ text, type, settings }: Pick<PathModel, 'text' | 'type' | 'settings'>): number {
  return type === 'Exact' || text === '/' || settings.regex ? 1 : 2;
}

/** The parts of a model that cost something. */
export interface Paths {
  readonly hosts: ReadonlyMap<string, readonly PathModel[]>;
  readonly defaultBackend: { readonly settings: LocationSettings } | undefined;
  readonly host: HostContribution;
}

/** Counts all of its paths. */
export function costOf(model: Paths): Cost {
  return add(model, (settings) => settings);
}

/** The cost if all of its paths answer 503. */
export function closedCostOf(model: Paths): Cost {
  return add(model, () => DENIED);
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
    // The location for paths that nothing else matches.
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
