/**
 * Tests what only a real API server checks: times, conditional updates, the validation of Events, the status
 * subresource.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAssets } from '../../e2e/apiserver/assets.ts';
import { type Kubectl, kubectlFor } from '../../e2e/apiserver/kubectl.ts';
import { type RealServer, startRealServer } from '../../e2e/apiserver/real.ts';
import { type ApiConnection, loadApi } from '../cluster/index.ts';
import { fixedAddresses } from './address-source.ts';
import { ask } from './api-answer.ts';
import type { EventNote } from './event-object.ts';
import { createEventRecorder } from './events.ts';
import { createIngressStatus } from './ingress-status.ts';
import type { LeaseObject } from './lease-object.ts';
import { type Election, startElection } from './lease.ts';
import { memoryLog } from './testing/memory-log.ts';
import { untilFound } from './testing/until.ts';

const assets = findAssets();
const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: default}
spec: {ingressClassName: nginx, defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

describe.skipIf('missing' in assets)('against a real API server', () => {
  let folder: string;
  let server: RealServer;
  let kubectl: Kubectl;
  let api: ApiConnection;

  beforeAll(async () => {
    if ('missing' in assets) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-report-'));
    server = await startRealServer(assets.folder);
    const kubeconfig = join(folder, 'kubeconfig');
    server.writeKubeconfig(kubeconfig);
    kubectl = kubectlFor(kubeconfig);
    api = await loadApi({ kubeconfig });
    await kubectl.run(['apply', '-f', '-'], INGRESS);
  }, 120_000);

  afterAll(async () => {
    await api?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('elects one leader, and another one when the first stops', async () => {
    const logs = [memoryLog(), memoryLog()];
    const elect = (identity: string, log: (typeof logs)[number]): Election =>
      startElection({
        api,
        namespace: 'default',
        name: 'leader',
        identity,
        durationMs: 2_000,
        log,
        onLead: () => undefined,
        onLose: () => undefined,
      });
    const [a, b] = [elect('a', logs[0]!), elect('b', logs[1]!)];
    const [leader, other] = await untilFound('a leader', () =>
      a.leading() ? [a, b] : b.leading() ? [b, a] : undefined,
    );
    // Long enough for two renewals.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect([leader?.leading(), other?.leading()]).toEqual([true, false]);
    await leader?.stop();
    await untilFound('the other candidate to lead', () => other?.leading(), 3_000);
    const answer = await ask<LeaseObject>(api, 'GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/leader');
    expect(answer).toMatchObject({ value: { spec: { leaseTransitions: 1 } } });
    await other?.stop();
    expect(logs.flatMap(({ lines }) => lines).filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('records Events that kubectl describe shows, and counts repeated Events', async () => {
    const log = memoryLog();
    const recorder = createEventRecorder({ api, source: { component: 'tidegate', instance: 'pod-1' }, log });
    const uid = await kubectl.run(['get', 'ingress', 'web', '-o', 'jsonpath={.metadata.uid}']);
    const ingressClass = { kind: 'IngressClass', namespace: '', name: 'nginx', uid: 'u-class' };
    const note: EventNote = {
      target: { kind: 'Ingress', namespace: 'default', name: 'web', uid },
      type: 'Warning',
      reason: 'InvalidAnnotation',
      message: 'ä'.repeat(3_000),
      newestOnly: false,
    };
    recorder.record(note);
    recorder.record({ ...note, target: ingressClass });
    const seen = async () => (await kubectl.run(['get', 'events', '-o', 'jsonpath={.items[*].count}'])).trim();
    await expect.poll(seen, { timeout: 5_000 }).toBe('1 1');
    recorder.record(note);
    await recorder.close(3_000);
    expect((await seen()).split(' ').sort()).toEqual(['1', '2']);
    expect(recorder.dropped()).toEqual({ 'object-rate': 0, 'queue-full': 0, refused: 0, unreachable: 0 });
    expect(log.lines).toEqual([]);
    const described = await kubectl.run(['describe', 'ingress', 'web']);
    expect(described).toMatch(/Warning\s+InvalidAnnotation\s+\S+ \(x2 over \S+\)\s+tidegate\s+ää/);
  });

  it('publishes addresses in the status of an Ingress, and removes them for the last pod', async () => {
    const log = memoryLog();
    const status = createIngressStatus({
      api,
      source: fixedAddresses([{ ip: '203.0.113.7' }, { hostname: 'lb.example.com' }]),
      ingresses: () => [{ namespace: 'default', name: 'web', present: [], served: true }],
      log,
      onProblem: () => undefined,
    });
    const address = async () =>
      kubectl.run(['get', 'ingress', 'web', '-o', 'jsonpath={.status.loadBalancer.ingress[*]}']);
    status.lead();
    await expect.poll(address, { timeout: 5_000 }).toBe('{"ip":"203.0.113.7"} {"hostname":"lb.example.com"}');
    expect(await status.clear(5_000)).toBe(0);
    expect(await address()).toBe('');
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([]);
  });
});
