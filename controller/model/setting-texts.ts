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
}

export type Replacements = ReadonlyMap<string, Replacement>;

/** The text of a key, the empty one where it is not there. */
export function textOf(data: Readonly<Record<string, string>>, name: string): string {
  return data[name]?.trim() ?? '';
}

/**
 * Keys whose value is not the written one. What its parser refuses is replaced only where a good value is known and no
 * other rule says what then holds (`closed`).
 */
export function replacementsIn(
  data: Readonly<Record<string, string>>,
  { good, refused }: SettingTexts,
  keys: ReadonlyMap<string, SettingKey<unknown>>,
): Replacements {
  const replaced = new Map<string, Replacement>();
  for (const [name, key] of keys) {
    const [text, last, refusal] = [textOf(data, name), good.get(name), refused.get(name)];
    const known = last === text || last === '' ? undefined : last;
    if (refusal?.text === text) {
      replaced.set(name, { good: known, why: `is refused by nginx: ${refusal.message}`, byNginx: true });
    } else if (text !== '' && known !== undefined && key.closed === undefined) {
      const parsed = key.parser.parse(text);
      if (!parsed.ok) replaced.set(name, { good: known, why: parsed.reason, byNginx: false });
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
  if (key.closed !== undefined || key.guards !== true) return 'its default is used';
  return key.fallback === '' ? 'it is left out' : 'its default is used';
}
