import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../e2e/apiserver/emulator.ts';
import type { PresentAddress, StatusAddress } from './addresses.ts';
import { createHandedOverIngresses, type HandedOverIngresses, type ClassChange } from './handed-over-ingresses.ts';
import { apiClient, breakable } from './testing/api-client.ts';
import { memoryLog } from './testing/memory-log.ts';

const OWN: readonly StatusAddress[] = [{ ip: '203.0.113.7' }, { hostname: 'lb.example.com' }];
const OTHER = { ip: '198.51.100.9' };
const WRITES = { verb: 'patch', resource: 'ingresses', subresource: 'status' } as const;
const READS = { verb: 'get', resource: 'ingresses' } as const;
const WEB = { namespace: 'shop', name: 'web' };

let emulator: Emulator;
let where: ClassChange;
let broken: boolean;
let log: ReturnType<typeof memoryLog>;

beforeEach(async () => {
  emulator = await startEmulator();
  where = 'another-class';
  broken = false;
  log = memoryLog();
});

afterEach(() => emulator.stop());

function putIngress(present: readonly PresentAddress[]): void {
  emulator.put({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...WEB },
    spec: { ingressClassName: 'other' },
    status: { loadBalancer: { ingress: present.map((each) => ({ ...each })) } },
  });
}

function presentOf(): readonly PresentAddress[] {
  const found = emulator.get('Ingress', 'shop', 'web') as unknown as {
    status?: { loadBalancer?: { ingress?: PresentAddress[] } };
  };
  return found.status?.loadBalancer?.ingress ?? [];
}

/** Makes an Ingress known as ours. For the next `follow` without arguments, the Ingress is no longer ours. */
async function left(graceMs = 0): Promise<HandedOverIngresses> {
  const api = breakable(apiClient(emulator.url), () => broken);
  const handedOver = createHandedOverIngresses({ api, log, classChangeOf: () => where, graceMs });
  expect(await follow(handedOver, [WEB])).toBe(Infinity);
  return handedOver;
}

function follow(handedOver: HandedOverIngresses, ours: readonly (typeof WEB)[] = []): Promise<number> {
  const byKey = new Map(ours.map((each) => [`${each.namespace}/${each.name}`, each]));
  return handedOver.follow(byKey, OWN, new AbortController().signal);
}

it('removes our addresses from the status, but no other addresses', async () => {
  putIngress([...OWN, OTHER]);
  expect(await follow(await left())).toBe(Infinity);
  expect(presentOf()).toEqual([OTHER]);
  expect(log.lines).toEqual(['info: status: our addresses removed from Ingress shop/web, which now has another class']);
});

it('empties a status that contains only our addresses, and writes the status only once', async () => {
  putIngress(OWN);
  const handedOver = await left();
  await follow(handedOver);
  await follow(handedOver);
  expect(presentOf()).toEqual([]);
  expect([emulator.log.count(READS), emulator.log.count(WRITES)]).toEqual([1, 1]);
});

it('writes nothing if the next controller has replaced our addresses', async () => {
  putIngress([OTHER]);
  await follow(await left());
  expect([emulator.log.count(READS), emulator.log.count(WRITES)]).toEqual([1, 0]);
});

it('waits for the next controller, and changes no Ingress that returns within the grace period', async () => {
  putIngress(OWN);
  const handedOver = await left(60_000);
  expect(await follow(handedOver)).toBeGreaterThan(0);
  expect(await follow(handedOver, [WEB])).toBe(Infinity);
  expect([emulator.log.count(READS), presentOf()]).toEqual([0, OWN]);
});

it.each(['unknown', 'gone'] as const)('changes no status if the Ingress or its class is "%s"', async (told) => {
  putIngress(OWN);
  where = told;
  expect(await follow(await left())).toBe(Infinity);
  expect([emulator.log.count(READS), presentOf()]).toEqual([0, OWN]);
});

it('removes our addresses when an unknown class turns out to belong to another controller', async () => {
  putIngress(OWN);
  where = 'unknown';
  const handedOver = await left();
  await follow(handedOver);
  where = 'another-class';
  await follow(handedOver);
  expect(presentOf()).toEqual([]);
});

it('never overwrites a status that another controller writes between our read and our write', async () => {
  putIngress(OWN);
  const api = apiClient(emulator.url);
  const handedOver = createHandedOverIngresses({
    api: {
      request: async (method, ...rest) => {
        if (method === 'PATCH' && presentOf().length === OWN.length) putIngress([OTHER]);
        return api.request(method, ...rest);
      },
    },
    log,
    classChangeOf: () => where,
    graceMs: 0,
  });
  await follow(handedOver, [WEB]);
  expect(await follow(handedOver)).toBe(0);
  expect(presentOf()).toEqual([OTHER]);
  expect(await follow(handedOver)).toBe(Infinity);
  expect([presentOf(), log.lines]).toEqual([[OTHER], []]);
});

it('retries after an outage of the API server, and sends only one request during the outage', async () => {
  putIngress(OWN);
  const api = breakable(apiClient(emulator.url), () => broken);
  let asked = 0;
  const counting = { request: (...args: Parameters<typeof api.request>) => ((asked += 1), api.request(...args)) };
  const handedOver = createHandedOverIngresses({ api: counting, log, classChangeOf: () => where, graceMs: 0 });
  await follow(handedOver, [{ namespace: 'shop', name: 'first' }, WEB]);
  broken = true;
  expect(await follow(handedOver)).toBe(0);
  expect(asked).toBe(1);
  broken = false;
  await follow(handedOver);
  expect([presentOf(), log.lines.length]).toEqual([[], 1]);
});

it('logs once that it is not allowed to write the status', async () => {
  putIngress(OWN);
  emulator.fault({ kind: 'status', code: 403, verb: 'patch', times: 1 });
  const handedOver = await left();
  expect(await follow(handedOver)).toBe(Infinity);
  await follow(handedOver);
  expect(log.lines).toEqual([
    expect.stringMatching(/^warn: our addresses remain in the status of Ingress shop\/web.*403/),
  ]);
});
