/** Finds the suspects that nginx refuses when it does not name them, by bisection. */
import type { Answer } from './trials.ts';

export interface Trial<T> {
  /** Runs `nginx -t` with exactly these suspects left out. */
  readonly askWithout: (left: readonly T[]) => Promise<Answer>;
  readonly suspects: readonly T[];
}

/** What to leave out, and nginx's message for each; without these it accepts the rest. */
export type Isolated<T> = ReadonlyMap<T, string>;

/**
 * Undefined: nginx refuses it without any of the suspects, or could not be run, so nothing is known about them. Empty:
 * it accepts all of them.
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
