/**
 * The starting point of the cluster tests: an emulated API server with a class, a Lease namespace, and sites with pods.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../apiserver/emulator.ts';
import type { Emulator, EmulatorOptions, JsonObject } from '../apiserver/emulator.ts';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { ingressOf, NAMESPACE, podsOf, takeAddresses } from '../behaviour/site.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { POD_NAMESPACE, startPod } from './pod.ts';
import type { Pod, PodOptions } from './pod.ts';

export interface Cluster {
  readonly emulator: Emulator;
  readonly backends: Backends;
  readonly kubeconfig: string;
  /** Addresses of a site's pods, as last written. */
  addresses(site: string): readonly string[];
  /** Writes an Ingress, its Service and a slice of this many new pods. */
  addSite(site: string, pods?: number): void;
  /** Replaces a site's oldest pod by a new one, whose address is returned; the old one goes down. */
  roll(site: string): Promise<string>;
  /** A pod whose requests appear in the emulator's log under its name. */
  startPod(options?: Partial<PodOptions>): Promise<Pod>;
  dispose(): Promise<void>;
}

/** Objects of e2e/runner are plain JSON. */
export function asJson(object: KubernetesObject): JsonObject {
  return object as unknown as JsonObject;
}

export function ingressClass(name = 'nginx', controller = 'k8s.io/ingress-nginx'): JsonObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec: { controller } };
}

/** The object of a controller's pod, as kubelet and Deployment would have made it. */
export function podObject(name: string): JsonObject {
  const labels = { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'controller' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: POD_NAMESPACE, labels },
    spec: { nodeName: 'node-1', containers: [] },
    status: { phase: 'Running', podIP: '127.0.0.1' },
  };
}

/** The addresses in the status of an Ingress, by default a site's. */
export function statusOf(emulator: Emulator, name: string, namespace = NAMESPACE): string {
  const status = emulator.get('Ingress', namespace, name)?.['status'] as
    { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } } | undefined;
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname).join(',');
}

export async function startCluster(options: EmulatorOptions = {}): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-cluster-'));
  const kubeconfig = join(folder, 'config');
  const backends = await startBackends();
  const emulator = await startEmulator({ tls: true, token: 'cluster', bookmarkMs: 500, ...options });
  emulator.writeKubeconfig(kubeconfig);
  emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: POD_NAMESPACE } });
  emulator.put(ingressClass());
  const pods = new Map<string, string[]>();
  const started: Pod[] = [];

  function writePods(site: string): void {
    for (const object of podsOf(site, pods.get(site) ?? [], backends.ports.http)) {
      emulator.put(asJson({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } }));
    }
  }
  return {
    emulator,
    backends,
    kubeconfig,
    addresses: (site) => pods.get(site) ?? [],
    addSite(site, count = 1) {
      pods.set(site, takeAddresses(count));
      writePods(site);
      emulator.put(asJson(ingressOf(site)));
    },
    async roll(site) {
      const [fresh = ''] = takeAddresses(1);
      const [old = '', ...kept] = pods.get(site) ?? [];
      pods.set(site, [...kept, fresh]);
      writePods(site);
      await backends.down(old);
      return fresh;
    },
    async startPod(given = {}) {
      const name = given.name ?? 'tidegate-0';
      emulator.put(podObject(name));
      const own = join(folder, name);
      emulator.writeKubeconfig(own, name);
      const pod = await startPod({ kubeconfig: own, ...given });
      started.push(pod);
      return pod;
    },
    async dispose() {
      for (const pod of started) await pod.dispose();
      await emulator.stop();
      await backends.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
