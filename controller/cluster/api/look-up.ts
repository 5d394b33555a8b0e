/** Reads single Secrets and ConfigMaps once, without watching them. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { Keeping } from '../../types/keeping.ts';
import type { ObjectKey, ReferencedObjects } from '../../types/snapshot.ts';
import { createConcurrencyLimit } from '../concurrency-limit.ts';
import type { ApiConnection } from './connection.ts';
import { readItem } from './read-item.ts';
import { fetchObject } from './read-object.ts';
import { resourcePath } from './resources.ts';
import { DEFAULT_TUNING } from './tuning.ts';

/** Objects in their stored form. */
export interface LookedUp {
  readonly Secret: ReadonlyMap<ObjectKey, V1Secret>;
  readonly ConfigMap: ReadonlyMap<ObjectKey, V1ConfigMap>;
}

export type LookUp = (objects: ReferencedObjects, signal: AbortSignal) => Promise<LookedUp>;

/** Maximum number of objects of one call; other objects count as missing. */
const MOST = 32;
const MOST_AT_ONCE = 8;
const TIMEOUT_MS = 1000;

/**
 * An object that cannot be read, because it does not exist, is forbidden, or does not arrive in time, is missing from the
 * result.
 */
export function createLookUp(connection: ApiConnection, keeping: Keeping, timeoutMs = TIMEOUT_MS): LookUp {
  const limit = createConcurrencyLimit(MOST_AT_ONCE);
  const tuning = { ...DEFAULT_TUNING, requestTimeoutMs: timeoutMs, keeping };

  async function one(kind: 'Secret' | 'ConfigMap', key: ObjectKey, signal: AbortSignal): Promise<object | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const answer = await fetchObject(connection, kind, resourcePath(kind, namespace, name), tuning, signal);
    return answer.status === 200 ? readItem(kind, answer.object, tuning)?.object : undefined;
  }

  return async ({ secrets, configMaps }, signal) => {
    const found = { Secret: new Map<ObjectKey, V1Secret>(), ConfigMap: new Map<ObjectKey, V1ConfigMap>() };
    const wanted = [
      ...[...secrets].map((key) => ['Secret', key] as const),
      ...[...configMaps].map((key) => ['ConfigMap', key] as const),
    ];
    await Promise.all(
      wanted.slice(0, MOST).map(async ([kind, key]) => {
        const object = await limit.run(() => one(kind, key, signal)).catch(() => undefined);
        if (object !== undefined) found[kind].set(key, object);
      }),
    );
    return found;
  };
}
