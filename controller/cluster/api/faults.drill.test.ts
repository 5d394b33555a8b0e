import { describe, expect, test } from 'vitest';
import { addressesOf, type KeptEndpoint } from '../../types/endpoint-slice.ts';
import type { SnapshotEvent } from '../../types/snapshot.ts';
import { emulated, ingress, service, slice, sleep, untilTrue, watched } from '../fixtures/emulated.ts';
import type { Emulated } from '../fixtures/emulated.ts';

const COUNT = 40;

function fill({ server }: Emulated): void {
  for (let index = 0; index < COUNT; index += 1) {
    server.put(ingress(`i${index}`));
    server.put(service(`s${index}`));
    server.put(slice(`s${index}`, ['10.0.0.1']));
  }
}

/** Changes the address of one slice and the port of one Service. */
function churn({ server }: Emulated, round: number): void {
  const index = round % COUNT;
  server.put(slice(`s${index}`, [`10.1.${round >> 8}.${round & 255}`]));
  server.put(service(`s${index}`, 'shop', 1000 + round));
}

/** Checks that no Snapshot contained fewer than `least` objects of a kind. */
function neverEmptied(events: readonly SnapshotEvent[], least = COUNT): void {
  for (const { snapshot } of events) {
    for (const kind of ['Ingress', 'Service', 'EndpointSlice'] as const) {
      expect(snapshot[kind].size).toBeGreaterThanOrEqual(least);
    }
  }
}

interface Changed {
  readonly spec?: { readonly ports?: readonly { readonly port: number }[] };
  readonly endpoints?: readonly KeptEndpoint[];
}

/** The parts of an object that `churn` changes: the port of a Service and the addresses of a slice. */
function changedPart({ spec, endpoints }: Changed): string {
  return `${spec?.ports?.[0]?.port} ${endpoints?.map(addressesOf).join()}`;
}

/** Waits until the Snapshot has the same objects as the server. */
async function caughtUp({ server }: Emulated, current: () => SnapshotEvent['snapshot'], ms = 8000): Promise<void> {
  const same = () => {
    const snapshot = current();
    return (['Ingress', 'Service', 'EndpointSlice'] as const).every((kind) => {
      const there = server.list(kind);
      const holds = (object: (typeof there)[number]) => {
        const held = snapshot[kind].get(`${object.metadata.namespace}/${object.metadata.name}`);
        return held !== undefined && changedPart(held as Changed) === changedPart(object as Changed);
      };
      return there.length === snapshot[kind].size && there.every(holds);
    });
  };
  await untilTrue(same, ms);
}

describe('an API server that is down', () => {
  test('if connections are refused for 5 s, no object is removed, and all changes arrive later', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster);
    const { watch, events } = await watched(cluster);
    const refused = server.refuse(5000);
    let oldest = 0;
    for (let round = 0; round < 70; round += 1) {
      churn(cluster, round);
      oldest = Math.max(oldest, watch.ageMs());
      await sleep(50);
    }
    expect(oldest).toBeGreaterThan(3000);
    expect(watch.current().problems.map(({ code }) => code)).toEqual(['api-unreachable']);
    expect(watch.current().problems[0]?.message).toContain('the last known state stays in use');
    server.remove('Ingress', 'shop', 'i0');
    await refused;
    await caughtUp(cluster, () => watch.current().snapshot);
    await untilTrue(() => watch.current().problems.length === 0 && watch.ageMs() < 500);
    neverEmptied(events, COUNT - 1);
    expect(server.log.count({ verb: 'list', resource: 'services' })).toBe(1);
  });

  test('a watch that receives nothing is detected and restarted', async () => {
    const cluster = await emulated();
    fill(cluster);
    const { watch, events } = await watched(cluster);
    await untilTrue(() => cluster.server.watches() === 4);
    const silenced = performance.now();
    expect(cluster.server.silenceWatches()).toBe(4);
    churn(cluster, 1);
    await caughtUp(cluster, () => watch.current().snapshot);
    expect(performance.now() - silenced).toBeLessThan(2500);
    neverEmptied(events);
  });

  test('the known state stays in use while a server accepts connections but never responds', async () => {
    const cluster = await emulated();
    fill(cluster);
    const { watch, events } = await watched(cluster, { tuning: { requestTimeoutMs: 200, idleMs: 300 } });
    cluster.server.fault({ kind: 'hang', ms: 1500 });
    cluster.server.dropWatches();
    churn(cluster, 3);
    await sleep(1000);
    expect(watch.ageMs()).toBeGreaterThan(300);
    await caughtUp(cluster, () => watch.current().snapshot);
    neverEmptied(events);
  });
});

describe('an expired resourceVersion', () => {
  test.each(['event', 'status'] as const)(
    'an expiry that the server sends as %s leads to a new list, and no object is missing meanwhile',
    async (as) => {
      const cluster = await emulated();
      const { server } = cluster;
      fill(cluster);
      const { watch, events } = await watched(cluster, { tuning: { pageSize: 7 } });
      server.fault({ kind: 'gone', as, times: 3 });
      server.fault({ kind: 'delay', delay: 50, verb: 'list', times: 10 });
      server.remove('Service', 'shop', 's5');
      server.compact();
      server.dropWatches();
      churn(cluster, 7);
      await caughtUp(cluster, () => watch.current().snapshot);
      neverEmptied(events, COUNT - 1);
    },
  );

  test('an expired continue token of a list restarts the list', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster);
    server.fault({ kind: 'delay', delay: 30, verb: 'list', resource: 'services' });
    const pending = watched(cluster, { tuning: { pageSize: 4 } });
    await untilTrue(() => server.log.find({ verb: 'list', resource: 'services' }).length >= 3);
    server.put(service('new'));
    server.compact();
    server.clearFaults();
    const { watch } = await pending;
    await caughtUp(cluster, () => watch.current().snapshot);
    expect(watch.current().snapshot.Service.size).toBe(COUNT + 1);
    expect(server.log.count({ verb: 'list', resource: 'services', code: 410 })).toBe(1);
  });
});

describe('load on a failing API server', () => {
  test.each([500, 429, 503])('while the server responds %i, only a few requests are sent', async (code) => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster);
    const { watch, events } = await watched(cluster, { tuning: { backoffMs: 50, backoffCapMs: 1000 } });
    await untilTrue(() => server.watches() === 4);
    server.log.clear();
    server.fault({ kind: 'status', code });
    server.dropWatches();
    churn(cluster, 9);
    await sleep(2000);
    // Four watches with about eight retries each, after 25, 50, 100 … ms on average.
    expect(server.log.entries.length).toBeLessThan(60);
    expect(server.log.entries.length).toBeGreaterThan(8);
    server.clearFaults();
    await caughtUp(cluster, () => watch.current().snapshot);
    neverEmptied(events);
  });

  test('the Retry-After header is respected', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster);
    const { watch } = await watched(cluster);
    await untilTrue(() => server.watches() === 4);
    server.log.clear();
    server.fault({ kind: 'status', code: 429, retryAfter: 1, resource: 'services' });
    server.dropWatches({ resource: 'services' });
    await sleep(1900);
    const tries = server.log.find({ resource: 'services' });
    expect(tries.length).toBeLessThanOrEqual(2);
    server.clearFaults();
    churn(cluster, 2);
    await caughtUp(cluster, () => watch.current().snapshot);
  });

  test('watches that the server ends immediately are not restarted in a tight loop', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster);
    const { watch } = await watched(cluster);
    server.log.clear();
    const end = performance.now() + 1500;
    while (performance.now() < end) {
      server.endWatches();
      await sleep(2);
    }
    expect(server.log.entries.length).toBeLessThan(80);
    churn(cluster, 4);
    await caughtUp(cluster, () => watch.current().snapshot);
  });
});

describe('a server that was restored', () => {
  test('a server restored with lower resourceVersions is detected, and its versions are used from then on', async () => {
    const cluster = await emulated({ revision: 500_000 });
    const { server } = cluster;
    fill(cluster);
    const { watch, events } = await watched(cluster);
    const old = watch.current().snapshot;
    server.restart(100);
    server.remove('Ingress', 'shop', 'i3');
    churn(cluster, 8);
    await caughtUp(cluster, () => watch.current().snapshot);
    churn(cluster, 9);
    await caughtUp(cluster, () => watch.current().snapshot);
    neverEmptied(events, COUNT - 1);
    expect(watch.current().snapshot.Ingress.get('shop/i4')).toBe(old.Ingress.get('shop/i4'));
  });
});

describe('broken events', () => {
  test('truncated events lead to a new list, and no object is lost', async () => {
    const cluster = await emulated();
    fill(cluster);
    const { watch, events } = await watched(cluster);
    cluster.server.fault({ kind: 'truncate', times: 2 });
    churn(cluster, 11);
    churn(cluster, 12);
    await caughtUp(cluster, () => watch.current().snapshot);
    neverEmptied(events);
  });
});

describe('permissions', () => {
  test('the known state stays in use while a permission is revoked, and is updated afterwards', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster);
    const { watch, events } = await watched(cluster);
    server.fault({ kind: 'status', code: 403, resource: 'services' });
    server.dropWatches({ resource: 'services' });
    await untilTrue(() => watch.current().problems.length > 0);
    expect(watch.current().problems).toMatchObject([
      {
        code: 'api-forbidden',
        value: 'Service',
        example: 'apiGroups: [""], resources: [services], verbs: [get, list, watch]',
      },
    ]);
    // The first refused request was the watch; later refused requests are lists.
    await untilTrue(() => server.log.count({ resource: 'services', verb: 'list', code: 403 }) > 1);
    const told = events.length;
    await sleep(500);
    expect(events.length).toBe(told);
    server.clearFaults();
    churn(cluster, 5);
    await caughtUp(cluster, () => watch.current().snapshot);
    await untilTrue(() => watch.current().problems.length === 0);
    neverEmptied(events);
  });
});
