/**
 * Makes changes by well-behaved tenants while another tenant is hostile, and measures how long each change takes until
 * it is served.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../e2e/behaviour/site.ts';
import { issue } from '../e2e/certificates.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import type { Pod } from '../e2e/cluster/pod.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { secretOf } from '../e2e/runner/secrets.ts';
import type { Api } from './emulated.ts';
import { siteName } from './sites.ts';

/** Milliseconds to wait for a change; a change that is not served by then counts as this many. */
const GIVE_UP = 60_000;
/** Milliseconds between two rounds of changes, which is longer than the controller's interval between two reloads. */
const SPACING = 1700;

export const KINDS = ['new host', 'endpoint', 'certificate'] as const;
type Kind = (typeof KINDS)[number];
export type Delays = Readonly<Record<Kind, number[]>>;

/** Loads the sites, each with endpoints at two addresses. */
export async function loadSites(api: Api, sites: number, port: number): Promise<void> {
  for (let site = 0; site < sites; site += 1) {
    const name = siteName(site);
    await api.load(inNamespace(tenantOf(site), [ingressOf(name), ...podsOf(name, takeAddresses(2), port)]));
  }
}

/** The namespace of a site; every tenant has ten sites. */
export function tenantOf(site: number): string {
  return `tenant-${Math.floor(site / 10)}`;
}

export function inNamespace(namespace: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
}

/** Polls until `isThere` returns true; returns the milliseconds since `from`, or GIVE_UP. */
async function since(pod: Pod, from: number, isThere: () => Promise<boolean>): Promise<number> {
  while (performance.now() - from < GIVE_UP) {
    if (await isThere()) return performance.now() - from;
    if (!pod.controller.running())
      throw new Error(['the controller has exited', ...pod.controller.lines.slice(-20)].join('\n'));
    await sleep(5);
  }
  return GIVE_UP;
}

/** The serial number of the certificate that NGINX presents for a host. */
async function serialOf(pod: Pod, servername: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ port: pod.httpsPort, host: '127.0.0.1', servername, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerX509Certificate()?.serialNumber);
    socket.destroy();
  });
  socket.on('error', () => resolve(undefined)).setTimeout(5000, () => socket.destroy(new Error('no handshake')));
  return promise;
}

/**
 * Functions that make one change each and return the milliseconds from the API server's response until the change is
 * served. The emulated API server handles one request at a time, so the time until its response grows with what the
 * other tenant writes, which says nothing about the controller.
 */
export function changes(api: Api, pod: Pod, port: number, sites: number): Record<Kind, () => Promise<number>> {
  let serial = 0;
  return {
    'new host': async () => {
      serial += 1;
      const name = `new${serial}`;
      const pods = podsOf(name, takeAddresses(1), port);
      await api.load(inNamespace('neighbour', [...pods, ingressOf(name)]));
      const from = performance.now();
      return since(pod, from, async () => {
        const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(name), path: '/' });
        return exchange.kind === 'answer' && exchange.answer.status === 200;
      });
    },
    endpoint: async () => {
      serial += 1;
      const name = siteName(serial % sites);
      const [address = ''] = takeAddresses(1);
      const slices = podsOf(name, [address], port).filter(({ kind }) => kind === 'EndpointSlice');
      await api.load(inNamespace(tenantOf(serial % sites), slices));
      const from = performance.now();
      return since(pod, from, async () => {
        const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(name), path: '/' });
        return (
          exchange.kind === 'answer' && exchange.answer.headers.get('echo-endpoint')?.startsWith(`${address}:`) === true
        );
      });
    },
    certificate: async () => {
      const pair = await issue([hostOf('secure')]);
      const before = await serialOf(pod, hostOf('secure'));
      await api.load(inNamespace('neighbour', [secretOf('secure', pair)]));
      const from = performance.now();
      return since(pod, from, async () => {
        const now = await serialOf(pod, hostOf('secure'));
        return now !== undefined && now !== before;
      });
    },
  };
}

/** Returns a function that makes changes as a well-behaved tenant. */
export function neighbour(api: Api, pod: Pod, port: number, sites: number) {
  const actions = changes(api, pod, port, sites);
  /** Makes changes of all kinds, one after the other, until `isOver` returns true. */
  return async (isOver: (turn: number) => boolean): Promise<Delays> => {
    const delays: Delays = { 'new host': [], endpoint: [], certificate: [] };
    for (let turn = 0; !isOver(turn); turn += 1) {
      for (const kind of KINDS) delays[kind].push(await actions[kind]());
      await sleep(SPACING);
    }
    return delays;
  };
}
