import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../e2e/apiserver/emulator.ts';
import { nodeAddresses } from './address-source.ts';
import { isLastPod, type OwnPod, readOwnPod, selectorOf } from './own-pod.ts';
import { apiClient } from './testing/api-client.ts';

let emulator: Emulator;
const LABELS = { 'app.kubernetes.io/name': 'tidegate', 'app.kubernetes.io/instance': 'edge' };
const CTL = { 'helm.sh/chart': 'tidegate-1', 'pod-template-hash': 'x1' };

function putPod(name: string, node: string, phase = 'Running', labels: object = { ...LABELS, ...CTL }): void {
  emulator.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'edge', labels: { ...labels } },
    spec: { nodeName: node, containers: [{ name: 'controller', image: 'tidegate' }] },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  });
}

function putNode(name: string, ...addresses: { type: string; address: string }[]): void {
  emulator.put({ apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { addresses } });
}

async function own(): Promise<OwnPod> {
  const answer = await readOwnPod(apiClient(emulator.url), 'edge', 'one');
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

beforeAll(async () => {
  emulator = await startEmulator();
});

beforeEach(() => {
  emulator.clearFaults();
  for (const name of ['one', 'two', 'stranger']) emulator.remove('Pod', 'edge', name);
  putPod('one', 'n1');
  putPod('stranger', 'n9', 'Running', { 'app.kubernetes.io/name': 'shop' });
});

afterAll(() => emulator.stop());

it('readOwnPod() returns the uid of the pod, and a selector for all revisions of the installation', async () => {
  expect(await own()).toEqual({
    namespace: 'edge',
    name: 'one',
    uid: emulator.get('Pod', 'edge', 'one')?.metadata.uid,
    addresses: [],
    nodeName: 'n1',
    selector: 'app.kubernetes.io/name=tidegate,app.kubernetes.io/instance=edge',
  });
  expect(selectorOf({ app: 'ingress', ...CTL })).toBe('app=ingress');
  expect(selectorOf(CTL)).toBeUndefined();
  const absent = await readOwnPod(apiClient(emulator.url), 'edge', 'absent');
  expect(absent).toMatchObject({ ok: false, status: 404 });
});

it('a pod is the last pod unless another pod of the installation remains, even a pod of a newer chart', async () => {
  const api = apiClient(emulator.url);
  expect(await isLastPod(api, await own())).toBe(true);
  putPod('two', 'n2', 'Running', { ...LABELS, 'helm.sh/chart': 'tidegate-2', 'pod-template-hash': 'x2' });
  expect(await isLastPod(api, await own())).toBe(false);
  putPod('two', 'n2', 'Pending');
  expect(await isLastPod(api, await own())).toBe(false);
  putPod('two', 'n2', 'Failed');
  expect(await isLastPod(api, await own())).toBe(true);
});

it('a pod does not count as the last pod if the other pods cannot be determined', async () => {
  const api = apiClient(emulator.url);
  const pod = await own();
  expect(await isLastPod(api, { ...pod, selector: undefined })).toBe(false);
  emulator.fault({ kind: 'status', code: 500, resource: 'pods' });
  expect(await isLastPod(api, pod)).toBe(false);
});

it('returns the addresses of all nodes with ready pods, or a failure; reads each node only once', async () => {
  const api = apiClient(emulator.url);
  const { signal } = new AbortController();
  putPod('two', 'n2');
  putNode('n1', { type: 'InternalIP', address: '10.0.0.1' }, { type: 'ExternalIP', address: '203.0.113.1' });
  putNode('n2', { type: 'InternalIP', address: '10.0.0.2' });
  putNode('n9', { type: 'InternalIP', address: '10.0.0.9' });
  const source = nodeAddresses(api, await own(), false);
  emulator.fault({ kind: 'status', code: 500, resource: 'nodes', verb: 'get', times: 1 });
  expect(await source.read(signal)).toMatchObject({ ok: false, status: 500, retryable: true });
  emulator.log.clear();
  expect(await source.read(signal)).toEqual({ ok: true, value: [{ ip: '10.0.0.2' }, { ip: '203.0.113.1' }] });
  await source.read(signal);
  expect(emulator.log.count({ verb: 'get', resource: 'nodes' })).toBe(2);
  const internal = await nodeAddresses(api, await own(), true).read(signal);
  expect(internal).toEqual({ ok: true, value: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] });
  // The address of a deleted node is omitted; this is not a failure.
  emulator.remove('Node', '', 'n2');
  const later = await nodeAddresses(api, await own(), true).read(signal);
  expect(later).toEqual({ ok: true, value: [{ ip: '10.0.0.1' }] });
});
