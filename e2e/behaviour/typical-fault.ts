/** What a typical fault consists of, and how it is written down. */
import { serviceOf, sliceOf, takeAddress } from '../runner/endpoints.ts';
import type { writeIngress } from '../runner/manifests.ts';
import type { KubernetesObject } from '../runner/object.ts';

export interface Fault {
  /** The namespace, the Ingress, and the first label of the host. */
  readonly name: string;
  /** What is wrong, for the table. */
  readonly wrong: string;
  readonly objects: readonly KubernetesObject[];
  /** The field or the key that the Problem names. */
  readonly field: string;
  readonly cause: RegExp;
  /** The request that shows the fault, and what the client gets. */
  readonly probe: Probe;
  readonly gets: Symptom;
}

export interface Probe {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: true;
  /** How many times the request is sent; the last response counts. */
  readonly times?: number;
}

/**
 * `certificate`: what is wrong with the certificate that the client gets. `reason`: the value of `$tidegate_reason`.
 */
export interface Symptom {
  readonly status: number;
  readonly reason: string;
  readonly certificate?: 'for other names' | 'expired';
}

/** A fault as it is written down. */
export interface WrittenFault extends Pick<Fault, 'name' | 'wrong' | 'field' | 'cause' | 'gets'> {
  /** By default the path `/`. */
  readonly probe?: Probe;
  readonly ingress?: Partial<Parameters<typeof writeIngress>[0]>;
  /** All other objects; by default a Service `web` whose endpoint answers. */
  readonly others?: readonly KubernetesObject[];
}

export function faultyHost(name: string): string {
  return `${name}.faults.test`;
}

export function serviceAt(namespace: string, port: number, service = 'web'): readonly KubernetesObject[] {
  return [serviceOf(service, namespace, { port: 80 }), sliceOf(service, namespace, [takeAddress()], { port })];
}
