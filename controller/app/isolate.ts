/** Finds, by bisection, the suspects that nginx refuses, if nginx's error message names none of them. */
import type { TrialResult } from './trials.ts';

export interface Trial<T> {
  /** Runs `nginx -t` with exactly these suspects left out. */
  readonly askWithout: (left: readonly T[]) => Promise<TrialResult>;
  readonly suspects: readonly T[];
}

/** The suspects to leave out, each with nginx's message. Without them, nginx accepts the configuration. */
export type Isolated<T> = ReadonlyMap<T, string>;

/**
 * Returns the suspects that nginx refuses; empty if it accepts all of them. Undefined if nginx refuses the
 * configuration even without any suspect, or could not be run: then nothing is known about the suspects.
 */
export async function isolate<T>({ askWithout, suspects }: Trial<T>): Promise<Isolated<T> | undefined> {
  const base = await askWithout(suspects);
  if (!base.ok) return undefined;
  const culprits = new Map<T, string>();
  let untested = false;
  let out = [...suspects];

  const admit = async (group: readonly T[]): Promise<void> => {
    if (group.length === 0 || untested) return;
    const others = out.filter((key) => !group.includes(key));
    const answer = await askWithout(others);
    if (answer.ok) {
      out = others;
      return;
    }
    if (answer.untested === true) {
      untested = true;
      return;
    }
    const [only] = group;
    if (group.length === 1 && only !== undefined) {
      culprits.set(only, answer.message);
      return;
    }
    const middle = Math.ceil(group.length / 2);
    await admit(group.slice(0, middle));
    await admit(group.slice(middle));
  };
  await admit(suspects);
  return untested ? undefined : culprits;
}
