/**
 * Server-side apply, simplified: a field that a manager applied before and omits now is removed; what it applies is
 * merged. Lists are replaced as a whole, and conflicts of managers are not tracked: every apply is `force=true`.
 */
import { mergePatch } from './merge-patch.ts';
import { isRecord } from './object.ts';
import type { Json, JsonObject } from './object.ts';

/** A merge patch that deletes what `before` has and `after` has not. */
function removals(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const [field, value] of Object.entries(before)) {
    const next = after[field];
    if (next === undefined) patch[field] = null;
    else if (isRecord(value) && isRecord(next)) patch[field] = removals(value, next);
  }
  return patch;
}

/** The identity is not a field that an apply could remove. */
function withoutIdentity(object: JsonObject): JsonObject {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const { labels, annotations } = isRecord(metadata) ? metadata : {};
  return { ...rest, metadata: { ...(labels && { labels }), ...(annotations && { annotations }) } };
}

/** `last` is what this manager applied before; undefined the first time. */
export function applyPatch(live: JsonObject, applied: JsonObject, last: JsonObject | undefined): JsonObject {
  const patch = last === undefined ? {} : removals(withoutIdentity(last), withoutIdentity(applied));
  return mergePatch(mergePatch(live, patch), applied) as JsonObject;
}
