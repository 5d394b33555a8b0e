/** Groups scenarios with settings that can share a ConfigMap, and merges the objects of a group. */
import { applyControl } from './control.ts';
import { writeManifests } from './manifests.ts';
import type { KubernetesObject } from './object.ts';
import type { Scenario } from './scenario.ts';
import type { Variant } from './variant.ts';

export const SETTINGS = 'ingress-nginx-controller';

type Data = Readonly<Record<string, unknown>>;

function isSettings({ kind, metadata: { name } }: KubernetesObject): boolean {
  return kind === 'ConfigMap' && name === SETTINGS;
}

/** The data of the settings' ConfigMap. */
export function settingsOf(objects: readonly KubernetesObject[]): Data {
  const data = objects.find(isSettings)?.['data'];
  return typeof data === 'object' && data !== null ? { ...data } : {};
}

/** All objects except the settings' ConfigMap. */
export function withoutSettings(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter((object) => !isSettings(object));
}

/** ConfigMap key → its values in the scenario as written and in its control. */
type Keys = ReadonlyMap<string, readonly [written: unknown, control: unknown]>;

function keysOf(scenario: Scenario): Keys {
  const written = settingsOf(writeManifests(scenario));
  const control = settingsOf(applyControl(writeManifests(scenario), scenario.control));
  const names = new Set([...Object.keys(written), ...Object.keys(control)]);
  return new Map([...names].map((name) => [name, [written[name], control[name]]]));
}

/** Placeholders that have another value in each scenario. */
const PLACEHOLDER = /\b(?:UPPERHOST|HOST|NAMESPACE)\b/;

/** Whether every key that is in both has the same values in both. */
function agree(keys: Keys, others: Keys): boolean {
  return [...keys].every(([name, values]) => {
    const other = others.get(name);
    if (other === undefined) return true;
    return values.every((value, i) => value === other[i]) && !PLACEHOLDER.test(JSON.stringify(values));
  });
}

/**
 * Puts each scenario, in order, into the first group whose keys agree with its own. A scenario with `alone` or flags is
 * the only member of its group.
 */
export function groupBySettings<S extends Scenario>(scenarios: readonly S[]): readonly (readonly S[])[] {
  const groups: { readonly members: S[]; readonly open: boolean; keys: Keys }[] = [];
  for (const scenario of scenarios) {
    const keys = keysOf(scenario);
    const open = !scenario.alone && scenario.flags.length === 0 && scenario.control.flags === undefined;
    const group = open ? groups.find((each) => each.open && agree(keys, each.keys)) : undefined;
    if (group === undefined) groups.push({ members: [scenario], open, keys });
    else {
      group.members.push(scenario);
      group.keys = new Map([...group.keys, ...keys]);
    }
  }
  return groups.map(({ members }) => members);
}

/** The objects of all variants, with one ConfigMap instead of the variants' own. */
export function objectsOf(variants: readonly Pick<Variant, 'objects'>[]): KubernetesObject[] {
  const own = variants.flatMap(({ objects }) => objects.filter(isSettings));
  const [first] = own;
  const others = variants.flatMap(({ objects }) => withoutSettings(objects));
  if (first === undefined) return others;
  return [...others, { ...first, data: Object.assign({}, ...own.map((object) => settingsOf([object]))) as object }];
}
