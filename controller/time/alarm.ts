/** Calls back at a given time, however far away it is. */

/** Node's timers are limited to 31 bits. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Alarm {
  /**
   * Sets the time (`Date.now()`), replacing the previous one; Infinity: never. It may ring early; the caller then sets
   * it again.
   */
  readonly set: (at: number) => void;
  readonly close: () => void;
}

export function createAlarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (at) => {
      clearTimeout(timer);
      if (at < Infinity) timer = setTimeout(ring, Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMER_MS)).unref();
    },
    close: () => clearTimeout(timer),
  };
}
