/** Keeps the last good certificate of a Secret that became unusable or was deleted, until the certificate expires. */
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
  /** Returns the same map until something changes. */
  readonly kept: () => KeptSecrets;
  /** Something changed; `inUse`: Secrets that are referred to. */
  readonly noticed: (event: SnapshotEvent, inUse: ReadonlySet<ObjectKey>) => void;
  /**
   * What was in force before this process started: `stored` of the previous one, and live data that NGINX was given.
   */
  readonly recover: (stored: ReadonlyMap<UseKey, Stored>, live: LiveDocument, now: Snapshot) => Steps<void>;
  /** Nothing refers to Secrets other than these. */
  readonly retain: (inUse: ReadonlySet<ObjectKey>) => void;
  readonly close: () => void;
}

export interface KeepOptions {
  readonly bounds: Bounds;
  /** How long each is kept at most, ms; Infinity: until it expires; 0: not at all. */
  readonly keepMs: number;
  readonly store: KeptStore;
  /** Called when one is dropped because its time is over. */
  readonly ended: () => void;
}

interface Entry {
  readonly secret: V1Secret;
  /** `Date.now()` at which it expires. */
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

  /** Returns true if it is kept. */
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

  /** Returns true if what is kept has changed. */
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
        // Its time continues from where it was.
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

/** `namespace/name` of the Secret → what is stored for such a use. */
function storedFor(use: Use, stored: ReadonlyMap<UseKey, Stored>): [ObjectKey, Stored][] {
  return [...stored].flatMap(([key, each]): [ObjectKey, Stored][] => {
    const used = usedObject(key);
    return used?.use === use ? [[used.object, each]] : [];
  });
}
