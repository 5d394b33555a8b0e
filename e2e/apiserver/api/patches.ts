/** Applies a PATCH of any of the four media types to an object. */
import { parse } from 'yaml';
import { applyPatch } from './apply-patch.ts';
import { ApiFailure, badRequest } from './failure.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch, strategicPatch } from './merge-patch.ts';
import { isRecord } from './object.ts';
import type { ApiObject, Json, JsonObject } from './object.ts';
import type { Resource } from './resources.ts';

export const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';

function unsupported(mediaType: string, accepted: string): ApiFailure {
  const message = `the body of the request was in an unknown format (${mediaType}) - accepted media types include: ${accepted}`;
  return new ApiFailure(415, 'UnsupportedMediaType', message);
}

/** Parses the body of a request. Protobuf, which for example `kubectl create namespace` sends, is rejected. */
export function parseBody(text: string, mediaType: string): Json {
  if (!/[/+](json|yaml)$/.test(mediaType)) throw unsupported(mediaType, 'application/json, application/yaml');
  try {
    return (mediaType.endsWith('yaml') ? parse(text) : JSON.parse(text)) as Json;
  } catch (error) {
    throw badRequest(`error decoding the request's body: ${String(error)}`);
  }
}

export function parseObject(text: string, mediaType: string): ApiObject {
  const body = parseBody(text, mediaType);
  if (!isRecord(body)) throw badRequest('the body is not an object');
  return { ...body, metadata: isRecord(body['metadata']) ? body['metadata'] : {} };
}

/**
 * The object `live` after the patch. `applied`, which only server-side apply uses, is what the same manager applied
 * before.
 */
export function patched(
  resource: Resource,
  live: ApiObject,
  patch: Json,
  mediaType: string,
  applied: JsonObject | undefined,
): ApiObject {
  if (mediaType === JSON_PATCH) return jsonPatch(live, patch) as ApiObject;
  if (!isRecord(patch)) throw badRequest('the patch is not an object');
  if (mediaType === MERGE_PATCH) return mergePatch(live, patch) as ApiObject;
  if (mediaType === STRATEGIC_PATCH) return strategicPatch(resource.kind, live, patch) as ApiObject;
  if (mediaType === APPLY) return applyPatch(live, patch, applied) as ApiObject;
  throw unsupported(mediaType, `${JSON_PATCH}, ${MERGE_PATCH}, ${STRATEGIC_PATCH}, ${APPLY}`);
}
