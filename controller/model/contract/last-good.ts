/** If a Secret or ConfigMap becomes unusable, its last good content stays in force until the object is deleted. */
import { isDeepStrictEqual } from 'node:util';
import { type InForce, type Kept, type Use, type UseKey, USES } from '../../types/last-good.ts';
import type { FieldPath, Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { BuildOptions } from './options.ts';
import type { Resources } from './resources.ts';

/**
 * Result of reading an object for one use: the value, or the reason why the object is unusable, as the end of a
 * sentence that begins with the object.
 */
export type Judged<T> =
  | { readonly ok: true; readonly value: T }
  /**
   * `gone`: the entries that the use needs are no longer in the object. Somebody removed them on purpose, so the last
   * good content is no longer used either.
   */
  | { readonly ok: false; readonly reason: string; readonly gone?: true };

/** An existing object, and the function that reads it for one use. */
export interface ObjectReading<K extends Kept, T> {
  readonly use: Use;
  readonly key: ObjectKey;
  readonly object: K;
  readonly read: (object: K) => Judged<T>;
  /** Describes the value in force, for messages: `2 users`. */
  readonly tell: (value: T) => string;
}

/**
 * The value in force, or the reason why there is none. `kept`: a sentence that says what is wrong with the object and
 * what stays in force instead.
 */
export type Usable<T> =
  { readonly value: T; readonly kept?: string; readonly refusal?: undefined } | { readonly refusal: string };

/**
 * The value of the object, or the value of its last good content if it is unusable. An object that was deleted and
 * created again under the same name has another uid, so the last good content of the deleted object is not used for it.
 */
export function lastGood<K extends Kept, T>(
  { use, key, object, read, tell }: ObjectReading<K, T>,
  resources: Pick<Resources, 'lastGood' | 'inForce'>,
): Usable<T> {
  const now = read(object);
  if (now.ok) {
    resources.inForce(`${use} ${key}`, object);
    return { value: now.value };
  }
  const refusal = `${USES[use].kind} ${key} ${now.reason}`;
  if (now.gone === true) return { refusal };
  // All objects of a use have the same kind.
  const before = resources.lastGood(`${use} ${key}`) as K | undefined;
  if (before === undefined || before.metadata?.uid !== object.metadata?.uid) return { refusal };
  const then = read(before);
  if (!then.ok) return { refusal };
  resources.inForce(`${use} ${key}`, before);
  return { value: then.value, kept: `${refusal}; its last good content stays in force: ${tell(then.value)}` };
}

/** The Problem of an object whose last good content is in force. */
export function keptProblem(field: FieldPath, value: ObjectKey, message: string): Omit<Problem, 'object'> {
  return { code: 'content-kept', severity: 'error', effect: 'none', field, value, message };
}

/** Whether the entries with these names are absent from a Secret or ConfigMap, or blank. */
export function isBlank({ data = {} }: Kept, ...names: readonly string[]): boolean {
  return names.every((name) => (data[name] ?? '').trim() === '');
}

/** Last good content of objects that a setting or a flag names; `noted` records the objects in force. */
export interface NamedObjects extends Pick<Resources, 'lastGood' | 'inForce'> {
  readonly noted: InForce;
}

export function namedObjects({ lastGood: before }: Pick<BuildOptions, 'lastGood'>): NamedObjects {
  const noted = new Map<UseKey, Kept>();
  return { lastGood: (use) => before?.get(use), inForce: (use, object) => void noted.set(use, object), noted };
}

/**
 * An object with the data in force: `written` or one of the `known` objects, if it has exactly these data. A new object
 * would be stored again.
 */
export function keptWith(
  written: Kept | undefined,
  data: Readonly<Record<string, string>>,
  known: readonly (Kept | undefined)[],
): Kept {
  const { metadata = {} } = written ?? {};
  const same = [written, ...known].find(
    (each) => each?.metadata?.uid === metadata.uid && isDeepStrictEqual(each?.data ?? {}, data),
  );
  return same ?? { metadata, data };
}
