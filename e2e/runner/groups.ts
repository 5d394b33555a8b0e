/** Which scenarios with settings share a ConfigMap, and the objects of a group. */
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

/** Keys and values of the ConfigMap of the settings. */
export function settingsOf(objects: readonly KubernetesObject[]): Data {
  const data = objects.find(isSettings)?.['data'];
  return typeof data === 'object' && data !== null ? { ...data } : {};
}

/** Every object except the ConfigMap of the settings. */
export function withoutSettings(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter((object) => !isSettings(object));
}

/** Key → its values as written and in the control. */
type Keys = ReadonlyMap<string, readonly [written: unknown, control: unknown]>;

function keysOf(scenario: Scenario): Keys {
  const written = settingsOf(writeManifests(scenario));
  const control = settingsOf(applyControl(writeManifests(scenario), scenario.control));
  const names = new Set([...Object.keys(written), ...Object.keys(control)]);
  return new Map([...names].map((name) => [name, [written[name], control[name]]]));
}

/** In another scenario the placeholder has another value. */
const PLACEHOLDER = /\b(?:UPPERHOST|HOST|NAMESPACE)\b/;

/** No key has different values in the two. */
function agree(keys: Keys, others: Keys): boolean {
  return [...keys].every(([name, values]) => {
    const other = others.get(name);
    if (other === undefined) return true;
    return values.every((value, i) => value === other[i]) && !PLACEHOLDER.test(JSON.stringify(values));
  });
}

/**
 * In order, each scenario in the first group with which it agrees; scenarios with `alone` or flags are groups of one.
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

/** The objects of all variants, with one ConfigMap in place of theirs. */
export function objectsOf(variants: readonly Pick<Variant, 'objects'>[]): KubernetesObject[] {
  const own = variants.flatMap(({ objects }) => objects.filter(isSettings));
  const [first] = own;
  const others = variants.flatMap(({ objects }) => withoutSettings(objects));
  if (first === undefined) return others;
  return [...others, { ...first, data: Object.assign({}, ...own.map((object) => settingsOf([object]))) as object }];
}
