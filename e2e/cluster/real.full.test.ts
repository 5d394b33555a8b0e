/** Tests with a real API server behind a fault proxy, and a controller with the permissions that the chart grants. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAssets } from '../apiserver/assets.ts';
import { startFaultProxy } from '../apiserver/fault-proxy.ts';
import type { FaultProxy } from '../apiserver/fault-proxy.ts';
import { fileArgument, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { startRealServer } from '../apiserver/real.ts';
import type { RealServer } from '../apiserver/real.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf } from '../behaviour/site.ts';
import { requestOnce } from '../client/connection.ts';
import { until } from '../runner/instance.ts';
import { createPodOfDeployment, writeOwnKubeconfig } from './deployed.ts';
import { ownAddress, startOwnBackend } from './own-address.ts';
import type { OwnBackend } from './own-address.ts';
import { POD_NAMESPACE, startPod } from './pod.ts';
import type { Pod } from './pod.ts';
import { expectUntouched, underLoad } from './traffic.ts';

const assets = findAssets();
const address = ownAddress();
if (address === undefined) {
  console.error(
    'NOT RUN: tests of a cluster with a real API server need the network namespace that scripts/test-full.sh creates',
  );
}
const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url));
const name = 'ingress-nginx-controller-0';

describe.skipIf('missing' in assets || address === undefined)('a controller with a real API server', () => {
  let folder: string;
  let server: RealServer;
  let proxy: FaultProxy;
  let kubectl: Kubectl;
  let pod: Pod;
  const backends: OwnBackend[] = [];

  async function apply(...items: readonly object[]): Promise<void> {
    await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }
  /** Makes the first or the second backend the only endpoint of a site. */
  async function point(site: string, which: number): Promise<void> {
    const objects = podsOf(site, [address ?? ''], backends[which]?.port ?? 0);
    await apply(...objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: NAMESPACE } })));
  }
  async function untilServed(site: string, which: number, timeout = 20_000): Promise<void> {
    const wanted = `${address}:${backends[which]?.port}`;
    let last = '';
    await until(
      `${site} answered by ${wanted}`,
      async () => {
        const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(site), path: '/' });
        last =
          exchange.kind === 'answer'
            ? (exchange.answer.headers.get('echo-endpoint') ?? String(exchange.answer.status))
            : exchange.detail;
        return last === wanted;
      },
      timeout,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; last seen: ${last}\n${pod.controller.lines.slice(-30).join('\n')}`);
    });
  }
  async function addressOf(site: string): Promise<string> {
    const path = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
    return kubectl.run(['get', 'ingress', '-n', NAMESPACE, site, '-o', path]);
  }

  beforeAll(async () => {
    if ('missing' in assets || address === undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-real-'));
    backends.push(await startOwnBackend(address), await startOwnBackend(address));
    server = await startRealServer(assets.folder);
    proxy = await startFaultProxy(server.port);
    server.writeKubeconfig(join(folder, 'admin'));
    kubectl = kubectlFor(join(folder, 'admin'));
    for (const file of ['namespace.yaml', 'cloud.yaml'])
      await kubectl.run(['apply', '-f', fileArgument(join(deploy, file))]);
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await createPodOfDeployment(kubectl, name);
    await writeOwnKubeconfig(kubectl, server, join(folder, 'controller'), proxy.port);
    await apply(ingressOf('r0'));
    await point('r0', 0);
    const args = ['--election-id=ingress-nginx-leader', `--configmap=${POD_NAMESPACE}/ingress-nginx-controller`];
    pod = await startPod({ kubeconfig: join(folder, 'controller'), name, args });
    await pod.ready();
  }, 180_000);

  afterAll(async () => {
    await pod?.dispose();
    await proxy?.stop();
    await server?.stop();
    for (const one of backends) one.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('serves sites, applies changes, and writes status and Events with the permissions of the chart', async () => {
    await untilServed('r0', 0);
    await point('r0', 1);
    await untilServed('r0', 1);
    await until('the status is written', async () => (await addressOf('r0')) === '192.0.2.10', 20_000);
    expect(await kubectl.run(['get', 'ingress', '-n', NAMESPACE])).toMatch(/r0 .*192\.0\.2\.10/);
    const wrong = 'nginx.ingress.kubernetes.io/proxy-body-size=a-lot';
    await kubectl.run(['annotate', 'ingress', '-n', NAMESPACE, 'r0', wrong]);
    const show = ['describe', 'ingress', '-n', NAMESPACE, 'r0'];
    await until(
      'kubectl shows an Event',
      async () => /Warning .*proxy-body-size/.test(await kubectl.run(show)),
      20_000,
    );
    await kubectl.run(['annotate', 'ingress', '-n', NAMESPACE, 'r0', `${wrong.split('=')[0]}-`]);
    expect(pod.controller.lines.filter((line) => /forbidden/i.test(line))).toEqual([]);
  }, 60_000);

  it('loses no request while the API server is unreachable for 60 s, and then applies changes', async () => {
    const observed = await underLoad(
      pod,
      ['r0'],
      async () => {
        await proxy.refuse();
        await point('r0', 0);
        await sleep(60_000);
        await proxy.heal();
        await untilServed('r0', 0, 60_000);
      },
      180_000,
    );
    expectUntouched(observed);
    expect(await addressOf('r0')).toBe('192.0.2.10');
  }, 240_000);

  it('loses no request while kube-apiserver is killed and restarted, and then applies changes', async () => {
    const observed = await underLoad(
      pod,
      ['r0'],
      async () => {
        await server.restart(2_000);
        await point('r0', 1);
        await untilServed('r0', 1, 60_000);
      },
      120_000,
    );
    expectUntouched(observed);
    expect(await addressOf('r0')).toBe('192.0.2.10');
  }, 180_000);
});
