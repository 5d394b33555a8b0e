/**
 * Replaces a snippet of the ConfigMap that is unusable as written. The directives that nginx accepts stay in force. If
 * a directive that may guard access was never in force, all paths that it may have been meant to guard answer 503.
 */
import { confText } from '../../types/conf-tree.ts';
import { shorten } from '../../types/problem.ts';
import { parseConf } from '../../types/tokenizer.ts';
import type { SettingKey } from '../contract/setting.ts';
import {
  type Replacement,
  type Replacements,
  replacementsIn,
  type SettingTexts,
  settingText,
} from '../contract/setting-texts.ts';
import { closedText, guardsAccess, isClosed, mayGuard } from './snippet-guards.ts';

type Directives = readonly (readonly [index: number, message: string])[];

/** The text of a snippet without the directives that nginx refuses. */
export function withoutRefused(text: string, directives: Directives): string {
  const left = new Set(directives.map(([index]) => index));
  return confText(parseConf(text).filter((_, index) => !left.has(index)));
}

/** Like `replacementsIn`, except that those directives of a snippet that nginx accepts stay in force. */
export function replacementsOf(
  data: Readonly<Record<string, string>>,
  texts: SettingTexts,
  keys: ReadonlyMap<string, SettingKey<unknown>>,
): Replacements {
  const replaced = new Map(replacementsIn(data, texts, keys));
  for (const [name, key] of keys) {
    const own = name.endsWith('-snippet') ? replacedSnippet(name, settingText(data, name), key, texts) : undefined;
    if (own !== undefined) replaced.set(name, own);
  }
  return replaced;
}

/** The replacement of a snippet; undefined if its text is usable, or if `replacementsIn` is to decide. */
function replacedSnippet(
  name: string,
  text: string,
  key: SettingKey<unknown>,
  { good, refused, running }: SettingTexts,
): Replacement | undefined {
  if (text === '') return undefined;
  const last = good.get(name);
  const closed = isClosed(name, last) || (last === undefined && running !== true) ? closedText(name) : undefined;
  const shut = (why: string, byNginx: boolean): Replacement | undefined =>
    closed === undefined
      ? undefined
      : { good: closed, why, byNginx, holds: 'all paths that it may have guarded answer 503' };
  const parsed = key.parser.parse(text);
  if (!parsed.ok) return mayGuard(text) ? shut(parsed.reason, false) : undefined;
  const refusal = refused.get(name);
  if (refusal?.text !== text) return undefined;
  const why = `is refused by nginx: ${refusal.message}`;
  const nodes = parseConf(text);
  const { directives } = refusal;
  if (directives === undefined) return guardsAccess(nodes) ? shut(why, true) : undefined;
  const left = new Set(directives.map(([index]) => index));
  const closing = guardsAccess(nodes.filter((_, index) => left.has(index))) ? shut(why, true) : undefined;
  if (closing !== undefined) return closing;
  const each = directives.map(([index, message]) => `${shorten(confText(nodes.slice(index, index + 1)))} (${message})`);
  return {
    good: withoutRefused(text, directives),
    why: `contains directives that nginx refuses: ${each.join(', ')}`,
    byNginx: true,
    holds: 'the other directives are in force',
  };
}
