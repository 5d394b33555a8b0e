/**
 * A simplified server-side apply. The fields that a manager applies are merged into the object, and a field that the
 * same manager applied before and now omits is removed. Lists are replaced as a whole. Conflicts between managers are
 * not tracked, so every request is treated as if it had `force=true`.
 */
import { mergePatch } from './merge-patch.ts';
import { isRecord } from './object.ts';
import type { Json, JsonObject } from './object.ts';

/** A merge patch that deletes the fields that are in `before` and not in `after`. */
function removals(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const [field, value] of Object.entries(before)) {
    const next = after[field];
    if (next === undefined) patch[field] = null;
    else if (isRecord(value) && isRecord(next)) patch[field] = removals(value, next);
  }
  return patch;
}

/** The object without apiVersion, kind, and most of its metadata, which an apply cannot remove. */
function withoutIdentity(object: JsonObject): JsonObject {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const { labels, annotations } = isRecord(metadata) ? metadata : {};
  return { ...rest, metadata: { ...(labels && { labels }), ...(annotations && { annotations }) } };
}

/** The object `live` with the changes in `applied`. `last` is what the same manager applied before. */
export function applyPatch(live: JsonObject, applied: JsonObject, last: JsonObject | undefined): JsonObject {
  const patch = last === undefined ? {} : removals(withoutIdentity(last), withoutIdentity(applied));
  return mergePatch(mergePatch(live, patch), applied) as JsonObject;
}
