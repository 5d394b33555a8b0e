/** Texts of the ConfigMap: an invalid one is replaced by the last good one of the same key. */
import type { SettingKey } from './setting.ts';

/** What is known of the values, by key; an empty text stands for an absent key. */
export interface SettingTexts {
  /** The texts that NGINX runs with. */
  readonly good: ReadonlyMap<string, string>;
  /** The texts that NGINX refused. */
  readonly refused: ReadonlyMap<string, RefusedText>;
  /** NGINX has run with a configuration: a key without a good text was absent in it, and guarded nothing. */
  readonly running?: true;
}

export interface RefusedText {
  readonly text: string;
  /** What nginx said. */
  readonly message: string;
  /** For a snippet that is accepted in part: the index of each refused directive, and what nginx said. */
  readonly directives?: readonly (readonly [index: number, message: string])[];
}

export const NO_TEXTS: SettingTexts = { good: new Map(), refused: new Map() };

/** A value that is in force instead of the written one. */
export interface Replacement {
  /** The last good value; undefined where none is known. */
  readonly good: string | undefined;
  /** Why, as the end of a sentence that begins with the key's name. */
  readonly why: string;
  /** nginx refused it, not our parser. */
  readonly byNginx: boolean;
  /** What is in force now, if it differs from what `replacedBy` says. */
  readonly holds?: string;
  /** It may let in fewer clients than the written value. */
  readonly shuts?: true;
}

export type Replacements = ReadonlyMap<string, Replacement>;

/** The text of a key; empty if the key is absent. */
export function settingText(data: Readonly<Record<string, string>>, name: string): string {
  return data[name]?.trim() ?? '';
}

/** What is in force if a text is unusable; `good` is undefined if no good text is known. */
function inItsPlace(
  name: string,
  text: string,
  { shut, holds }: SettingKey<unknown>,
  { good, running }: SettingTexts,
): Pick<Replacement, 'good' | 'holds' | 'shuts'> {
  const last = good.get(name) ?? '';
  if (last !== '' && last !== text && last !== shut) return { good: last };
  if (shut === undefined) return { good: undefined };
  // Only a valid text can replace `shut`.
  if (last === '' && running === true) return { good: '', holds: 'it was not there before, and is left out' };
  return { good: shut, ...(holds !== undefined && { holds }), shuts: true };
}

/**
 * Keys whose value in force differs from the written one. If no good text is known, an invalid text falls back to
 * `closed`, or to the default.
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

/** Adds the last good values of keys that would fall back to their defaults because they conflict with others. */
export function withCorrected(
  replaced: Replacements,
  fallen: ReadonlyMap<string, string>,
  { good }: SettingTexts,
): Replacements {
  const more = [...fallen].flatMap(([name, why]): [string, Replacement][] => {
    const last = good.get(name);
    return last === undefined || replaced.has(name) ? [] : [[name, { good: last, why, byNginx: false }]];
  });
  return more.length === 0 ? replaced : new Map([...replaced, ...more]);
}

/** What is in force now, as the end of a sentence about a replaced value. */
export function replacedBy({ good }: Replacement, key: SettingKey<unknown>): string {
  if (good !== undefined) return 'its last good value stays in force';
  if (key.closed !== undefined) return key.holds ?? 'the strictest value is in force';
  if (key.guards !== true) return 'its default is used';
  return key.fallback === '' ? 'it is left out' : 'its default is used';
}
