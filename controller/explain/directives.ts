/** The directives in force in a location: its own, or those that it inherits. */
import type { Directive, DirectiveName } from '../types/directive.ts';
import type { HostPlan, LocationPlan, StaticPlan } from '../types/plan.ts';

export interface ConfPlace {
  readonly plan: StaticPlan;
  readonly host: HostPlan;
  /** Undefined if an error occurs before NGINX has chosen a location. */
  readonly location: LocationPlan | undefined;
}

/** The directives of the location, the server block and the http block. */
function levels({ plan, host, location }: ConfPlace): readonly (readonly Directive[])[] {
  const ofServer = [...(host.tls ?? []), ...(host.directives ?? []), ...(host.errorPages?.directives ?? [])];
  return [location?.directives ?? [], ofServer, plan.http];
}

/** All directives with one of these names, at the innermost level that has any: NGINX inherits only whole lists. */
export function inForce(place: ConfPlace, ...names: readonly DirectiveName[]): readonly Directive[] {
  for (const level of levels(place)) {
    const found = level.filter(({ name }) => names.includes(name));
    if (found.length > 0) return found;
  }
  return [];
}

/** The words of the last directive of this name; undefined if there is none. */
export function wordsOf(place: ConfPlace, name: DirectiveName): readonly string[] | undefined {
  return inForce(place, name)
    .at(-1)
    ?.args.map(({ meaning }) => meaning);
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size of nginx (`8k`, `1m`) in bytes. */
export function byteCountOf(text: string): number {
  const [, digits = '0', unit = ''] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}
