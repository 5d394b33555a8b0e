/** Instances that load one set of objects after another, because a start takes ten times as long as a reload. */
import { settingsOf, withoutSettings } from './groups.ts';
import { settled } from './instance.ts';
import type { Instance } from './instance.ts';
import type { KubernetesObject } from './object.ts';
import { predictionsOf } from './prediction.ts';
import type { Running } from './prove.ts';

type Objects = readonly KubernetesObject[];
type Launch = (files: Readonly<Record<string, Objects>>, args: readonly string[]) => Promise<Instance>;

/** Replaces all objects of the instance that has this name and these flags. The new objects have hosts of their own. */
type Stage = (name: string, objects: Objects, flags: readonly string[]) => Promise<Running>;

const FILE = 'scenario.yaml';

/** The objects without settings, and with one more host, so that loading the next set always needs a reload. */
function between(objects: Objects): Objects {
  const backend = { service: { name: 'none', port: { number: 80 } } };
  const rules = [{ host: 'between.example.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const metadata = { name: 'between', namespace: 'between' };
  return [
    ...withoutSettings(objects),
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules } },
  ];
}

/** Whether a key is in both ConfigMaps with different values. */
function differ(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(now).some(([name, value]) => name in before && before[name] !== value);
}

async function replace(instance: Instance, objects: Objects, flags: readonly string[]): Promise<Running> {
  const from = instance.lines.length;
  instance.write(FILE, objects);
  await settled(instance, from);
  return { instance, from, predictions: await predictionsOf(instance, flags) };
}

/**
 * For a new combination of name and flags, starts an instance. Otherwise, replaces all objects of that instance, which
 * takes exactly one reload.
 */
export function makeLane(launch: Launch): Stage {
  const held = new Map<string, { readonly instance: Instance; objects: Objects }>();
  return async (name, objects, flags) => {
    const key = [name, ...flags].join(' ');
    const known = held.get(key);
    if (known === undefined) {
      const instance = await launch({ [FILE]: objects }, flags);
      held.set(key, { instance, objects });
      return { instance, from: 0, predictions: await predictionsOf(instance, flags) };
    }
    const before = known.objects;
    known.objects = objects;
    // If the new value of a key is invalid, the controller uses the last good value, which is from another scenario.
    // Loading the old objects without settings in between removes that value. The new objects are loaded together with
    // their settings, because each of their Problems is logged only once.
    if (flags.length === 0 && differ(settingsOf(before), settingsOf(objects)))
      await replace(known.instance, between(before), flags);
    return replace(known.instance, objects, flags);
  };
}
