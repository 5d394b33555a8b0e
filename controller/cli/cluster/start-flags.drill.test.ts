/** Tests flags whose effect depends on the environment at startup, with a real controller and a real NGINX. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostOf, ingressOf, NAMESPACE, takeAddresses } from '../../../e2e/behaviour/site.ts';
import { answerOf, untilAnswered } from '../../../e2e/cluster/answers.ts';
import { asJson, type Cluster, startCluster } from '../../../e2e/cluster/cluster.ts';
import type { Pod } from '../../../e2e/cluster/pod.ts';
import { until } from '../../../e2e/runner/instance.ts';
import { serviceOf, sliceOf } from '../../../e2e/runner/endpoints.ts';
import { placeIn } from '../../../e2e/runner/object.ts';
import { secretOf } from '../../../e2e/runner/secrets.ts';
import { makeChain, site } from '../../cluster/fixtures/chain.ts';

/**
 * Longer than the quarter of a second after which the controller builds everything again because endpoints have
 * changed.
 */
const SETTLED_MS = 1000;
const ZONE_LABEL = 'topology.kubernetes.io/zone';
let cluster: Cluster;

/**
 * Writes the EndpointSlice of a Service. `zones` maps each address to the zone in its hint, or to undefined for no
 * hint.
 */
function putSlice(service: string, zones: Readonly<Record<string, string | undefined>>): void {
  const slice = asJson(sliceOf(service, NAMESPACE, Object.keys(zones), { port: cluster.backends.ports.http }));
  const endpoints = (slice['endpoints'] as { addresses: string[] }[]).map((endpoint) => {
    const zone = zones[endpoint.addresses[0] ?? ''];
    return zone === undefined ? endpoint : { ...endpoint, hints: { forZones: [{ name: zone }] } };
  });
  cluster.emulator.put({ ...slice, endpoints });
}

function putSite(name: string, zones: Readonly<Record<string, string | undefined>>): void {
  cluster.emulator.put(asJson(serviceOf(name, NAMESPACE, { port: 80 })));
  putSlice(name, zones);
  cluster.emulator.put(asJson(ingressOf(name)));
}

/** The backends that answered twenty requests. */
async function answering(pod: Pod, name: string): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let round = 0; round < 20; round += 1) seen.add(await answerOf(pod, name));
  return [...seen].sort();
}

/** CN of the certificate that a TLS client receives; empty if the connection fails. */
async function servedName(pod: Pod, host: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const address = { port: pod.httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false };
  const client = connect(address, () => resolve(String(client.getPeerCertificate().subject.CN)));
  client.on('error', () => resolve(''));
  const name = await promise;
  client.destroy();
  return name;
}

beforeAll(async () => {
  cluster = await startCluster();
  cluster.emulator.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels: { [ZONE_LABEL]: 'a' } } });
});

afterAll(() => cluster.dispose());

describe('--enable-topology-aware-routing and --enable-ssl-chain-completion', () => {
  const [near = '', far = '', newNear = ''] = takeAddresses(3);
  let pod: Pod;

  beforeAll(async () => {
    putSite('zones', { [near]: 'a', [far]: 'b' });
    pod = await cluster.startPod({ args: ['--enable-topology-aware-routing', '--enable-ssl-chain-completion'] });
    await pod.ready();
  });

  test("only endpoints for the zone of the controller's node get requests, even directly after the start", async () => {
    await untilAnswered(pod, 'zones', [near]);
    expect(await answering(pod, 'zones')).toEqual([near]);
  });

  test('zone hints still apply after a change to only the EndpointSlice, unless an endpoint has no hint', async () => {
    const from = pod.controller.lines.length;
    putSlice('zones', { [newNear]: 'a', [far]: 'b' });
    await untilAnswered(pod, 'zones', [newNear]);
    expect(await answering(pod, 'zones')).toEqual([newNear]);
    // The complete build that follows changes nothing.
    await sleep(SETTLED_MS);
    const told = pod.controller.lines.slice(from).filter((line) => line.includes('endpoints of sites/zones/80'));
    expect(told).toHaveLength(1);
    putSlice('zones', { [newNear]: 'a', [far]: undefined });
    await untilAnswered(pod, 'zones', [far]);
    expect(await answering(pod, 'zones')).toEqual([far, newNear].sort());
  });

  test('an issuer on a loopback address is not contacted but reported, and the chain is not completed', async () => {
    const authority = await site((_, response) => void response.end());
    const host = hostOf('chain');
    const chain = makeChain({ host, intermediates: 1, issuerUrl: () => `${authority.url}/ca` });
    const secret = secretOf('chain-tls', { cert: chain.certificates[0] ?? '', key: chain.key });
    cluster.emulator.put(asJson(placeIn(NAMESPACE, secret)));
    cluster.emulator.put(asJson(ingressOf('chain', 'zones', { tls: 'chain-tls' })));
    const line = await pod.controller.line(/chain of the certificate cannot be completed/);
    expect(line).toContain(`Secret ${NAMESPACE}/chain-tls`);
    expect(line).toContain('127.0.0.1 is not contacted');
    expect(authority.asked).toEqual([]);
    await until('the certificate is served', async () => (await servedName(pod, host)) === host);
  });
});

describe('--watch-namespace', () => {
  test('a namespace that does not exist aborts startup with a message that explains what to do', async () => {
    const pod = await cluster.startPod({ name: 'tidegate-1', args: ['--watch-namespace=sitse'] });
    expect(await pod.controller.line(/does not exist/)).toContain(
      '--watch-namespace: namespace "sitse" does not exist; create it (kubectl create namespace sitse) or name another',
    );
    // The process ends by itself. SIGCONT has no effect on it.
    expect(await pod.controller.end('SIGCONT')).toBe(1);
  });

  test('without permissions for namespaces and nodes, the namespace is watched and all endpoints are used', async () => {
    cluster.emulator.fault({ kind: 'status', code: 403, verb: 'get', resource: 'namespaces' });
    cluster.emulator.fault({ kind: 'status', code: 403, verb: 'get', resource: 'nodes' });
    cluster.emulator.fault({ kind: 'status', code: 403, resource: 'ingressclasses' });
    const other = asJson(ingressOf('others', 'zones'));
    cluster.emulator.put({ ...other, spec: { ...(other['spec'] as object), ingressClassName: 'somebody' } });
    const [one = '', two = ''] = takeAddresses(2);
    putSite('both', { [one]: 'a', [two]: 'b' });
    const args = [`--watch-namespace=${NAMESPACE}`, '--enable-topology-aware-routing'];
    const pod = await cluster.startPod({ name: 'tidegate-2', args });
    await pod.ready();
    await untilAnswered(pod, 'both', [one, two]);
    expect(await answering(pod, 'both')).toEqual([one, two].sort());
    const said = (pattern: RegExp) => pod.controller.lines.filter((line) => pattern.test(line));
    expect(said(/cannot check whether namespace sites exists: GET .* is forbidden/)).toHaveLength(1);
    expect(said(/--enable-topology-aware-routing has no effect.*nodes\/node-1 is forbidden/)).toHaveLength(1);
    // Without permission for IngressClasses, classes are matched by name, which is logged only at level info;
    // Ingresses of other controllers are not reported.
    expect(said(/IngressClasses cannot be read with these permissions/)).toHaveLength(1);
    expect(said(/(error|warn): .*ingress-?class/i)).toEqual([]);
    expect(said(/others/)).toEqual([]);
    const events = cluster.emulator.list('Event').map((event) => JSON.stringify(event));
    expect(events.filter((text) => text.includes('tidegate-2') && text.includes('others'))).toEqual([]);
  });

  test('at startup, the log contains the version, the flags, and what the controller waits for', async () => {
    const pod = await cluster.startPod({ name: 'tidegate-3', args: [`--watch-namespace=${NAMESPACE}`] });
    await pod.ready();
    const ready = await pod.controller.line(/ ready$/);
    const before = pod.controller.lines.slice(0, pod.controller.lines.indexOf(ready));
    expect(before[0]).toMatch(
      / tidegate \d+\.\d+\.\d+ on Node v24\S+; flags: --kubeconfig=\S+ .*--watch-namespace=sites/,
    );
    const waits = before.flatMap((line) => /waiting for (the API server|the first lists|NGINX)/.exec(line)?.[1] ?? []);
    expect(waits).toEqual(['the API server', 'the first lists', 'NGINX']);
    const from = pod.controller.lines.length;
    cluster.emulator.put(asJson(serviceOf('nobodys', NAMESPACE, { port: 80 })));
    putSite('wanted', { [takeAddresses(1)[0] ?? '']: undefined });
    await pod.controller.line(/new host/, from);
    expect(pod.controller.lines.slice(from).filter((line) => line.includes('nobodys'))).toEqual([]);
  });
});
