/**
 * Tests of session affinity with a given number of clients. affinity.drill.test.ts uses a small number, and
 * affinity.full.test.ts a large one.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';
import { type Client, makeClients, visit } from './sticky-clients.ts';

const MODES = ['balanced', 'persistent'] as const;
type Mode = (typeof MODES)[number];
const PODS = 5;

/** Defines the tests. `most` is the share of clients that may move to a sixth pod when it is added to five. */
export function testAffinity(count: number, most: number): void {
  const clients: Record<Mode, readonly Client[]> = { balanced: makeClients(count), persistent: makeClients(count) };
  const pods: Record<Mode, readonly string[]> = { balanced: takeAddresses(PODS), persistent: takeAddresses(PODS) };
  const [extra = '', elsewhere = '', elsewhereNext = ''] = takeAddresses(3);
  let backends: Backends;
  let instance: Instance;
  let replica: Instance;

  function files(): Record<string, KubernetesObject[]> {
    const made: Record<string, KubernetesObject[]> = {
      'elsewhere.yaml': [ingressOf('elsewhere'), ...podsOf('elsewhere', [elsewhere], backends.ports.http)],
    };
    for (const mode of MODES) {
      const annotations = { affinity: 'cookie', 'affinity-mode': mode };
      made[`ingress-${mode}.yaml`] = [ingressOf(mode, mode, { annotations })];
      made[`pods-${mode}.yaml`] = podsOf(mode, pods[mode], backends.ports.http);
    }
    return made;
  }

  /** Expects that every client still reaches its pod, and that no response sets a cookie. */
  async function expectAllStay(where: Instance = instance, modes: readonly Mode[] = MODES): Promise<void> {
    for (const mode of modes) {
      const { pods: now, cookies } = await visit(where, mode, clients[mode]);
      expect({ moved: clients[mode].filter(({ pod }, i) => now[i] !== pod).length, cookies }, mode).toEqual({
        moved: 0,
        cookies: 0,
      });
    }
  }

  /**
   * Changes the pods of a site, and waits until `sign` resolves with true, which shows that the change has taken
   * effect.
   */
  async function setPods(mode: Mode, addresses: readonly string[], sign: () => Promise<boolean>): Promise<void> {
    instance.write(`pods-${mode}.yaml`, podsOf(mode, addresses, backends.ports.http));
    const end = performance.now() + 10_000;
    while (!(await sign())) if (performance.now() > end) throw new Error(`${mode}: the pods did not change`);
  }

  beforeAll(async () => {
    backends = await startBackends();
    instance = await startInstance(files());
    replica = await startInstance(files());
    for (const mode of MODES) {
      const { pods: at } = await visit(instance, mode, clients[mode]);
      clients[mode].forEach((client, i) => (client.pod = at[i] ?? ''));
    }
  }, 120_000);

  afterAll(async () => {
    await instance?.dispose();
    await replica?.dispose();
    await backends?.stop();
  });

  it.each(MODES)('%s mode: every client gets a cookie, and every pod gets clients', (mode) => {
    for (const { cookie } of clients[mode]) expect(cookie).toMatch(/^INGRESSCOOKIE=[0-9a-f]{32}\|[0-9a-f]{32}$/);
    expect([...new Set(clients[mode].map(({ pod }) => pod))].sort()).toEqual([...pods[mode]].sort());
  });

  it('clients stay at their pods on later requests', async () => expectAllStay());

  it('clients stay at their pods when another replica serves them', async () => expectAllStay(replica));

  it('clients stay at their pods after a reload', async () => {
    const from = instance.lines.length;
    instance.write('new.yaml', [ingressOf('new', 'elsewhere')]);
    await instance.line(/\breload: /, from);
    await untilServed(instance, 'new', [elsewhere]);
    await expectAllStay();
  });

  it('clients stay at their pods when endpoints of another Service change', async () => {
    instance.write('elsewhere.yaml', [
      ingressOf('elsewhere'),
      ...podsOf('elsewhere', [elsewhereNext], backends.ports.http),
    ]);
    await untilServed(instance, 'elsewhere', [elsewhereNext]);
    await expectAllStay();
  });

  it('clients stay at their pods after the controller is killed and restarted', async () => {
    await instance.end('SIGKILL');
    await expectAllStay();
    await instance.start();
    await expectAllStay();
  });

  it('clients stay at their pods after a restart of the controller and NGINX', async () => {
    await instance.end('SIGINT');
    await instance.start();
    await expectAllStay();
  });

  describe.each(MODES)('%s mode, when the number of pods changes', (mode) => {
    it('clients move only to an added pod, and move back when that pod is removed', async () => {
      await setPods(mode, [...pods[mode], extra], async () => (await podOf(instance, mode)) === extra);
      const { pods: now } = await visit(instance, mode, clients[mode]);
      const moved = clients[mode].flatMap(({ pod }, i) => (now[i] === pod ? [] : [now[i]]));
      expect(new Set(moved)).toEqual(new Set(mode === 'balanced' ? [extra] : []));
      expect(moved.length / count).toBeLessThanOrEqual(mode === 'balanced' ? most : 0);
      let without = 0;
      await setPods(mode, pods[mode], async () => {
        without = (await podOf(instance, mode)) === extra ? 0 : without + 1;
        return without === 60;
      });
      await expectAllStay(instance, [mode]);
    });

    it('only the clients of a removed pod move', async () => {
      const [gone = '', ...rest] = pods[mode];
      let without = 0;
      await setPods(mode, rest, async () => {
        without = (await podOf(instance, mode)) === gone ? 0 : without + 1;
        return without === 60;
      });
      const { pods: now } = await visit(instance, mode, clients[mode]);
      clients[mode].forEach(({ pod }, i) => {
        if (pod === gone) expect(rest).toContain(now[i]);
        else expect(now[i]).toBe(pod);
      });
      expect((await visit(instance, mode, clients[mode])).pods).toEqual(now);
    });
  });
}
