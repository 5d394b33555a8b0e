/** Checks that the names of a scenario's Ingresses imply the same order as their ages. */

interface Aged {
  readonly name: string;
  readonly created?: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Returns what is wrong with the names, or undefined. An API server sets the creation time of objects itself, and all
 * objects of a scenario are created within one second. Of several Ingresses of the same age, the one whose name comes
 * last in the alphabet counts as the oldest. If the names did not imply the order of `created`, the oldest Ingress on
 * an API server would not be the oldest in manifests from files.
 */
export function agesInDoubt(ingresses: readonly Aged[]): string | undefined {
  const isCanary = ({ annotations }: Aged) => 'canary' in annotations;
  for (const old of ingresses) {
    const { created: before } = old;
    if (before === undefined) continue;
    const first = ingresses.find(
      (each) =>
        each.created !== undefined &&
        each.created > before &&
        each.name > old.name &&
        // A canary ranks after Ingresses that are not canaries, whatever its age.
        isCanary(each) === isCanary(old),
    );
    if (first !== undefined)
      return `${old.name} is older than ${first.name}, so its name has to come after it in the alphabet, or the scenario needs alone: true`;
  }
  return undefined;
}
