/** Whether the names of a scenario's Ingresses imply the same order as their ages. */

interface Aged {
  readonly name: string;
  readonly created?: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * An API server sets the creation time itself, and all objects of a scenario are created within one second. With equal
 * ages the name decides, in reverse: names have to imply the order of `created`, or the scenario means something else
 * there.
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
        // Canaries follow the others whatever their age.
        isCanary(each) === isCanary(old),
    );
    if (first !== undefined)
      return `${old.name} is older than ${first.name}, so its name has to come after it in the alphabet, or the scenario needs alone: true`;
  }
  return undefined;
}
