/** What is in force if a Secret or ConfigMap becomes unusable: its last good content, until it is deleted. */
import { type InForce, type Kept, type Use, type UseKey, USES } from '../../types/last-good.ts';
import type { FieldPath, Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { BuildOptions } from './options.ts';
import type { Resources } from './resources.ts';

/** What a use reads from an object, or why it cannot, as the end of a sentence that begins with the object. */
export type Judged<T> =
  | { readonly ok: true; readonly value: T }
  /** `gone`: the object no longer holds what the use needs. Somebody removed it, so the last good content ends, too. */
  | { readonly ok: false; readonly reason: string; readonly gone?: true };

/** An existing object, and how a use reads it. */
export interface ObjectReading<K extends Kept, T> {
  readonly use: Use;
  readonly key: ObjectKey;
  readonly object: K;
  readonly read: (object: K) => Judged<T>;
  /** What is in force, for messages: `2 users`. */
  readonly tell: (value: T) => string;
}

/** `kept`: what is wrong with the object, and what stays in force instead, as a sentence. */
export type Usable<T> =
  { readonly value: T; readonly kept?: string; readonly refusal?: undefined } | { readonly refusal: string };

/**
 * What the object holds, or held last. An object that was deleted and created again under its name (another uid) is
 * another object.
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

/** Whether a Secret or ConfigMap holds nothing under these names. */
export function isBlank({ data = {} }: Kept, ...names: readonly string[]): boolean {
  return names.every((name) => (data[name] ?? '').trim() === '');
}

export interface NamedObjects extends Pick<Resources, 'lastGood' | 'inForce'> {
  readonly noted: InForce;
}

/** For objects that a setting or a flag names, not an Ingress. */
export function namedObjects({ lastGood: before }: Pick<BuildOptions, 'lastGood'>): NamedObjects {
  const noted = new Map<UseKey, Kept>();
  return { lastGood: (use) => before?.get(use), inForce: (use, object) => void noted.set(use, object), noted };
}
