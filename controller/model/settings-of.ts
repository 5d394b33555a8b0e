import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Snapshot } from '../types/snapshot.ts';
import type { BuildOptions } from './options.ts';
import { readSettings } from './settings/settings.ts';

type SettingsResult = ReturnType<typeof readSettings>;
const [memo, guards] = [new WeakMap<V1ConfigMap, SettingsResult>(), new WeakMap<V1ConfigMap, SettingsResult>()];
const DEFAULTS: SettingsResult = readSettings(undefined);

/** The settings in force, and what is wrong with them; the same objects for as long as the ConfigMap is the same. */
export function settingsOf(snapshot: Snapshot, options: BuildOptions): SettingsResult {
  const configMap = snapshot.ConfigMap.get(options.configMap);
  if (configMap === undefined) return DEFAULTS;
  const known = options.defaultSettingsOnly ? guards : memo;
  const result = known.get(configMap) ?? readSettings(configMap, options.defaultSettingsOnly);
  known.set(configMap, result);
  return result;
}
