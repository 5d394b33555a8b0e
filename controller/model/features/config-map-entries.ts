/** Reads ConfigMaps in which every entry must be valid: headers and FastCGI parameters. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Bounds } from '../contract/bounds.ts';
import { shorten } from '../../types/problem.ts';
import { IN_BINARY_DATA } from '../contract/binary-data.ts';
import { headersTooLarge } from '../contract/header-entries.ts';
import type { Judged } from '../contract/last-good.ts';
import { moreThanMost } from '../values/header-names.ts';

/** The entries of a ConfigMap, sorted by their names. */
export type ConfigMapEntries = readonly (readonly [name: string, value: string])[];

/** Why an entry cannot be used, as a sentence. */
type Refusal = (name: string, value: string) => string | undefined;

/** Reads the entries as headers, whose number is limited. */
export function readHeaders(configMap: V1ConfigMap, refusalOf: Refusal, bounds: Bounds): Judged<ConfigMapEntries> {
  const tooMany = moreThanMost(Object.keys(configMap.data ?? {}));
  return tooMany === undefined ? readConfigMapEntries(configMap, refusalOf, bounds) : { ok: false, reason: tooMany };
}

export function readConfigMapEntries(
  { data = {}, binaryData = {} }: V1ConfigMap,
  refusalOf: Refusal,
  bounds: Bounds,
): Judged<ConfigMapEntries> {
  const large = headersTooLarge(data, bounds);
  if (large !== undefined) return { ok: false, reason: large };
  const [binary] = Object.keys(binaryData);
  if (binary !== undefined) return { ok: false, reason: `cannot be used: ${shorten(binary)} ${IN_BINARY_DATA}` };
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of entries) {
    const refusal = refusalOf(name, value);
    if (refusal !== undefined) return { ok: false, reason: `cannot be used: ${refusal}` };
  }
  return { ok: true, value: entries };
}

export function tellEntries(entries: ConfigMapEntries): string {
  return entries.length === 0 ? 'no entries' : entries.map(([name]) => name).join(', ');
}
