/** Many plain sites, each with an Ingress, a host, a Service and an EndpointSlice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hostOf, ingressOf, NAMESPACE, podsOf } from '../e2e/behaviour/site.ts';
import { startInstance } from '../e2e/runner/instance.ts';
import type { Instance } from '../e2e/runner/instance.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { masterOf, workersOf } from '../e2e/runner/processes.ts';
import { callLive, readState } from '../e2e/runner/state.ts';
import type { Scope } from './bench.ts';

/** Names of the sites: b0, b1 … */
export function siteName(index: number): string {
  return `b${index}`;
}

export function siteHost(index: number): string {
  return hostOf(siteName(index));
}

/** The ConfigMap that configures the installation. */
export function settingsOf(data: Readonly<Record<string, string>>): KubernetesObject {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** The number of sites in one file: with one file for each site, the bench would measure the file system. */
const PER_FILE = 500;

/**
 * Returns, by file name, the manifests of the sites `first` to `count` - 1, all with one endpoint at `address:port`,
 * and a ConfigMap with the settings.
 */
export function siteFiles(
  count: number,
  address: string,
  port: number,
  settings: Readonly<Record<string, string>> = {},
  first = 0,
): Record<string, KubernetesObject[]> {
  const files: Record<string, KubernetesObject[]> = { 'settings.yaml': [settingsOf(settings)] };
  for (let from = first; from < count; from += PER_FILE) {
    const names = Array.from({ length: Math.min(PER_FILE, count - from) }, (_, i) => siteName(from + i));
    files[`sites-${from}.yaml`] = names.flatMap((name) => [ingressOf(name), ...podsOf(name, [address], port)]);
  }
  return files;
}

/** Runs `tidegate up` with these manifests, and waits until it is ready. It ends with the bench. */
export async function startSites(
  scope: Scope,
  files: Readonly<Record<string, readonly KubernetesObject[]>>,
  args: readonly string[] = [],
): Promise<Instance> {
  const instance = await startInstance(files, { args, start: false, readyWithin: 300_000 });
  scope.defer(async () => instance.dispose());
  await instance.start();
  return instance;
}

/** Pids of the master and of its workers. */
export function nginxOf(runDir: string): { master: number; workers: number[] } {
  const master = masterOf(runDir);
  if (master === undefined) throw new Error(`no NGINX runs on ${runDir}`);
  return { master: master.pid, workers: workersOf(master.pid).map(({ pid }) => pid) };
}

/** Sends deltas, each of which changes one backend. No other process may write live data at the same time. */
export interface DeltaWriter {
  /**
   * Resolves when the delta is in force; rejects if NGINX rejects the delta. `endpoints` are [address, port, weight].
   */
  setBackend(site: number, endpoints: readonly (readonly [string, number, number])[]): Promise<void>;
}

/**
 * Creates a writer that starts at NGINX's current revision. NGINX does not check the digest of a delta, so any digest
 * will do.
 */
export async function createDeltaWriter(runDir: string): Promise<DeltaWriter> {
  let { revision } = await readState(runDir);
  return {
    async setBackend(site, endpoints) {
      const key = `b:${NAMESPACE}/${siteName(site)}/80`;
      const digest = (revision + 1).toString(16).padStart(32, '0');
      const body = `begin ${revision}\nset ${key} ${JSON.stringify({ endpoints })}\nend ${revision + 1} ${digest}\n`;
      const { status, text } = await callLive(runDir, 'POST', '/v1/delta', body);
      if (status !== 200) throw new Error(`delta refused: ${status} ${text}`);
      revision += 1;
    },
  };
}

/** Waits until no worker has started or exited for 700 ms, which means that no reload is in progress. */
export async function untilCalm(runDir: string): Promise<void> {
  const end = performance.now() + 60_000;
  let last = '';
  let since = performance.now();
  while (performance.now() - since < 700) {
    const now = nginxOf(runDir).workers.join();
    if (now !== last) since = performance.now();
    last = now;
    if (performance.now() > end) throw new Error(`workers of ${runDir} kept starting and exiting for a minute`);
    await sleep(20);
  }
}
