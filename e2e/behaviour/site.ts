/** The objects of a site of the behaviour tests, which is a host with an Ingress, a Service and pods. */
import { sliceOf, serviceOf, takeAddress } from '../runner/endpoints.ts';
import { writeIngress } from '../runner/manifests.ts';
import { placeIn } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';

export const NAMESPACE = 'sites';

export function hostOf(name: string): string {
  return `${name}.example.test`;
}

/** The Ingress of a site, whose path leads to `service`. */
export function ingressOf(
  name: string,
  service = name,
  options: { path?: string; annotations?: Record<string, string>; tls?: string } = {},
): KubernetesObject {
  const { path = '/', annotations = {}, tls } = options;
  const host = hostOf(name);
  const short = {
    name,
    host,
    annotations,
    paths: { [path]: service },
    ...(tls !== undefined && { tls: { [tls]: [host] } }),
  };
  return placeIn(NAMESPACE, writeIngress(short));
}

/** A Service, and the EndpointSlice with its pods. */
export function podsOf(service: string, addresses: readonly string[], port: number): KubernetesObject[] {
  return [serviceOf(service, NAMESPACE, { port: 80 }), sliceOf(service, NAMESPACE, addresses, { port })];
}

/** This many unused addresses for pods. */
export function takeAddresses(count: number): string[] {
  return Array.from({ length: count }, takeAddress);
}
