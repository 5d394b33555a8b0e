import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Snapshot } from '../types/snapshot.ts';
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

/** The settings in force, and what is wrong with them; the same objects for as long as the ConfigMap is the same. */
export function settingsOf(snapshot: Snapshot, options: BuildOptions): SettingsResult {
  const found = snapshot.ConfigMap.get(options.configMap);
  const configMap = found ?? NO_CONFIG_MAP;
  const facts = factsOf(options);
  const memo = memoOf(facts, options.defaultSettingsOnly);
  const result = memo.get(configMap) ?? readSettings(found, facts, options.defaultSettingsOnly);
  memo.set(configMap, result);
  return result;
}
