/** Values of the ConfigMap as they are written: a bad one gives way to the last good one of its own key alone. */
import type { SettingKey } from './setting.ts';

/** What is known of the values, by key; the empty text stands for a key that is not there. */
export interface SettingTexts {
  /** Those that NGINX runs with. */
  readonly good: ReadonlyMap<string, string>;
  /** Those that it refused. */
  readonly refused: ReadonlyMap<string, RefusedText>;
  /** NGINX has run with a configuration: what is not among the good ones guarded nothing. */
  readonly running?: true;
}

export interface RefusedText {
  readonly text: string;
  /** What nginx said. */
  readonly message: string;
  /** Of a snippet of which the rest is accepted: the index of each directive that is refused, and what nginx said. */
  readonly directives?: readonly (readonly [index: number, message: string])[];
}

export const NO_TEXTS: SettingTexts = { good: new Map(), refused: new Map() };

/** A value that is in force in place of the written one. */
export interface Replacement {
  /** The last good value; undefined where none is known. */
  readonly good: string | undefined;
  /** Why, as the end of a sentence that begins with the key's name. */
  readonly why: string;
  /** nginx refused it, and not we. */
  readonly byNginx: boolean;
  /** What holds now, where it is not what `replacedBy` says. */
  readonly holds?: string;
  /** It lets in fewer than the written one may have meant to. */
  readonly shuts?: true;
}

export type Replacements = ReadonlyMap<string, Replacement>;

/** The text of a key, the empty one where it is not there. */
export function textOf(data: Readonly<Record<string, string>>, name: string): string {
  return data[name]?.trim() ?? '';
}

/** In force where a text cannot be used; undefined where no good one is known. */
function inItsPlace(
  name: string,
  text: string,
  { shut, holds }: SettingKey<unknown>,
  { good, running }: SettingTexts,
): Pick<Replacement, 'good' | 'holds' | 'shuts'> {
  const last = good.get(name) ?? '';
  if (last !== '' && last !== text && last !== shut) return { good: last };
  if (shut === undefined) return { good: undefined };
  // After `shut` comes nothing but a text that can be read.
  if (last === '' && running === true) return { good: '', holds: 'it was not there before, and is left out' };
  return { good: shut, ...(holds !== undefined && { holds }), shuts: true };
}

/** Keys whose value is not the written one. What its parser refuses falls to `closed`, or the default, where none is known. */
export function replacementsIn(
  data: Readonly<Record<string, string>>,
  texts: SettingTexts,
  keys: ReadonlyMap<string, SettingKey<unknown>>,
): Replacements {
  const replaced = new Map<string, Replacement>();
  for (const [name, key] of keys) {
    const [text, refusal] = [textOf(data, name), texts.refused.get(name)];
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

/** With the last good values of keys that would fall to their defaults, because others do not go together with them. */
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

/** The end of a sentence about a replaced value: what holds now. */
export function replacedBy({ good }: Replacement, key: SettingKey<unknown>): string {
  if (good !== undefined) return 'its last good value stays in force';
  if (key.closed !== undefined) return key.holds ?? 'the strictest value is in force';
  if (key.guards !== true) return 'its default is used';
  return key.fallback === '' ? 'it is left out' : 'its default is used';
}
