/** Objects that are left out because they do not have the shape of their kind, and the Problems about them. */
import { isRecord } from '../../types/is-record.ts';
import type { Kind } from '../../types/snapshot.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import { MOST_LEVELS } from './skim.ts';

/** The malformed objects of one selection. */
export interface MalformedObjects {
  /** Reference to an object, as JSON → what is wrong with it, as the end of a sentence. */
  readonly named: ReadonlyMap<string, string>;
  /** Number of malformed objects without a name. */
  readonly unnamed: number;
}

export const NOT_MALFORMED: MalformedObjects = { named: new Map(), unnamed: 0 };

/** At most this many objects of a kind are reported one by one. */
const MOST_NAMED = 10;

function referenceOf(kind: Kind, raw: unknown): ObjectRef | undefined {
  const metadata = isRecord(raw) ? raw['metadata'] : undefined;
  const { name, namespace = '' } = isRecord(metadata) ? metadata : {};
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return undefined;
  return { kind, namespace, name };
}

/** `known` with this object; `isTooDeep`: whether it has too many levels. */
export function withMalformed(known: MalformedObjects, kind: Kind, raw: unknown, isTooDeep: boolean): MalformedObjects {
  const object = referenceOf(kind, raw);
  if (object === undefined) return { ...known, unnamed: known.unnamed + 1 };
  const reason = isTooDeep ? `is nested more than ${MOST_LEVELS} levels deep` : 'does not have the form of its kind';
  return { ...known, named: new Map(known.named).set(JSON.stringify(object), reason) };
}

/** `known` without this object, which has been mended or deleted; the same value if it was not malformed. */
export function withoutMalformed(known: MalformedObjects, kind: Kind, raw: unknown): MalformedObjects {
  if (known.named.size === 0) return known;
  const key = JSON.stringify(referenceOf(kind, raw));
  return known.named.has(key) ? { ...known, named: new Map([...known.named].filter(([each]) => each !== key)) } : known;
}

const ABOUT = { code: 'malformed-object', severity: 'error', effect: 'object-ignored' } as const;
const EXAMPLE = 'metadata: {name: web, namespace: shop}';

/** The Problems about the malformed objects of one kind. */
export function malformedProblems(kind: Kind, all: readonly MalformedObjects[]): readonly Problem[] {
  const named = all.flatMap((each) => [...each.named]).sort(([a], [b]) => (a < b ? -1 : 1));
  const problems = named.slice(0, MOST_NAMED).map(([key, reason]): Problem => ({
    ...ABOUT,
    object: JSON.parse(key) as ObjectRef,
    message: `the object ${reason}, and is left out`,
  }));
  const more = named.length - problems.length;
  const unnamed = all.reduce((sum, each) => sum + each.unnamed, 0);
  if (more > 0) problems.push({ ...ABOUT, message: `${counted(more, kind, 'more ')} malformed and left out` });
  if (unnamed > 0)
    problems.push({
      ...ABOUT,
      message: `${counted(unnamed, kind, '')} malformed and left out: the name or namespace is missing`,
      example: EXAMPLE,
    });
  return problems;
}

function counted(count: number, kind: Kind, more: '' | 'more '): string {
  const objects = `${count} ${more}${count === 1 ? 'object' : 'objects'}`;
  return `${objects} that the API server lists as ${kind} ${count === 1 ? 'is' : 'are'}`;
}
