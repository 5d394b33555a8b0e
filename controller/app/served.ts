/**
 * Tracks the Ingresses that every new request reaches: NGINX has confirmed a configuration with them, and the previous
 * workers no longer accept connections.
 */
import type { ObjectKey } from '../types/snapshot.ts';

export interface Served {
  readonly has: (key: ObjectKey) => boolean;
  /** Records that NGINX runs with these Ingresses from now on. */
  readonly confirmed: (ingresses: ReadonlySet<ObjectKey>) => void;
  readonly close: () => void;
}

/**
 * NGINX's master starts the new workers and sleeps for 100 ms before it signals the old ones
 * (`ngx_master_process_cycle`). The remaining time allows the old workers to close their listening sockets on a busy
 * machine.
 */
const OLD_WORKERS_MS = 250;

/** `onChange` is called when more Ingresses may be served. */
export function createServed(onChange: () => void, oldWorkersMs = OLD_WORKERS_MS): Served {
  let latest: ReadonlySet<ObjectKey> = new Set();
  let settled: ReadonlySet<ObjectKey> = latest;
  const timers = new Set<NodeJS.Timeout>();
  return {
    // An Ingress counts as not served as soon as the latest configuration does not include it.
    has: (key) => settled.has(key) && latest.has(key),
    confirmed: (ingresses) => {
      // The model returns the same set until an Ingress is added or removed.
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
