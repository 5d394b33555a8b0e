/**
 * How long an Ingress that nginx refused waits for its next test. The time doubles, so one that stays broken costs
 * little.
 */
import { backOffMs } from '../time/back-off.ts';
import type { ObjectKey } from '../types/snapshot.ts';

export interface BackOff {
  /** nginx refused it. */
  readonly refused: (key: ObjectKey) => void;
  /** When it may be tested again, by the clock; undefined if it has no recent refusal. */
  readonly dueAt: (key: ObjectKey) => number | undefined;
  /**
   * Whether so many Ingresses of this namespace were refused that a new one is tested alone before it joins the others.
   */
  readonly suspicious: (key: ObjectKey) => boolean;
}

const FIRST_MS = 1000;
const MOST_MS = 5 * 60_000;
/** After this time without a refusal, earlier ones are forgotten. */
const FORGET_MS = 2 * MOST_MS;
const MOST_REMEMBERED = 10_000;
const FEW = 3;

interface Record {
  readonly times: number;
  readonly at: number;
}

export function createBackOff(now: () => number = () => performance.now()): BackOff {
  const records = new Map<ObjectKey, Record>();
  const ofNamespace = new Map<string, number>();

  function namespaceOf(key: ObjectKey): string {
    return key.split('/')[0] ?? '';
  }

  function forget(key: ObjectKey): void {
    if (!records.delete(key)) return;
    const namespace = namespaceOf(key);
    const left = (ofNamespace.get(namespace) ?? 0) - 1;
    if (left > 0) ofNamespace.set(namespace, left);
    else ofNamespace.delete(namespace);
  }

  /** Records are in order of creation. */
  function forgetOld(): void {
    for (const [key, { at }] of records) {
      if (records.size <= MOST_REMEMBERED && now() - at < FORGET_MS) return;
      forget(key);
    }
  }

  return {
    refused: (key) => {
      forgetOld();
      const times = (records.get(key)?.times ?? 0) + 1;
      forget(key);
      records.set(key, { times, at: now() });
      const namespace = namespaceOf(key);
      ofNamespace.set(namespace, (ofNamespace.get(namespace) ?? 0) + 1);
    },
    dueAt: (key) => {
      forgetOld();
      const record = records.get(key);
      return record === undefined ? undefined : record.at + backOffMs(record.times, FIRST_MS, MOST_MS);
    },
    suspicious: (key) => {
      forgetOld();
      return (ofNamespace.get(namespaceOf(key)) ?? 0) >= FEW;
    },
  };
}
