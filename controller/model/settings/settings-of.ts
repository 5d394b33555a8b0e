import { isDeepStrictEqual } from 'node:util';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Snapshot } from '../../types/snapshot.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { Facts } from '../contract/setting.ts';
import { withBinary } from './binary-settings.ts';
import { replacementsOf } from './replaced-snippet.ts';
import { NO_TEXTS, type Replacements, type SettingTexts, withCorrected } from '../contract/setting-texts.ts';
import { readSettings, type ReadSettings, SETTING_KEYS } from './settings.ts';

interface Known {
  readonly texts: SettingTexts;
  readonly replaced: Replacements;
  readonly result: ReadSettings;
}

const NO_CONFIG_MAP: V1ConfigMap = {};
/**
 * Maximum number of remembered results. While the controller searches for the value that nginx refuses, it reads many
 * variants; they must not evict the settings in force.
 */
const MOST_KNOWN = 64;
const memos = new Map<string, WeakMap<V1ConfigMap, readonly Known[]>>();

/** The facts about the machine among the options of a build. */
export function factsOf({ processors, openFiles, brotli, headersMore, http3Obstacle, streams }: BuildOptions): Facts {
  return { processors, openFiles, brotli, headersMore, http3Obstacle, stream: streams?.installed === true };
}

/** Remembered results for these facts. A process runs on one machine, but tests use several sets of facts. */
function memoOf(facts: Facts): WeakMap<V1ConfigMap, readonly Known[]> {
  const key = JSON.stringify(facts);
  const memo = memos.get(key) ?? new WeakMap<V1ConfigMap, readonly Known[]>();
  memos.set(key, memo);
  return memo;
}

/** The settings in force, and Problems about them. The same objects are returned as long as no input changes. */
export function settingsOf(snapshot: Snapshot, options: BuildOptions): ReadSettings {
  const found = snapshot.ConfigMap.get(options.configMap);
  const configMap = found ?? NO_CONFIG_MAP;
  const facts = factsOf(options);
  const memo = memoOf(facts);
  const texts = options.settingTexts ?? NO_TEXTS;
  const all = memo.get(configMap) ?? [];
  const same = all.find((each) => each.texts === texts);
  if (same !== undefined) return same.result;
  const read = (replaced: Replacements): Known => {
    const equal = all.find((each) => isDeepStrictEqual(each.replaced, replaced));
    return { texts, replaced, result: equal?.result ?? readSettings(found, facts, replaced) };
  };
  const written = replacementsOf(configMap.data ?? {}, texts, SETTING_KEYS);
  const first = read(withBinary(written, configMap, texts, SETTING_KEYS));
  const corrected = withCorrected(configMap.data ?? {}, first.replaced, first.result.fallen, texts);
  const made = corrected === first.replaced ? first : read(corrected);
  const others = all.filter(({ result }) => result !== made.result).slice(0, MOST_KNOWN - 1);
  memo.set(configMap, [made, ...others]);
  return made.result;
}
