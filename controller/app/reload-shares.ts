/**
 * Finds namespaces that cause one reload after another, for example because a tenant keeps creating hosts. Their
 * changes become patient, so that changes of other namespaces rarely have to wait for a reload that has just begun.
 */
import { namespaceOf, type ObjectChange } from '../types/snapshot.ts';

export interface ReloadShares {
  /**
   * To be called once for each build that needs a reload. Returns whether the reload is patient because all changes are
   * in namespaces that cause many reloads, while another namespace needs some, too.
   */
  readonly isPatient: (changes: readonly ObjectChange[]) => boolean;
}

/** A namespace is patient only if it needed a reload in more than this many of the last intervals. */
const MOST = 4;
const INTERVALS = 10;
/** A namespace is patient only if it needed more than this many times as many reloads as any other namespace. */
const TIMES = 2;
/** How long another namespace that has needed a reload is considered, in intervals. */
const REMEMBERED = 200;

/** `intervalMs`: the minimum time between two reloads. `now`: milliseconds of a monotonic clock. */
export function createReloadShares(intervalMs: number, now = () => performance.now()): ReloadShares {
  /** By namespace: when it needed reloads during the last intervals, at most once per interval; never empty. */
  const needed = new Map<string, readonly number[]>();

  function record(namespace: string): void {
    const times = needed.get(namespace) ?? [];
    if (now() - (times.at(-1) ?? -Infinity) < intervalMs) return;
    needed.set(namespace, [...times, now()].slice(-INTERVALS));
  }

  function forgetOld(): void {
    for (const [namespace, times] of needed) {
      if ((times.at(-1) ?? -Infinity) < now() - REMEMBERED * intervalMs) needed.delete(namespace);
    }
  }

  function recently(namespace: string): number {
    return (needed.get(namespace) ?? []).filter((time) => time > now() - INTERVALS * intervalMs).length;
  }

  return {
    isPatient: (changes) => {
      forgetOld();
      const namespaces = new Set(changes.map(({ key }) => namespaceOf(key)));
      for (const namespace of namespaces) record(namespace);
      const others = [...needed.keys()].filter((namespace) => !namespaces.has(namespace));
      // Objects without a namespace concern everybody.
      const concernsAll = changes.length === 0 || changes.some(({ key }) => !key.includes('/'));
      if (concernsAll || others.length === 0) return false;
      const least = Math.max(MOST, TIMES * Math.max(...others.map(recently)));
      return [...namespaces].every((namespace) => recently(namespace) > least);
    },
  };
}
