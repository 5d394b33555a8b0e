/** Keys of the ConfigMap in binaryData, where kubectl puts files that are not UTF-8. Their values are invalid. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { IN_BINARY_DATA } from '../contract/binary-data.ts';
import type { SettingKey } from '../contract/setting.ts';
import { inItsPlace, type Replacement, type Replacements, type SettingTexts } from '../contract/setting-texts.ts';
import { closedText } from './snippet-guards.ts';

/** `replaced`, and what is in force instead of each key in binaryData. */
export function withBinary(
  replaced: Replacements,
  { binaryData = {} }: V1ConfigMap,
  texts: SettingTexts,
  keys: ReadonlyMap<string, SettingKey<unknown>>,
): Replacements {
  const found = Object.keys(binaryData).flatMap((name): [string, Replacement][] => {
    const key = keys.get(name);
    return key === undefined
      ? []
      : [[name, { ...instead(name, key, texts), why: IN_BINARY_DATA, byNginx: false, binary: true }]];
  });
  return found.length === 0 ? replaced : new Map([...replaced, ...found]);
}

function instead(name: string, key: SettingKey<unknown>, texts: SettingTexts): Pick<Replacement, 'good' | 'holds'> {
  if (key.closesAtOnce === true) return { good: undefined };
  const other = inItsPlace(name, '', key, texts);
  const shut = closedText(name);
  if (other.good !== undefined || shut === undefined || texts.running === true) return other;
  // The snippet may guard access, and has never been in force.
  return { good: shut, holds: 'all paths that it may have guarded answer 503' };
}
