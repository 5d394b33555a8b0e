/** Instances that hold one set of objects after another: a start costs ten times what a reload costs. */
import { settingsOf, withoutSettings } from './groups.ts';
import { settled } from './instance.ts';
import type { Instance } from './instance.ts';
import type { KubernetesObject } from './object.ts';
import type { Running } from './prove.ts';

type Objects = readonly KubernetesObject[];
type Launch = (files: Readonly<Record<string, Objects>>, args: readonly string[]) => Promise<Instance>;

/** Makes the objects, which have hosts of their own, all that the instance of this name and these flags has. */
type Stage = (name: string, objects: Objects, flags: readonly string[]) => Promise<Running>;

const FILE = 'scenario.yaml';

/** With a host more, so that what comes next takes a reload whatever its settings do. */
function between(objects: Objects): Objects {
  const backend = { service: { name: 'none', port: { number: 80 } } };
  const rules = [{ host: 'between.example.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const metadata = { name: 'between', namespace: 'between' };
  return [
    ...withoutSettings(objects),
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules } },
  ];
}

/** Both have the same key, with other values. */
function differ(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(now).some(([name, value]) => name in before && before[name] !== value);
}

async function replace(instance: Instance, objects: Objects): Promise<Running> {
  const from = instance.lines.length;
  instance.write(FILE, objects);
  await settled(instance, from);
  return { instance, from };
}

/** The first objects for a name and flags start an instance, later ones replace all that it had: exactly one reload. */
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
    // A value that cannot be read would leave that of another scenario in force. What is new comes with its settings:
    // each of its Problems is logged once.
    if (flags.length === 0 && differ(settingsOf(before), settingsOf(objects)))
      await replace(known.instance, between(before));
    return replace(known.instance, objects);
  };
}
