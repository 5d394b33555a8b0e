/**
 * Moves long values of routes to parts that many routes share, each stored once under a separate key. Settings of an
 * Ingress apply to all its paths, but must not be in the live data once per path.
 */
import { hash } from 'node:crypto';
import { isRecord } from '../types/is-record.ts';
import type { SharedPart } from '../types/live.ts';
import { type FieldOfRoute, type LiveRoute, ROUTE_FIELDS } from '../types/live-route.ts';

/**
 * Maximum number of JSON characters of a route, without fields of a single path, before values are moved to shared
 * parts.
 */
const MOST_INLINE = 512;
/** Minimum size of a shared part: a shorter value takes no more space than a reference to it. */
const LEAST_SHARED = 96;

const OWN: ReadonlySet<string> = new Set(
  Object.entries<FieldOfRoute>(ROUTE_FIELDS).flatMap(([name, { ofOnePath }]) => (ofOnePath === true ? [name] : [])),
);
/** Values within fields that belong to one path. */
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

/** Sizes of lists and objects: routes with the same value refer to the same object. */
const sizes = new WeakMap<object, number>();

/** The approximate number of JSON characters of a value. */
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

/**
 * The values in a field that may be moved to shared parts: the value of the field, or, if it is an object, the values
 * of its keys.
 */
function candidatesOf(name: string, value: unknown): readonly Candidate[] {
  const below = (each: object, place: Place) =>
    Object.entries(each).flatMap(([key, own]) => (OWN_BELOW.has(`${name} ${key}`) ? [] : whole(own, [...place, key])));
  if (name === 'canaries' && Array.isArray(value))
    return value.flatMap((each, index) => (isRecord(each) ? below(each, [name, index]) : []));
  return isRecord(value) ? below(value, [name]) : whole(value, [name]);
}

function whole(value: unknown, place: Place): readonly Candidate[] {
  const size = sizeOf(value);
  const fits = (typeof value === 'string' || (typeof value === 'object' && value !== null)) && size >= LEAST_SHARED;
  return fits ? [{ place, value, size }] : [];
}

type Part = readonly [hash: string, text: string];

const partsOfObjects = new WeakMap<object, Part>();
/** Parts for strings, which cannot be keys of a WeakMap. */
const partsOfTexts = new Map<string, Part>();
const MOST_TEXTS = 256;

function partOf(value: string | object): Part {
  const known = typeof value === 'string' ? partsOfTexts.get(value) : partsOfObjects.get(value);
  if (known !== undefined) return known;
  // The text is always an object, because a truncated line of the journal is recognised by its missing brace.
  const text = JSON.stringify({ value });
  const part: Part = [hash('sha256', text, 'hex').slice(0, 32), text];
  if (typeof value !== 'string') partsOfObjects.set(value, part);
  else {
    if (partsOfTexts.size >= MOST_TEXTS) partsOfTexts.clear();
    partsOfTexts.set(value, part);
  }
  return part;
}

/** A copy of `value` without what is at `place`. */
function without(value: object, [first, ...rest]: Place): object {
  if (first === undefined) return value;
  if (Array.isArray(value))
    return (value as readonly object[]).map((each, index) => (index === first ? without(each, rest) : each));
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== first));
  return { ...value, [first]: without((value as Record<string, object>)[first] ?? {}, rest) };
}

/**
 * The written form of a route. If the route is long, its longest values are moved to shared parts until the rest is
 * short.
 */
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
