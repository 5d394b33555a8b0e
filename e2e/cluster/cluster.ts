/**
 * What the cluster tests start with: an emulated API server with an IngressClass, a namespace for the Lease, and sites,
 * which have an Ingress, a Service and pods.
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
  /** The addresses of a site's pods. */
  addresses(site: string): readonly string[];
  /** Creates an Ingress, its Service and an EndpointSlice with this many new pods. */
  addSite(site: string, pods?: number): void;
  /**
   * Replaces a site's oldest pod with a new one and returns its address. The old pod refuses connections from then on.
   */
  roll(site: string): Promise<string>;
  /** Starts a pod of the controller. The emulator's log has the pod's name as the user of its requests. */
  startPod(options?: Partial<PodOptions>): Promise<Pod>;
  dispose(): Promise<void>;
}

/** Converts the type of an object. Objects of e2e/runner are plain JSON. */
export function asJson(object: KubernetesObject): JsonObject {
  return object as unknown as JsonObject;
}

export function ingressClass(name = 'nginx', controller = 'k8s.io/ingress-nginx'): JsonObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec: { controller } };
}

/** The Pod object of a controller, as a Deployment and the kubelet would write it. */
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

/** The addresses in the status of an Ingress, joined by commas. The namespace is by default that of the sites. */
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
