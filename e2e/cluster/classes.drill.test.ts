/**
 * Two installations with different classes in one cluster do not serve each other's objects, and do not write to them.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject, LoggedRequest } from '../apiserver/emulator.ts';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import { answerOf, untilAnswered } from './answers.ts';
import { asJson, ingressClass, startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { POD_NAMESPACE } from './pod.ts';
import type { Pod } from './pod.ts';

const ADDRESS = { alpha: '192.0.2.11', beta: '192.0.2.12' };
type Install = keyof typeof ADDRESS;
const INSTALLS: readonly Install[] = ['alpha', 'beta'];
/** Site → its class when the test begins. `a1` has the class as an annotation. */
const SITES: Readonly<Record<string, Install>> = { a0: 'alpha', a1: 'alpha', b0: 'beta', b1: 'beta' };

let cluster: Cluster;
let pods: Record<Install, Pod>;

/** The Ingress of a site, with a mistake that leads to an Event. */
function ingress(site: string, className: string): JsonObject {
  const annotations = { 'nginx.ingress.kubernetes.io/proxy-body-size': 'a-lot' };
  const legacy = { ...annotations, 'kubernetes.io/ingress.class': className };
  const object = asJson(ingressOf(site, site, { annotations: site === 'a1' ? legacy : annotations }));
  if (site === 'a1') return object;
  return { ...object, spec: { ...(object['spec'] as JsonObject), ingressClassName: className } };
}

function start(install: Install): Promise<Pod> {
  return cluster.startPod({
    name: `${install}-0`,
    args: [
      `--ingress-class=${install}`,
      `--controller-class=example.com/${install}`,
      `--election-id=${install}-leader`,
      `--publish-status-address=${ADDRESS[install]}`,
      '--watch-ingress-without-class=false',
    ],
  });
}

/**
 * Changes the class of an Ingress, and its status if one is given. Returns the time of the change as
 * `performance.now()`.
 */
function move(site: string, className: string, status?: JsonObject): number {
  const found = cluster.emulator.get('Ingress', NAMESPACE, site);
  if (found === undefined) throw new Error(`there is no Ingress ${site}`);
  const spec = { ...(found['spec'] as JsonObject), ingressClassName: className };
  cluster.emulator.put({ ...found, spec, ...(status && { status }) });
  return performance.now();
}

function writesOf(install: Install): readonly LoggedRequest[] {
  const reading = ['get', 'list', 'watch', 'other'];
  return cluster.emulator.log.find({ user: `${install}-0` }).filter(({ verb }) => !reading.includes(verb));
}

/** The object that a request writes to; if that is an Event, the object that the Event is about. */
function subjectOf({ resource, name, body }: LoggedRequest): string {
  const { metadata, involvedObject } = JSON.parse(body) as {
    metadata?: { name?: string };
    involvedObject?: { kind: string; name: string };
  };
  if (involvedObject === undefined) return `${resource} ${name ?? metadata?.name ?? ''}`;
  return `${involvedObject.kind} ${involvedObject.name}`;
}

async function untilStatus(site: string, address: string): Promise<void> {
  await until(`the status of ${site} is ${address}`, () => statusOf(cluster.emulator, site) === address, 20_000);
}

beforeAll(async () => {
  cluster = await startCluster();
  // The class `nginx`, which other tests use, does not exist here.
  cluster.emulator.remove('IngressClass', '', 'nginx');
  for (const name of INSTALLS) cluster.emulator.put(ingressClass(name, `example.com/${name}`));
  cluster.emulator.put(ingressClass('gamma', 'example.com/somebody-else'));
  for (const [site, className] of Object.entries(SITES)) {
    cluster.addSite(site);
    cluster.emulator.put(ingress(site, className));
  }
  cluster.addSite('none');
  const [alpha, beta] = [await start('alpha'), await start('beta')];
  pods = { alpha, beta };
  for (const install of INSTALLS) await pods[install].ready();
}, 90_000);

afterAll(() => cluster?.dispose());

it('each of two installations serves the sites of its class, and responds with 404 for all other sites', async () => {
  for (const [site, className] of Object.entries(SITES)) {
    for (const install of INSTALLS)
      await untilAnswered(pods[install], site, install === className ? cluster.addresses(site) : ['404']);
  }
  for (const install of INSTALLS) expect(await answerOf(pods[install], 'none')).toBe('404');
}, 60_000);

it('each of two installations has its own Lease, and writes only to Ingresses of its class', async () => {
  for (const [site, className] of Object.entries(SITES)) await untilStatus(site, ADDRESS[className]);
  for (const install of INSTALLS) {
    const lease = cluster.emulator.get('Lease', POD_NAMESPACE, `${install}-leader`) as
      { spec?: { holderIdentity?: string } } | undefined;
    expect(lease?.spec?.holderIdentity).toBe(`${install}-0`);
    const own = Object.keys(SITES).filter((site) => SITES[site] === install);
    const eventsOn = () => new Set(writesOf(install).map(subjectOf));
    await until('the Events are written', () => own.every((site) => eventsOn().has(`Ingress ${site}`)), 15_000);
  }
  expect(statusOf(cluster.emulator, 'none')).toBe('');
}, 60_000);

it.concurrent(
  'traffic, status and Events of an Ingress move to the other installation when its class changes',
  async () => {
    const moved = move('a0', 'beta');
    await untilAnswered(pods.beta, 'a0', cluster.addresses('a0'));
    await untilAnswered(pods.alpha, 'a0', ['404']);
    await untilStatus('a0', ADDRESS.beta);
    // The installation that no longer serves the Ingress reads the status after a while. As its own address is not in
    // the status, it writes nothing.
    const looked = { user: 'alpha-0', verb: 'get', resource: 'ingresses', name: 'a0' } as const;
    await until('alpha has read the status', () => cluster.emulator.log.count(looked) > 0, 20_000);
    expect(statusOf(cluster.emulator, 'a0')).toBe(ADDRESS.beta);
    const late = writesOf('alpha').filter(({ at }) => at > moved);
    expect(late.map(subjectOf).filter((subject) => subject.endsWith(' a0'))).toEqual([]);
    await untilAnswered(pods.alpha, 'a1', cluster.addresses('a1'));
  },
  60_000,
);

it.concurrent(
  'an Ingress that changes to a class of another controller loses only our address in its status',
  async () => {
    const other = { ip: '198.51.100.9' };
    move('b0', 'gamma', { loadBalancer: { ingress: [other, { ip: ADDRESS.beta }] } });
    await untilAnswered(pods.beta, 'b0', ['404']);
    await untilStatus('b0', other.ip);
    expect(await answerOf(pods.alpha, 'b0')).toBe('404');
  },
  60_000,
);

it('neither installation has written to an object of the other', () => {
  const own: Readonly<Record<Install, readonly string[]>> = { alpha: ['a0', 'a1'], beta: ['b0', 'b1', 'a0'] };
  for (const install of INSTALLS) {
    const writes = writesOf(install);
    expect(writes.length).toBeGreaterThan(own[install].length);
    const strange = writes.filter((write) => {
      const [kind = '', name = ''] = subjectOf(write).split(' ');
      if (kind === 'ingresses' || kind === 'Ingress') return !own[install].includes(name);
      return kind === 'leases' ? name !== `${install}-leader` : !['events', 'Pod'].includes(kind);
    });
    expect(strange.map(subjectOf)).toEqual([]);
  }
});
