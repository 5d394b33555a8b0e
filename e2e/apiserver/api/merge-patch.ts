/** Applies a JSON merge patch (RFC 7386), or a strategic merge patch, which kubectl sends for built-in kinds. */
import { isList, isRecord } from './object.ts';
import type { Json, JsonObject } from './object.ts';

/**
 * Merges `patch` into `target`: `null` deletes a field, objects are merged, and any other value replaces the old one.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, Json | undefined> = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete merged[field];
    else merged[field] = mergePatch(merged[field], value);
  }
  return merged;
}

/** Field name of a list → the key by which its items are merged. Other lists are replaced as a whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  conditions: 'type',
  ownerReferences: 'uid',
  addresses: 'type',
  webhooks: 'name',
};

function mergeKeyOf(kind: string, path: readonly string[]): string | undefined {
  if (kind === 'Service' && path.join('.') === 'spec.ports') return 'port';
  // The addresses of a Node are merged by their type; the addresses of an endpoint are plain strings.
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
 * Applies a strategic merge patch to an object of a kind in resources.ts. It supports the directives `$patch: delete |
 * replace`, `$setElementOrder/…` and `$retainKeys`, as kubectl writes them. `kind` is the object's kind, and `path` is
 * the path of `target` in the object.
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
