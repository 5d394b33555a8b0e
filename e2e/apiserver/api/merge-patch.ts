/** JSON merge patch (RFC 7386), and its strategic variant that kubectl sends for built-in kinds. */
import { isList, isRecord } from './object.ts';
import type { Json, JsonObject } from './object.ts';

/** `null` deletes, objects merge, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, Json | undefined> = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete merged[field];
    else merged[field] = mergePatch(merged[field], value);
  }
  return merged;
}

/** Lists that merge by a key, at these field names; the other lists of our kinds are replaced as a whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = { conditions: 'type', ownerReferences: 'uid', addresses: 'type' };

function mergeKeyOf(kind: string, path: readonly string[]): string | undefined {
  if (kind === 'Service' && path.join('.') === 'spec.ports') return 'port';
  // The addresses of a Node merge by type; those of an endpoint are plain texts.
  if (path.at(-1) === 'addresses' && kind !== 'Node') return undefined;
  return MERGE_KEYS[path.at(-1) ?? ''];
}

function mergeList(
  kind: string,
  path: readonly string[],
  target: Json | undefined,
  patch: readonly Json[],
  order: Json | undefined,
): Json {
  const key = mergeKeyOf(kind, path);
  if (key === undefined) return patch;
  const merged = new Map((isList(target) ? target : []).filter(isRecord).map((item) => [item[key], item] as const));
  for (const item of patch.filter(isRecord)) {
    const { $patch: directive, ...rest } = item;
    if (directive === 'delete') merged.delete(item[key]);
    else merged.set(item[key], strategicPatch(kind, merged.get(item[key]), rest, path));
  }
  if (!isList(order)) return [...merged.values()];
  const rank = order.filter(isRecord).map((item) => item[key]);
  return [...merged].sort(([a], [b]) => rank.indexOf(a) - rank.indexOf(b)).map(([, item]) => item);
}

/**
 * A strategic merge patch for the kinds of resources.ts: `$patch: delete | replace`, `$setElementOrder/…` and
 * `$retainKeys` as kubectl writes them. `kind` is the object's, `path` where `target` sits in it.
 */
export function strategicPatch(
  kind: string,
  target: Json | undefined,
  patch: JsonObject,
  path: readonly string[] = [],
): JsonObject {
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  const merged: Record<string, Json | undefined> = isRecord(target) && directive !== 'replace' ? { ...target } : {};
  if (isList(retained)) for (const field of Object.keys(merged)) if (!retained.includes(field)) delete merged[field];
  for (const [field, value] of Object.entries(fields)) {
    const below = [...path, field];
    if (field.startsWith('$setElementOrder/')) continue;
    if (value === null || value === undefined) delete merged[field];
    else if (isList(value))
      merged[field] = mergeList(kind, below, merged[field], value, fields[`$setElementOrder/${field}`]);
    else if (isRecord(value)) merged[field] = strategicPatch(kind, merged[field], value, below);
    else merged[field] = value;
  }
  return merged;
}
