/** Keeps the last good certificate of a Secret whose next one cannot be used, or that is deleted, until it ends. */
import type { V1Secret } from '@kubernetes/client-node';
import type { Bounds } from '../model/bounds/bounds.ts';
import { pairOf } from '../model/certificate-pair.ts';
import type { KeptSecrets } from '../model/options.ts';
import { emptySnapshot, type ObjectKey, type Snapshot, type SnapshotEvent } from '../types/snapshot.ts';

export interface KeptCertificates {
  /** The same map for as long as nothing changes. */
  readonly kept: () => KeptSecrets;
  /** Something changed; `inUse`: Secrets that something refers to. */
  readonly noticed: (event: SnapshotEvent, inUse: ReadonlySet<ObjectKey>) => void;
  readonly close: () => void;
}

export interface KeepOptions {
  readonly bounds: Bounds;
  /** So long each is kept at most, ms; Infinity: until it expires; 0: not at all. */
  readonly keepMs: number;
  /** Called when one is kept no longer because its time is over. */
  readonly ended: () => void;
}

/** Timers of Node have 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

interface Entry {
  readonly secret: V1Secret;
  /** `Date.now()` at which it ends. */
  readonly until: number;
}

export function keepCertificates({ bounds, keepMs, ended }: KeepOptions): KeptCertificates {
  const entries = new Map<ObjectKey, Entry>();
  let current: KeptSecrets = new Map();
  let seen: Snapshot = emptySnapshot();
  let timer: NodeJS.Timeout | undefined;

  function renew(): void {
    current = new Map([...entries].map(([key, { secret }]) => [key, secret]));
    clearTimeout(timer);
    const next = Math.min(...[...entries.values()].map(({ until }) => until));
    if (entries.size > 0) timer = setTimeout(sweep, Math.min(Math.max(next - Date.now(), 0), LONGEST_MS)).unref();
  }

  function sweep(): void {
    const over = [...entries].filter(([, { until }]) => until <= Date.now());
    for (const [key] of over) entries.delete(key);
    renew();
    if (over.length > 0) ended();
  }

  /** True where what is kept has changed. */
  function look(key: ObjectKey, before: V1Secret | undefined, now: V1Secret | undefined): boolean {
    if (now !== undefined && pairOf(now, bounds).ok) return entries.delete(key);
    if (before === undefined || entries.has(key)) return false;
    const pair = pairOf(before, bounds);
    if (!pair.ok) return false;
    const until = Math.min(Date.now() + keepMs, Date.parse(pair.leaf.validTo));
    if (!(until > Date.now())) return false;
    entries.set(key, { secret: before, until });
    return true;
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
      for (const key of entries.keys()) if (!inUse.has(key)) changed = entries.delete(key) || changed;
      if (changed) renew();
    },
    close: () => clearTimeout(timer),
  };
}
