/** Expands a scenario to Kubernetes objects. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { ANNOTATION_PREFIX } from './object.ts';
import type { KubernetesObject } from './object.ts';
import type { IngressSpec, Scenario } from './scenario.ts';

const TYPES = ['Exact', 'Prefix', 'ImplementationSpecific'];

function backendOf(text: string): object {
  const [name = '', port = '80'] = text.split(':');
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

function pathOf(text: string, service: string): object {
  const at = text.lastIndexOf(' ');
  const pathType = TYPES.find((type) => type === text.slice(at + 1));
  const path = pathType === undefined ? text : text.slice(0, at);
  return { path, pathType: pathType ?? 'Prefix', backend: backendOf(service) };
}

/** Expands the short form of an Ingress. */
export function writeIngress(short: IngressSpec): KubernetesObject {
  const paths = Object.entries(short.paths).map(([path, service]) => pathOf(path, service));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: short.name,
      ...(short.namespace !== undefined && { namespace: short.namespace }),
      ...(short.created !== undefined && { creationTimestamp: short.created }),
      annotations: Object.fromEntries(
        Object.entries(short.annotations).map(([key, value]) => [
          key.includes('/') ? key : ANNOTATION_PREFIX + key,
          value,
        ]),
      ),
    },
    spec: {
      ...(short.class !== undefined && { ingressClassName: short.class }),
      ...(short.defaultBackend !== undefined && { defaultBackend: backendOf(short.defaultBackend) }),
      ...(short.tls && { tls: Object.entries(short.tls).map(([secretName, hosts]) => ({ secretName, hosts })) }),
      ...(paths.length > 0 && { rules: [{ ...(short.host !== '' && { host: short.host }), http: { paths } }] }),
    },
  };
}

function readInput(file: string): KubernetesObject[] {
  const text = readFileSync(new URL(`../inputs/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

function settingsOf(scenario: Scenario): KubernetesObject[] {
  if (scenario.settings === undefined) return [];
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: scenario.settings }];
}

/**
 * The objects of a scenario's `ingresses`, `manifests`, `inputs` and `settings`. Placeholders are not replaced yet. The
 * objects of `endpoints` and of generated Secrets are written elsewhere.
 */
export function writeManifests(scenario: Scenario): KubernetesObject[] {
  const written = [
    ...scenario.ingresses.map(writeIngress),
    ...(scenario.manifests as unknown as KubernetesObject[]),
    ...settingsOf(scenario),
  ];
  return structuredClone([...scenario.inputs.flatMap(readInput), ...written]);
}
