/** Applies the negative control of a scenario, which removes or changes the key under test. */
import { z } from 'zod';
import { ANNOTATION_PREFIX } from './object.ts';
import type { KubernetesObject } from './object.ts';
import type { Control } from './scenario.ts';

/** Matches `Ingress/web` and `Ingress/web:spec.rules.0.host`. */
const OBJECT = /^([A-Z][A-Za-z]+)\/([^:]+)(?::(.+))?$/;

function container(object: KubernetesObject, steps: readonly string[]): Record<string, unknown> {
  let at: unknown = object;
  for (const step of steps) at = (at as Record<string, unknown> | undefined)?.[step];
  if (typeof at !== 'object' || at === null) throw new Error(`control: nothing at ${steps.join('.')}`);
  return at as Record<string, unknown>;
}

function change(object: KubernetesObject, field: string, value: unknown): void {
  const steps = field.split('.');
  const last = steps.pop() ?? '';
  const parent = container(object, steps);
  if (value !== undefined) parent[last] = value;
  else if (Object.hasOwn(parent, last)) delete parent[last];
  else throw new Error(`control: ${object.kind}/${object.metadata.name} has no ${field} to remove`);
}

function annotate(objects: readonly KubernetesObject[], name: string, value: unknown): void {
  const key = name.includes('/') ? name : ANNOTATION_PREFIX + name;
  const owners = objects.filter(
    (object) => object.kind === 'Ingress' && object.metadata.annotations?.[key] !== undefined,
  );
  if (owners.length === 0) throw new Error(`control: no Ingress has the annotation ${key}`);
  for (const { metadata } of owners) {
    if (value === undefined) delete metadata.annotations?.[key];
    else metadata.annotations = { ...metadata.annotations, [key]: z.string().parse(value) };
  }
}

function apply(objects: KubernetesObject[], target: string, value: unknown): KubernetesObject[] {
  const found = OBJECT.exec(target);
  if (!found) {
    annotate(objects, target, value);
    return objects;
  }
  const [, kind, name, field] = found;
  const object = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (object === undefined) throw new Error(`control: there is no ${kind}/${name}`);
  if (field === undefined) return objects.filter((one) => one !== object);
  change(object, field, value);
  return objects;
}

/** Changes the objects in place and returns the remaining ones. Throws if the control changes nothing. */
export function applyControl(objects: KubernetesObject[], control: Control): KubernetesObject[] {
  let left = objects;
  const entries = [...control.remove.map((name) => [name, undefined] as const), ...Object.entries(control.set)];
  if (entries.length === 0 && control.flags === undefined)
    throw new Error('control: neither remove nor set nor flags; a scenario must be able to fail');
  for (const [target, value] of entries) left = apply(left, target, value);
  return left;
}
