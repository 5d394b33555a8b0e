import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostPlan } from '../types/plan.ts';
import { nameCulprits, type NamingOptions } from './name-culprits.ts';
import { type TrialResult, keyOfRef } from './trials.ts';

/** A server block that these Ingresses (`namespace/name`) share. */
function blockOf(...keys: readonly string[]): HostPlan {
  const owners = keys.map((key) => {
    const [namespace = '', name = ''] = key.split('/');
    return { kind: 'Ingress', namespace, name };
  });
  return { isDefault: false, host: '', names: [], locations: [], routes: new Map(), owners };
}

/**
 * A fake nginx that refuses the `bad` Ingresses. Its message names the first bad Ingress, all Ingresses of the server
 * block, or no Ingress.
 */
function nginx(bad: ReadonlySet<string>, says: 'location' | 'block' | 'nothing' = 'location') {
  const asked: (readonly HostPlan[])[] = [];
  return {
    asked,
    ask: async (hosts: readonly HostPlan[]): Promise<TrialResult> => {
      asked.push(hosts);
      const block = hosts.find(({ owners }) => owners.some((owner) => bad.has(keyOfRef(owner))));
      if (block === undefined) return { ok: true };
      const keys = block.owners.map(keyOfRef);
      const [culprit = ''] = keys.filter((key) => bad.has(key));
      return { ok: false, message: 'no', owners: says === 'location' ? [culprit] : says === 'block' ? keys : [] };
    },
  };
}

async function search(hosts: readonly HostPlan[], ask: NamingOptions['ask'], more: Partial<NamingOptions> = {}) {
  const proven: HostPlan[] = [];
  const found = await nameCulprits({
    hosts,
    named: new Map(),
    shapeOf: (key) => key,
    ask,
    onProven: (some) => proven.push(...some),
    over: () => false,
    ...more,
  });
  return { ...found, proven };
}

const keys = Array.from({ length: 24 }, (_, index) => `n${index % 4}/web-${index}`);
const blocks = keys.map((key) => blockOf(key));

test('exactly the bad Ingresses are found, and other blocks are accepted, however little nginx reports', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(keys), fc.constantFrom('location', 'block', 'nothing'), async (bad, says) => {
      const { culprits, proven, contested } = await search(blocks, nginx(new Set(bad), says).ask);
      expect([...culprits.keys()].sort()).toEqual([...bad].sort());
      expect(proven).toHaveLength(keys.length - bad.length);
      expect(contested).toEqual([]);
    }),
  );
});

test('two hundred bad Ingresses of one tenant do not delay other Ingresses, which pass the first test', async () => {
  const tenant = Array.from({ length: 200 }, (_, index) => `tenant/bad-${index}`);
  const { ask, asked } = nginx(new Set(tenant));
  let left = 3;
  const { proven } = await search([...tenant.map((key) => blockOf(key)), ...blocks], ask, {
    named: new Map([['tenant/bad-0', 'no']]),
    over: () => (left -= 1) < 0,
  });
  expect(asked).toHaveLength(3);
  expect(asked[0]).toEqual(blocks);
  expect(proven).toEqual(blocks);
});

test('hundreds of bad Ingresses in many namespaces do not delay Ingresses without the same mistake', async () => {
  const bad = Array.from({ length: 200 }, (_, index) => `n${index}/bad-${index}`);
  const { ask, asked } = nginx(new Set(bad));
  const mixed = [...bad, ...keys].toSorted().map((key) => blockOf(key));
  let provenAfter: number | undefined;
  const { culprits } = await search(mixed, ask, {
    shapeOf: (key) => (key.includes('bad') ? 'with a mistake' : ''),
    onProven: () => (provenAfter ??= asked.length),
  });
  // The first test names one Ingress; from the second test on, all Ingresses that resemble it are tested last.
  expect(provenAfter).toBe(2);
  expect(culprits.size).toBe(200);
});

test('hundreds of bad Ingresses do not delay the server blocks before the first error', async () => {
  const bad = Array.from({ length: 200 }, (_, index) => `n0/bad-${index}`);
  const { ask, asked } = nginx(new Set(bad));
  const good = Array.from({ length: 50 }, (_, index) => blockOf(`n0/web-${index}`));
  let left = 20;
  const { proven } = await search([...good, ...bad.map((key) => blockOf(key))], ask, { over: () => (left -= 1) < 0 });
  expect(proven).toEqual(good);
  expect(asked[0]).toHaveLength(250);
});

test('if bad Ingresses of three tenants alternate, the fourth test accepts the other server blocks', async () => {
  const bad = Array.from({ length: 60 }, (_, index) => `tenant${index % 3}/bad-${index}`);
  const { ask, asked } = nginx(new Set(bad));
  let provenAfter: number | undefined;
  await search([...bad.map((key) => blockOf(key)), ...blocks], ask, { onProven: () => (provenAfter ??= asked.length) });
  expect(provenAfter).toBe(4);
});

test('a shared server block is returned as contested if nginx does not report the Ingress at fault', async () => {
  const shared = blockOf('a/one', 'b/two');
  const { contested, culprits, proven } = await search([shared, ...blocks], nginx(new Set(['b/two']), 'block').ask);
  expect(contested).toEqual([{ host: shared, message: 'no' }]);
  expect(culprits.size).toBe(0);
  expect(proven).toHaveLength(blocks.length);
});

test('no Ingress is blamed if nginx could not be run', async () => {
  const found = await search(blocks, async () => ({ ok: false, message: 'no memory', owners: [], untested: true }));
  expect(found).toMatchObject({ untested: true, culprits: new Map() });
});
