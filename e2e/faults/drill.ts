/**
 * An instance with healthy hosts under constant load, and the changes to manifests that a drill makes while a component
 * fails.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import type { Backends } from '../backends/start.ts';
import { podOf } from '../behaviour/served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../behaviour/site.ts';
import { isLossless, startLoad } from '../client/load.ts';
import type { Losses } from '../client/load.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { masterOf, startTimeOf, workersOf } from '../runner/processes.ts';
import { untilConverged } from './converged.ts';
import { readSource } from './source.ts';
import type { Source } from './source.ts';

export interface Drill {
  readonly instance: Instance;
  /** The name of a host → the addresses of the pods that may respond for it. */
  readonly pods: ReadonlyMap<string, readonly string[]>;
  /** Starts the controller again. */
  start(): Promise<void>;
  /** Prepares a new pod that replaces those of an existing host; this change needs no reload. */
  changeEndpoints(site: string): void;
  /** Prepares a new host, which needs a reload, and returns its name. */
  addHost(): string;
  /** Prepares the removal of a host that `addHost` prepared. */
  removeHost(site: string): void;
  /**
   * Prepares a new pod for the first host, `site`, and a new host, and computes the expected state. `others` are the
   * hosts that existed before.
   */
  stageBoth(): Promise<{ readonly site: string; readonly others: readonly string[] }>;
  /** Prepares a file of manifests, which `publish` writes. */
  stage(file: string, objects: readonly KubernetesObject[]): void;
  /** Computes the state that the prepared manifests lead to. */
  foresee(): Promise<void>;
  /** Writes the prepared files to the folder that the controller reads. */
  publish(): void;
  /** Sends load to the healthy hosts during `change`. */
  under(change: () => Promise<void>): Promise<Losses>;
  /**
   * Waits until NGINX has the computed state and every host is served by its pods. Returns the milliseconds it took.
   */
  converged(options?: { readonly timeout?: number; readonly exact?: boolean }): Promise<number>;
  /** Waits until these hosts, by default all, are served by their pods, whatever else NGINX serves. */
  answering(sites?: readonly string[]): Promise<void>;
  dispose(): Promise<void>;
}

export interface DrillOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Additional arguments of `up`. */
  readonly args?: readonly string[];
  /** Additional arguments of `render`, which computes the expected state. */
  readonly renderArgs?: readonly string[];
  readonly files?: Readonly<Record<string, readonly KubernetesObject[]>>;
  /** Called with the path of the run directory before the run directory exists. */
  readonly beforeStart?: (runDir: string) => void;
}

/** Settings with an effect in nginx.conf. The controller must not mistake them for the cause of a fault. */
export const SETTINGS: Readonly<Record<string, readonly KubernetesObject[]>> = {
  'settings.yaml': [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      data: { 'proxy-body-size': '7m' },
    },
  ],
};

const HOSTS = 4;
/** The number of lanes of the load. A lane has one connection at a time. */
export const LANES = 6;

/** Starts a drill. The names of its hosts begin with `name`. */
export async function startDrill(name: string, backends: Backends, options: DrillOptions = {}): Promise<Drill> {
  const healthy = Array.from({ length: HOSTS }, (_, i) => `${name}${i}`);
  const pods = new Map<string, readonly string[]>();
  const { args = [], env = {} } = options;
  let added = 0;
  let turn = 0;

  const staging = mkdtempSync(join(tmpdir(), 'tidegate-staged-'));
  const prepared = new Map<string, string>();
  let source: Source | undefined;

  function stage(file: string, objects: readonly KubernetesObject[]): void {
    const text = objects.map((object) => stringify(object, { aliasDuplicateObjects: false, version: '1.1' }));
    prepared.set(file, text.join('---\n'));
    writeFileSync(join(staging, file), text.join('---\n'));
  }
  function publish(): void {
    for (const [file, text] of prepared) instance.writeText(file, text);
    prepared.clear();
  }
  function endpoints(site: string, count: number): KubernetesObject[] {
    const addresses = takeAddresses(count);
    pods.set(site, addresses);
    return podsOf(site, addresses, backends.ports.http);
  }
  const instance = await startInstance({}, { args, env, start: false });
  options.beforeStart?.(instance.runDir);
  for (const [file, objects] of Object.entries(options.files ?? {})) stage(file, objects);
  for (const site of healthy) {
    stage(`ingress-${site}.yaml`, [ingressOf(site)]);
    stage(`pods-${site}.yaml`, endpoints(site, 2));
  }
  publish();
  await instance.start().catch(async (error: unknown) => {
    await instance.dispose();
    throw error;
  });

  async function answering(sites: readonly string[] = [...pods.keys()]): Promise<void> {
    let wrong: string[] = [];
    await until(
      'every host is served by its pods',
      async () => {
        const seen = await Promise.all(
          sites.map(async (site) => [site, pods.get(site) ?? [], await podOf(instance, site)] as const),
        );
        wrong = seen.filter(([, own, pod]) => !own.includes(pod)).map(([site, , pod]) => `${site}: ${pod}`);
        return wrong.length === 0;
      },
      15_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; ${wrong.join(', ')}\n${instance.lines.slice(-30).join('\n')}`);
    });
  }

  function changeEndpoints(site: string): void {
    stage(`pods-${site}.yaml`, endpoints(site, 1));
  }
  function addHost(): string {
    const site = `${name}-added${(added += 1)}`;
    stage(`${site}.yaml`, [ingressOf(site), ...endpoints(site, 1)]);
    return site;
  }
  async function foresee(): Promise<void> {
    source = await readSource(staging, instance, options.renderArgs ?? []);
  }

  return {
    instance,
    pods,
    start: () => instance.start(),
    changeEndpoints,
    addHost,
    async stageBoth() {
      const others = [...pods.keys()];
      const [site = ''] = others;
      changeEndpoints(site);
      addHost();
      await foresee();
      return { site, others };
    },
    removeHost(site) {
      pods.delete(site);
      stage(`${site}.yaml`, []);
    },
    stage,
    foresee,
    publish,
    async under(change) {
      const next = () => ({ port: instance.httpPort, host: hostOf(healthy[(turn += 1) % HOSTS] ?? ''), path: '/' });
      const load = startLoad({ next, kept: LANES - 2, fresh: 2, pause: 8 }, 300_000);
      await sleep(100);
      try {
        await change();
        await sleep(200);
      } finally {
        await load.stop();
      }
      return load.losses;
    },
    async converged({ timeout = 15_000, exact = false } = {}) {
      if (source === undefined) throw new Error('no result was computed');
      const ms = await untilConverged(instance, source, { timeout, exact });
      await answering();
      return ms;
    },
    answering,
    async dispose() {
      await instance.dispose();
      rmSync(staging, { recursive: true, force: true });
    },
  };
}

export function lostOf(losses: Losses): number {
  const { status5xx, otherStatus, freshFailed, cut, timeouts, wrong } = losses;
  return status5xx + otherStatus + freshFailed + cut + timeouts + wrong;
}

/** Prints the result of a drill as one line. */
export function tell(what: string, losses: Losses, convergedMs?: number): void {
  const { requests, reusedClosed, freshFailed, cut, slowestMs } = losses;
  const converged = convergedMs === undefined ? '' : `, matches the manifests within ${Math.round(convergedMs)} ms`;
  process.stdout.write(
    `${what}: ${requests} sent, ${lostOf(losses)} lost (${freshFailed} refused, ${cut} cut), ` +
      `${reusedClosed} keepalive connections closed, slowest ${Math.round(slowestMs)} ms${converged}\n`,
  );
}

/** Expects that no request was lost, except those whose connections were refused. */
export function expectOnlyRefused(losses: Losses): void {
  expect(losses.examples.filter((text) => !/ refused: /.test(text))).toEqual([]);
  expect(lostOf(losses) - losses.freshFailed).toBe(0);
}

/** Kills the NGINX master of a run directory and its workers. */
export async function killNginx(runDir: string): Promise<void> {
  const master = masterOf(runDir);
  if (master === undefined) throw new Error('NGINX does not run');
  const all = [master, ...workersOf(master.pid)];
  for (const { pid } of all) process.kill(pid, 'SIGKILL');
  await until('NGINX has exited', () => all.every(({ pid, startTime }) => startTimeOf(pid) !== startTime));
}

export function expectNothingLost(losses: Losses): void {
  expect(losses.examples).toEqual([]);
  expect(isLossless(losses)).toBe(true);
}
