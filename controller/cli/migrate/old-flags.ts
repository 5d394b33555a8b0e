/** The flags of the old controller, as arguments of a build and as they are reported. */
import type { WrittenFlag } from '../../migrate/judge-settings.ts';
import { flagsIn, type Workload } from '../../migrate/old-controller.ts';
import { type Arguments, argumentsOf, flagFault } from '../flag-values.ts';
import { flagsOf } from '../flags.ts';
import { didYouMean } from '../../model/contract/did-you-mean.ts';

const ROWS = new Map(flagsOf('controller').map((row) => [row.name, row]));

/** In ingress-nginx, these are the ports on which NGINX listens in the Pod, not those that clients use. */
const OF_POD: ReadonlySet<string> = new Set(['http-port', 'https-port']);

/** Each flag of the workload, with what is wrong with it or why it has no effect. */
export function writtenOf(workload: Workload): readonly WrittenFlag[] {
  const flags = new Map(flagsIn(workload.args));
  return [...flags].map(([name, value]) => {
    const row = ROWS.get(name);
    if (row === undefined)
      return { name, value, fault: `--${name} is not a flag of this version${didYouMean(name, [...ROWS.keys()])}` };
    if (row.state !== undefined) return { name, value, idle: row.about };
    const fault = flagFault(row, value);
    if (fault === undefined) return { name, value };
    return { name, value, fault: `--${name} is ${fault.what}; write, for example, --${name}=${fault.example}` };
  });
}

/**
 * The arguments with which the old controller would run as Tidegate. Flags on the command line take precedence over
 * those of the workload.
 */
export function argumentsWith(
  written: readonly WrittenFlag[],
  given: ReadonlyMap<string, string>,
): Arguments<'migrate'> {
  const values = new Map<string, string>();
  for (const { name } of flagsOf('migrate')) {
    // The defaults of a controller in a cluster apply, not those of commands that read manifests.
    const standard = ROWS.get(name);
    if (standard !== undefined && name !== 'output') values.set(name, standard.fallback);
  }
  for (const { name, value, fault, idle } of written)
    if (fault === undefined && idle === undefined && values.has(name) && !OF_POD.has(name)) values.set(name, value);
  for (const [name, value] of given) values.set(name, value);
  // A bound that is not given has the default of its row, which is the same in both places.
  return argumentsOf('migrate', values);
}
