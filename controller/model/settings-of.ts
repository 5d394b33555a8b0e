import { isDeepStrictEqual } from 'node:util';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Snapshot } from '../types/snapshot.ts';
import { NO_TEXTS, type SnippetTexts, withGoodSnippets } from './admin-snippets.ts';
import type { BuildOptions } from './options.ts';
import type { Facts } from './setting.ts';
import { readSettings } from './settings/settings.ts';

type SettingsResult = ReturnType<typeof readSettings>;
type ByConfigMap = WeakMap<V1ConfigMap, SettingsResult>;
const NO_CONFIG_MAP: V1ConfigMap = {};
const memos = new Map<string, ByConfigMap>();

/** What the options know of the machine. */
export function factsOf({ processors, openFiles, brotli }: BuildOptions): Facts {
  return { processors, openFiles, brotli };
}

/** What was read on one kind of machine: in a process there is one, in its tests there are some. */
function memoOf(facts: Facts, guardsOnly: boolean): ByConfigMap {
  const key = JSON.stringify([facts, guardsOnly]);
  const memo = memos.get(key) ?? new WeakMap<V1ConfigMap, SettingsResult>();
  memos.set(key, memo);
  return memo;
}

type Mended = ReturnType<typeof withGoodSnippets>;
const mends = new WeakMap<V1ConfigMap, { readonly texts: SnippetTexts; readonly mended: Mended }>();

/** The same object for as long as nothing differs that counts. */
function mendedOnce(configMap: V1ConfigMap, texts: SnippetTexts): Mended {
  const known = mends.get(configMap);
  if (known !== undefined && known.texts === texts) return known.mended;
  const mended = withGoodSnippets(configMap, texts);
  const same = isDeepStrictEqual(mended, known?.mended) ? known?.mended : mended;
  mends.set(configMap, { texts, mended: same });
  return same;
}

/** The settings in force, and what is wrong with them; the same objects for as long as the ConfigMap is the same. */
export function settingsOf(snapshot: Snapshot, options: BuildOptions): SettingsResult {
  const found = snapshot.ConfigMap.get(options.configMap);
  const configMap = found ?? NO_CONFIG_MAP;
  const facts = factsOf(options);
  const memo = memoOf(facts, options.defaultSettingsOnly);
  if (found !== undefined) {
    const mended = mendedOnce(found, options.snippets ?? NO_TEXTS);
    if (mended !== undefined) {
      const known = memo.get(mended.configMap) ?? readSettings(mended.configMap, facts, options.defaultSettingsOnly);
      const result = memo.has(mended.configMap)
        ? known
        : { ...known, problems: [...mended.problems, ...known.problems] };
      memo.set(mended.configMap, result);
      return result;
    }
  }
  const result = memo.get(configMap) ?? readSettings(found, facts, options.defaultSettingsOnly);
  memo.set(configMap, result);
  return result;
}
