/** A time at which something is over, however far away it is. */

/** Timers of Node have 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;

export interface Alarm {
  /** By `Date.now()`, in place of the time before; Infinity: never. It may ring early, and is to be set again then. */
  readonly set: (at: number) => void;
  readonly close: () => void;
}

export function createAlarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (at) => {
      clearTimeout(timer);
      if (at < Infinity) timer = setTimeout(ring, Math.min(Math.max(at - Date.now(), 0), LONGEST_MS)).unref();
    },
    close: () => clearTimeout(timer),
  };
}
