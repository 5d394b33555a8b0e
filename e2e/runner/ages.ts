/** Whether the names of a scenario's Ingresses say the same as their ages. */

interface Aged {
  readonly name: string;
  readonly created?: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * An API server says itself when an object was created, and all of a scenario are within one second. Of equal ages the
 * name decides, backwards: names have to say the same as `created`, or the scenario means something else there.
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
        // Canaries come behind the others whatever their age.
        isCanary(each) === isCanary(old),
    );
    if (first !== undefined)
      return `${old.name} is older than ${first.name}, and has to come behind it in the alphabet, or the scenario is to stand alone`;
  }
  return undefined;
}
