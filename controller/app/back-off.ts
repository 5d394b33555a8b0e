/**
 * How long an Ingress that nginx refused waits for its next test. The wait doubles with each refusal, so an Ingress
 * that stays broken causes few tests.
 */
import { backOffMs } from '../time/back-off.ts';
import { namespaceOf, type ObjectKey } from '../types/snapshot.ts';

export interface BackOff {
  /** Records that nginx refused this Ingress. */
  readonly refused: (key: ObjectKey) => void;
  /** When this Ingress may be tested again, as a time of the `now` clock; undefined if it has no recent refusal. */
  readonly dueAt: (key: ObjectKey) => number | undefined;
  /**
   * Whether several Ingresses of the same namespace were refused recently. If so, a new Ingress of that namespace is
   * tested alone before it is built together with the others.
   */
  readonly suspicious: (key: ObjectKey) => boolean;
}

const FIRST_MS = 1000;
const MOST_MS = 5 * 60_000;
/** A refusal is forgotten after this time, unless the Ingress is refused again before then. */
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

  function forget(key: ObjectKey): void {
    if (!records.delete(key)) return;
    const namespace = namespaceOf(key);
    const left = (ofNamespace.get(namespace) ?? 0) - 1;
    if (left > 0) ofNamespace.set(namespace, left);
    else ofNamespace.delete(namespace);
  }

  /** Records are in order of their latest refusal, the oldest first. */
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
