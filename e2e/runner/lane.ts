/** Instances that hold one set of objects after another: a start costs ten times as much as a reload. */
import { settingsOf, withoutSettings } from './groups.ts';
import { settled } from './instance.ts';
import type { Instance } from './instance.ts';
import type { KubernetesObject } from './object.ts';
import type { Running } from './prove.ts';

type Objects = readonly KubernetesObject[];
type Launch = (files: Readonly<Record<string, Objects>>, args: readonly string[]) => Promise<Instance>;

/** Replaces all objects of the instance with this name and these flags by these, which have their own hosts. */
type Stage = (name: string, objects: Objects, flags: readonly string[]) => Promise<Running>;

const FILE = 'scenario.yaml';

/** With one more host, so that the next set needs a reload whatever its settings do. */
function between(objects: Objects): Objects {
  const backend = { service: { name: 'none', port: { number: 80 } } };
  const rules = [{ host: 'between.example.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const metadata = { name: 'between', namespace: 'between' };
  return [
    ...withoutSettings(objects),
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules } },
  ];
}

/** Whether both have the same key with different values. */
function differ(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(now).some(([name, value]) => name in before && before[name] !== value);
}

async function replace(instance: Instance, objects: Objects): Promise<Running> {
  const from = instance.lines.length;
  instance.write(FILE, objects);
  await settled(instance, from);
  return { instance, from };
}

/**
 * The first objects for a name and flags start an instance, later ones replace everything in it: exactly one reload.
 */
export function makeLane(launch: Launch): Stage {
  const held = new Map<string, { readonly instance: Instance; objects: Objects }>();
  return async (name, objects, flags) => {
    const key = [name, ...flags].join(' ');
    const known = held.get(key);
    if (known === undefined) {
      const instance = await launch({ [FILE]: objects }, flags);
      held.set(key, { instance, objects });
      return { instance, from: 0 };
    }
    const before = known.objects;
    known.objects = objects;
    // An unreadable value would leave another scenario's value in force. New objects arrive with their settings: each
    // of their Problems is logged once.
    if (flags.length === 0 && differ(settingsOf(before), settingsOf(objects)))
      await replace(known.instance, between(before));
    return replace(known.instance, objects);
  };
}
