/** A site with a main Service and canaries. Each of them has one pod. */
import type { Backends } from '../backends/start.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

export interface CanarySite {
  readonly name: string;
  /** The addresses of the main Service's pod and of the canaries' pods, in this order. */
  readonly pods: readonly string[];
  /** The manifests of the site without its canaries' Ingresses. */
  readonly objects: readonly KubernetesObject[];
}

/** Creates a site with this many canaries. */
export function canarySite(name: string, canaries: number, backends: Backends): CanarySite {
  const pods = takeAddresses(canaries + 1);
  const services = pods.flatMap((pod, i) => podsOf(`${name}-${i}`, [pod], backends.ports.http));
  return { name, pods, objects: [ingressOf(name, `${name}-0`), ...services] };
}

/** Writes the canaries' Ingresses with these weights, the oldest first. */
export function writeWeights(instance: Instance, site: CanarySite, weights: readonly number[]): void {
  const objects = weights.map((weight, i) => {
    const annotations = { canary: 'true', 'canary-weight': String(weight) };
    const ingress = ingressOf(site.name, `${site.name}-${i + 1}`, { annotations });
    const metadata = {
      ...ingress.metadata,
      name: `${site.name}-${i + 1}`,
      creationTimestamp: `2024-01-0${i + 1}T00:00:00Z`,
    };
    return { ...ingress, metadata };
  });
  instance.write(`${site.name}-canaries.yaml`, objects);
}
