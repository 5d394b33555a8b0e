/** Which Ingresses does nginx refuse? Those it named, else a search by halves that ends in time. */
import type { CheckResult } from '../types/outcome.ts';
import type { ObjectKey } from '../types/snapshot.ts';

export interface Trial {
  /** `nginx -t` with exactly these of the suspects left out. */
  readonly checkWithout: (left: readonly ObjectKey[]) => Promise<CheckResult>;
  /** Ingresses that may be at fault. */
  readonly suspects: readonly ObjectKey[];
  readonly budgetMs: number;
}

export interface Verdict {
  /** Ingresses to leave out; with them left out nginx accepts the rest. */
  readonly culprits: readonly { readonly key: ObjectKey; readonly message: string }[];
  /** Left out too, because the time was over before they could be tried one by one. */
  readonly untried: readonly ObjectKey[];
}

/** Undefined: nginx refuses the configuration without any of the suspects, so the fault is elsewhere. */
export async function isolate(trial: Trial): Promise<Verdict | undefined> {
  const start = performance.now();
  const base = await trial.checkWithout(trial.suspects);
  if (!base.ok) return undefined;
  const culprits: { key: ObjectKey; message: string }[] = [];
  const untried: ObjectKey[] = [];
  let out = [...trial.suspects];

  const admit = async (group: readonly ObjectKey[]): Promise<void> => {
    if (group.length === 0) return;
    if (performance.now() - start > trial.budgetMs) {
      untried.push(...group);
      return;
    }
    const without = out.filter((key) => !group.includes(key));
    const result = await trial.checkWithout(without);
    if (result.ok) {
      out = without;
      return;
    }
    const [only] = group;
    if (group.length === 1 && only !== undefined) {
      culprits.push({ key: only, message: result.message });
      return;
    }
    const middle = Math.ceil(group.length / 2);
    await admit(group.slice(0, middle));
    await admit(group.slice(middle));
  };
  await admit(trial.suspects);
  return { culprits, untried };
}
