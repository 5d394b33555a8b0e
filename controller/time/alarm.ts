/** Calls a function at a given time, which may be further away than the longest timer of Node. */

/** The longest delay of a timer: Node stores delays as signed 32-bit integers. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Alarm {
  /**
   * Sets the time of the call, as a value of `Date.now()`, and cancels the previous time. Infinity means never. If the
   * time is very far away, the call comes too early, and the caller has to set the alarm again.
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
