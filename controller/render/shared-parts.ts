/**
 * Long values that many routes share, each written once under a separate key: the settings of an Ingress for all its
 * paths must not be in the live data once for each path.
 */
import { hash } from 'node:crypto';
import type { SharedPart } from '../types/live.ts';
import { type FieldOfRoute, type LiveRoute, ROUTE_FIELDS } from '../types/live-route.ts';

/** JSON characters that a route may have besides its own path and names before parts of it are shared. */
const MOST_INLINE = 512;
/** A shorter value takes no more room than a reference to it. */
const LEAST_SHARED = 96;

const OWN: ReadonlySet<string> = new Set(
  Object.entries<FieldOfRoute>(ROUTE_FIELDS).flatMap(([name, { ofOnePath }]) => (ofOnePath === true ? [name] : [])),
);
/** Fields one level below that belong to one path. */
const OWN_BELOW: ReadonlySet<string> = new Set(['rewrite pattern', 'canaries backend']);

type Place = readonly (string | number)[];

interface Candidate {
  readonly place: Place;
  readonly value: string | object;
  readonly size: number;
}

export interface SharedRoute {
  /** JSON of the route. */
  readonly text: string;
  /** Hash → JSON of a part that the route refers to. */
  readonly parts: readonly (readonly [string, string])[];
}

const NO_PARTS: SharedRoute['parts'] = [];

/** Lists are the same objects in all routes that have them. */
const sizes = new WeakMap<object, number>();

/** Approximately the number of its JSON characters. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 5;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  if (Array.isArray(value)) for (const each of value) size += sizeOf(each) + 1;
  else for (const [name, each] of Object.entries(value)) size += name.length + sizeOf(each) + 4;
  sizes.set(value, size);
  return size;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The parts of a value that may be shared: the value itself, or those below it if only they may be common to several
 * routes.
 */
function candidatesOf(name: string, value: unknown): readonly Candidate[] {
  const below = (each: object, place: Place) =>
    Object.entries(each).flatMap(([key, own]) => (OWN_BELOW.has(`${name} ${key}`) ? [] : whole(own, [...place, key])));
  if (name === 'canaries' && Array.isArray(value))
    return value.flatMap((each, index) => (isObject(each) ? below(each, [name, index]) : []));
  return isObject(value) ? below(value, [name]) : whole(value, [name]);
}

function whole(value: unknown, place: Place): readonly Candidate[] {
  const size = sizeOf(value);
  const fits = (typeof value === 'string' || (typeof value === 'object' && value !== null)) && size >= LEAST_SHARED;
  return fits ? [{ place, value, size }] : [];
}

type Part = readonly [hash: string, text: string];

const partsOfObjects = new WeakMap<object, Part>();
/** Strings cannot be keys of a WeakMap. */
const partsOfTexts = new Map<string, Part>();
const MOST_TEXTS = 256;

function partOf(value: string | object): Part {
  const known = typeof value === 'string' ? partsOfTexts.get(value) : partsOfObjects.get(value);
  if (known !== undefined) return known;
  // An object, because a truncated line of the journal is recognised by its end.
  const text = JSON.stringify({ value });
  const part: Part = [hash('sha256', text, 'hex').slice(0, 32), text];
  if (typeof value !== 'string') partsOfObjects.set(value, part);
  else {
    if (partsOfTexts.size >= MOST_TEXTS) partsOfTexts.clear();
    partsOfTexts.set(value, part);
  }
  return part;
}

/** A copy of `value` without the part at `place`. */
function without(value: object, [first, ...rest]: Place): object {
  if (first === undefined) return value;
  if (Array.isArray(value))
    return (value as readonly object[]).map((each, index) => (index === first ? without(each, rest) : each));
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== first));
  return { ...value, [first]: without((value as Record<string, object>)[first] ?? {}, rest) };
}

/** A route in its written form: its longest values are moved to shared parts until the rest is short. */
export function shareRoute(route: LiveRoute): SharedRoute {
  const fields = Object.entries(route).filter(([name]) => !OWN.has(name));
  let inline = fields.reduce((size, [name, value]) => size + name.length + sizeOf(value) + 4, 0);
  if (inline <= MOST_INLINE) return { text: JSON.stringify(route), parts: NO_PARTS };
  const candidates = fields.flatMap(([name, value]) => candidatesOf(name, value)).sort((a, b) => b.size - a.size);
  const parts: Part[] = [];
  const shared: SharedPart[] = [];
  let rest: object = route;
  for (const { place, value, size } of candidates) {
    if (inline <= MOST_INLINE) break;
    const part = partOf(value);
    parts.push(part);
    shared.push([part[0], ...place]);
    rest = without(rest, place);
    inline -= size;
  }
  return shared.length === 0
    ? { text: JSON.stringify(route), parts: NO_PARTS }
    : { text: JSON.stringify({ ...rest, shared }), parts };
}
