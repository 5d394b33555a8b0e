/**
 * Ingresses that every new request finds: NGINX confirmed a configuration with them, and the previous workers no longer
 * accept connections.
 */
import type { ObjectKey } from '../types/snapshot.ts';

export interface Served {
  readonly has: (key: ObjectKey) => boolean;
  /** NGINX runs with these from now on. */
  readonly confirmed: (ingresses: ReadonlySet<ObjectKey>) => void;
  readonly close: () => void;
}

/**
 * NGINX's master starts the new workers and sleeps for 100 ms before it signals the old ones
 * (`ngx_master_process_cycle`); the rest is for these to close their listening sockets on a busy machine.
 */
const OLD_WORKERS_MS = 250;

/** `onChange` is called when there may be more of them. */
export function createServed(onChange: () => void, oldWorkersMs = OLD_WORKERS_MS): Served {
  let latest: ReadonlySet<ObjectKey> = new Set();
  let settled: ReadonlySet<ObjectKey> = latest;
  const timers = new Set<NodeJS.Timeout>();
  return {
    // An Ingress that the latest configuration lacks is no longer served; that is known at once.
    has: (key) => settled.has(key) && latest.has(key),
    confirmed: (ingresses) => {
      // The model returns the same set until an Ingress joins or leaves it.
      if (ingresses === latest) return;
      latest = ingresses;
      const timer = setTimeout(() => {
        timers.delete(timer);
        settled = ingresses;
        onChange();
      }, oldWorkersMs);
      timers.add(timer);
    },
    close: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
