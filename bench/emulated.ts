/**
 * Runs the API server of e2e/apiserver in a separate process, so that its CPU time does not count as that of the
 * controller or the bench.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { call } from '../e2e/apiserver/client.ts';
import { ingressOf, podsOf } from '../e2e/behaviour/site.ts';
import { ingressClass, podObject } from '../e2e/cluster/cluster.ts';
import { siteName } from './sites.ts';

/**
 * The options that the image and the chart set for Node. The old generation may use 60 percent of the memory limit of
 * 2 GiB.
 */
export const NODE_FLAGS = '--max-semi-space-size=2 --max-old-space-size=1228';

/** The environment variables that the chart sets for the controller. */
export const CONTROLLER_ENV = { NODE_OPTIONS: NODE_FLAGS, MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_ARENA_MAX: '1' };

export interface Api {
  readonly url: string;
  load(objects: readonly object[]): Promise<void>;
  counts(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts the API server, and writes a kubeconfig for it to the file `kubeconfig`. */
export async function startApi(kubeconfig: string): Promise<Api> {
  const main = fileURLToPath(new URL('../e2e/apiserver/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--kubeconfig', kubeconfig], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const control = `${line.toString().trim()}/emulator`;
  return {
    url: control,
    async load(objects) {
      const { body } = await call(control, 'POST', { do: 'load', objects });
      if (body['objects'] !== objects.length) throw new Error(`not loaded: ${JSON.stringify(body)}`);
    },
    async counts() {
      return (await call(control, 'POST', { do: 'log' })).body['counts'] as unknown as Record<string, number>;
    },
    async stop() {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}

/**
 * Creates an Ingress, a Service and an EndpointSlice for each site. The endpoints have the addresses that `addresses`
 * returns, and the port `port`.
 */
export async function fill(api: Api, sites: number, addresses: () => string[], port: number): Promise<void> {
  await api.load([ingressClass(), podObject('tidegate-0')]);
  for (let from = 0; from < sites; from += 500) {
    const names = Array.from({ length: Math.min(500, sites - from) }, (_, i) => siteName(from + i));
    const objects = names.flatMap((name) => {
      const rest = podsOf(name, addresses(), port);
      return [ingressOf(name), ...rest.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: 'sites' } }))];
    });
    await api.load(objects);
  }
}
