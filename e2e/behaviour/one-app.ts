/** Starts an instance with one site, `app`, which has two pods. Tests then add other hosts, which need reloads. */
import { startBackends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

export interface OneApp {
  readonly instance: Instance;
  /** Adds a host with the same pods, which needs a reload, and waits until it is served. */
  addHost(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOneApp(): Promise<OneApp> {
  const backends = await startBackends();
  const pods = takeAddresses(2);
  const files = { 'pods.yaml': podsOf('app', pods, backends.ports.http), 'app.yaml': [ingressOf('app')] };
  const instance = await startInstance(files).catch(async (error: unknown) => {
    await backends.stop();
    throw error;
  });
  let hosts = 0;
  return {
    instance,
    async addHost() {
      hosts += 1;
      instance.write(`other-${hosts}.yaml`, [ingressOf(`other${hosts}`, 'app')]);
      await untilServed(instance, `other${hosts}`, pods);
    },
    async stop() {
      await instance.dispose();
      await backends.stop();
    },
  };
}
