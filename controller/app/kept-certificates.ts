/** Keeps the last good certificate of a Secret that became unusable or was deleted, until that certificate expires. */
import type { V1Secret } from '@kubernetes/client-node';
import type { Bounds } from '../model/contract/bounds.ts';
import { pairOf } from '../model/values/pem/certificate-pair.ts';
import type { KeptSecrets } from '../model/contract/options.ts';
import { partOf, type Use, usedObject, type UseKey } from '../types/last-good.ts';
import type { LiveDocument } from '../types/live.ts';
import { emptySnapshot, type ObjectKey, type Snapshot, type SnapshotEvent } from '../types/snapshot.ts';
import type { Steps } from '../types/steps.ts';
import { createAlarm } from '../time/alarm.ts';
import type { KeptStore, Stored } from './kept-store.ts';
import { persistedSecrets } from './persisted-certificates.ts';

export interface KeptCertificates {
  /** The certificates that are kept, by Secret. Returns the same map until something changes. */
  readonly kept: () => KeptSecrets;
  /** Handles changes in the cluster; `inUse` names the Secrets that the last build refers to. */
  readonly noticed: (event: SnapshotEvent, inUse: ReadonlySet<ObjectKey>) => void;
  /**
   * Restores what was in force before this process started: `stored` was written by the previous process, and `live` is
   * the live data that NGINX was last given.
   */
  readonly recover: (stored: ReadonlyMap<UseKey, Stored>, live: LiveDocument, now: Snapshot) => Steps<void>;
  /** Drops the certificates of Secrets that are not in `inUse`. */
  readonly retain: (inUse: ReadonlySet<ObjectKey>) => void;
  readonly close: () => void;
}

export interface KeepOptions {
  readonly bounds: Bounds;
  /** Maximum time that a certificate is kept, in ms. Infinity: until the certificate expires; 0: not at all. */
  readonly keepMs: number;
  readonly store: KeptStore;
  /** Called when a certificate is dropped because its time is over. */
  readonly ended: () => void;
}

interface Entry {
  readonly secret: V1Secret;
  /** The `Date.now()` value at which the entry expires. */
  readonly until: number;
}

function useOf(key: ObjectKey): UseKey {
  return `certificate ${key}`;
}

export function keepCertificates({ bounds, keepMs, store, ended }: KeepOptions): KeptCertificates {
  const entries = new Map<ObjectKey, Entry>();
  let current: KeptSecrets = new Map();
  let seen: Snapshot = emptySnapshot();
  const alarm = createAlarm(sweep);

  function renew(): void {
    current = new Map([...entries].map(([key, { secret }]) => [key, secret]));
    alarm.set(Math.min(...[...entries.values()].map(({ until }) => until)));
  }

  function drop(key: ObjectKey): boolean {
    store.remove(useOf(key));
    return entries.delete(key);
  }

  /** Returns true if the Secret's certificate is usable and is now kept. */
  function keep(key: ObjectKey, secret: V1Secret | undefined, longest = Infinity): boolean {
    const pair = secret === undefined ? undefined : pairOf(secret, bounds);
    if (secret === undefined || pair?.ok !== true) return false;
    const until = Math.min(Date.now() + keepMs, pair.ends, longest);
    if (!(until > Date.now())) return false;
    entries.set(key, { secret, until });
    store.put({ use: useOf(key), object: partOf(secret, 'certificate'), until });
    return true;
  }

  function sweep(): void {
    const over = [...entries].filter(([, { until }]) => until <= Date.now());
    for (const [key] of over) drop(key);
    renew();
    if (over.length > 0) ended();
  }

  /** Returns true if the kept certificates have changed. */
  function look(key: ObjectKey, before: V1Secret | undefined, now: V1Secret | undefined): boolean {
    if (isGood(now)) return entries.has(key) && drop(key);
    return !entries.has(key) && keep(key, before);
  }

  function isGood(secret: V1Secret | undefined): boolean {
    return secret !== undefined && pairOf(secret, bounds).ok;
  }

  function retain(inUse: ReadonlySet<ObjectKey>): void {
    const unused = [...entries.keys()].filter((key) => !inUse.has(key));
    for (const key of unused) drop(key);
    if (unused.length > 0) renew();
  }

  return {
    kept: () => current,
    noticed: ({ snapshot, changes }, inUse) => {
      const before = seen.Secret;
      seen = snapshot;
      let changed = false;
      for (const { kind, key } of changes)
        if (kind === 'Secret' && (inUse.has(key) || entries.has(key)))
          changed = look(key, before.get(key), snapshot.Secret.get(key)) || changed;
      if (changed) renew();
      retain(inUse);
    },
    *recover(stored, live, { Secret }) {
      const stoodIn = new Set<ObjectKey>();
      for (const [key, { object, until }] of storedFor('certificate', stored)) {
        stoodIn.add(key);
        // The stored expiry applies; the time does not start over.
        if (isGood(Secret.get(key)) || !keep(key, object, until ?? Infinity)) drop(key);
        yield;
      }
      for (const [key, { object }] of storedFor('default-certificate', stored))
        if (!stoodIn.has(key) && !isGood(Secret.get(key))) keep(key, object);
      for (const [key, secret] of persistedSecrets(live)) {
        if (!stoodIn.has(key) && !entries.has(key) && !isGood(Secret.get(key))) keep(key, secret());
        yield;
      }
      renew();
    },
    retain,
    close: alarm.close,
  };
}

/** Filters stored objects by use: `namespace/name` of the Secret → what is stored. */
function storedFor(use: Use, stored: ReadonlyMap<UseKey, Stored>): [ObjectKey, Stored][] {
  return [...stored].flatMap(([key, each]): [ObjectKey, Stored][] => {
    const used = usedObject(key);
    return used?.use === use ? [[used.object, each]] : [];
  });
}
