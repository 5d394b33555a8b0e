/** Values of the ConfigMap as they are written: an invalid value is replaced by the last good value of the same key. */
import type { SettingKey } from './setting.ts';

/**
 * The written values with which NGINX runs, and those that it refused, by key; an empty string means that the key was
 * absent.
 */
export interface SettingTexts {
  /** The values that NGINX runs with. */
  readonly good: ReadonlyMap<string, string>;
  /** The values that NGINX refused. */
  readonly refused: ReadonlyMap<string, RefusedText>;
  /** NGINX already runs with a configuration, in which every key without a good value was absent and had no effect. */
  readonly running?: true;
}

export interface RefusedText {
  readonly text: string;
  /** Error message of nginx. */
  readonly message: string;
  /** For a snippet that is accepted in part: the index of each refused directive, and nginx's message about it. */
  readonly directives?: readonly (readonly [index: number, message: string])[];
}

export const NO_TEXTS: SettingTexts = { good: new Map(), refused: new Map() };

/** A value that is in force instead of the written one. */
export interface Replacement {
  /** The text that is in force, usually the last good value; undefined if no good value is known. */
  readonly good: string | undefined;
  /** Why the written value is not in force, as the end of a sentence that begins with the key's name. */
  readonly why: string;
  /** Whether nginx refused the written value; otherwise our parser did. */
  readonly byNginx: boolean;
  /** Description of what is in force, for messages, if `replacedBy` does not describe it correctly. */
  readonly holds?: string;
  /** The written value is in binaryData, where it is not read. */
  readonly binary?: true;
  /** What is in force may admit fewer clients than the written value would. */
  readonly shuts?: true;
}

export type Replacements = ReadonlyMap<string, Replacement>;

/** The value of a key as written; empty if the key is absent. */
export function settingText(data: Readonly<Record<string, string>>, name: string): string {
  return data[name]?.trim() ?? '';
}

/** What is in force if the value of a key is unusable; `good` is undefined if no good value is known. */
export function inItsPlace(
  name: string,
  text: string,
  { shut, holds }: SettingKey<unknown>,
  { good, running }: SettingTexts,
): Pick<Replacement, 'good' | 'holds' | 'shuts'> {
  const last = good.get(name) ?? '';
  if (last !== '' && last !== text && last !== shut) return { good: last };
  if (shut === undefined) return { good: undefined };
  // If NGINX runs without the key, the key stays absent. If NGINX runs with `shut`, `shut` applies until a value is
  // valid.
  if (last === '' && running === true) return { good: '', holds: 'the key was absent before, and is ignored' };
  return { good: shut, ...(holds !== undefined && { holds }), shuts: true };
}

/**
 * Finds the keys whose value in force differs from the written one. If no good value of a key is known, `closed` of the
 * key applies instead of an invalid value, or else the default.
 */
export function replacementsIn(
  data: Readonly<Record<string, string>>,
  texts: SettingTexts,
  keys: ReadonlyMap<string, SettingKey<unknown>>,
): Replacements {
  const replaced = new Map<string, Replacement>();
  for (const [name, key] of keys) {
    const [text, refusal] = [settingText(data, name), texts.refused.get(name)];
    if (refusal?.text === text) {
      const why = `is refused by nginx: ${refusal.message}`;
      replaced.set(name, { ...inItsPlace(name, text, key, texts), why, byNginx: true });
    } else if (text !== '' && key.closesAtOnce !== true) {
      const parsed = key.parser.parse(text);
      const other = parsed.ok ? undefined : inItsPlace(name, text, key, texts);
      if (!parsed.ok && other?.good !== undefined) replaced.set(name, { ...other, why: parsed.reason, byNginx: false });
    }
  }
  return replaced;
}

/**
 * Adds the last good values of keys that would fall back to their defaults because they conflict with other keys. A
 * value that was good before other keys changed is not better than the same value now.
 */
export function withCorrected(
  data: Readonly<Record<string, string>>,
  replaced: Replacements,
  fallen: ReadonlyMap<string, string>,
  { good }: SettingTexts,
): Replacements {
  const more = [...fallen].flatMap(([name, why]): [string, Replacement][] => {
    const last = good.get(name);
    return last === undefined || last === settingText(data, name) || replaced.has(name)
      ? []
      : [[name, { good: last, why, byNginx: false }]];
  });
  return more.length === 0 ? replaced : new Map([...replaced, ...more]);
}

/** What is in force instead of a written value, as the end of a sentence. */
export function replacedBy({ good }: Replacement, key: SettingKey<unknown>): string {
  if (good !== undefined) return 'its last good value stays in force';
  if (key.closed !== undefined) return key.holds ?? 'the strictest value is in force';
  if (key.guards !== true) return 'its default is used';
  return key.fallback === '' ? 'it is left out' : 'its default is used';
}
