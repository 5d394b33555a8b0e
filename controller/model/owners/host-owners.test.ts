import { expect, test } from 'vitest';
import type { V1ConfigMap, V1Namespace } from '@kubernetes/client-node';
import type { Kept, UseKey } from '../../types/last-good.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { finish } from '../../types/steps.ts';
import { DEFAULT_BOUNDS } from '../contract/bounds.ts';
import type { HostOwners } from '../contract/host-owners.ts';
import type { Read } from '../contract/resources.ts';
import { namesOfHost } from '../values/host-patterns.ts';
import type { OwnerOptions } from './claim-texts.ts';
import { NOTHING_READ, readOwners, type ReadOwners } from './host-owners.ts';
import { hostRefusal } from './host-refusal.ts';

const KEY = 'ingress-nginx/hosts';
const BY_NAMESPACE: OwnerOptions = { hostOwnership: 'namespaces', hostPolicyConfigMap: null, bounds: DEFAULT_BOUNDS };
const BY_CONFIG_MAP: OwnerOptions = { ...BY_NAMESPACE, hostOwnership: 'configmap', hostPolicyConfigMap: KEY };

function withNamespaces(hosts: Readonly<Record<string, string>>): Snapshot {
  const all = Object.entries(hosts).map(([name, text]): [string, V1Namespace] => [
    name,
    { metadata: { name, uid: `uid of ${name}`, annotations: { 'tidegate.dev/hosts': text } } },
  ]);
  return { ...emptySnapshot(), Namespace: new Map(all) };
}

function withConfigMap(data: Record<string, string>, uid = 'one'): Snapshot {
  const configMap: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'hosts', uid }, data };
  return { ...emptySnapshot(), ConfigMap: new Map([[KEY, configMap]]) };
}

function read(snapshot: Snapshot, options: OwnerOptions, before: ReadOwners = NOTHING_READ): ReadOwners {
  return finish(readOwners(snapshot, options, before));
}

/** The options of the next build, which knows what was in force. */
function after({ owners }: ReadOwners, options: OwnerOptions): OwnerOptions {
  return { ...options, lastGood: new Map<UseKey, Kept>(owners.inForce === undefined ? [] : [owners.inForce]) };
}

const may = (owners: HostOwners, namespace: string, host: string): boolean =>
  hostRefusal(owners, namespace, namesOfHost(host), []) === undefined;

test.each([
  ['namespaces', withNamespaces, BY_NAMESPACE],
  ['configmap', withConfigMap, BY_CONFIG_MAP],
] as const)('%s: hosts belong to the namespaces whose patterns match', (_, snapshot, options) => {
  const { owners } = read(
    snapshot({ shop: 'shop.test, *.shop.test', both: 'shop.test', all: '_, **.all.test' }),
    options,
  );
  const allowed = (host: string) => ['shop', 'both', 'all', 'free'].filter((each) => may(owners, each, host));
  expect(allowed('shop.test')).toEqual(['shop', 'both']);
  expect(allowed('a.shop.test')).toEqual(['shop']);
  expect(allowed('a.b.shop.test')).toEqual(['free']);
  expect(allowed('*.shop.test')).toEqual(['shop']);
  expect(allowed('*.test')).toEqual([]);
  expect(allowed('*.b.all.test')).toEqual(['all']);
  expect(allowed('other.test')).toEqual(['free']);
  expect(allowed('')).toEqual(['all']);
});

test('a refusal names the owner, the pattern and its place', () => {
  const { owners } = read(withNamespaces({ shop: 'a.test, *.shop.test' }), BY_NAMESPACE);
  const why = (namespace: string, host: string) => hostRefusal(owners, namespace, namesOfHost(host), []);
  const place = 'the annotation tidegate.dev/hosts of Namespace shop';
  expect(why('blog', 'x.shop.test')).toBe(`it belongs to namespace shop (*.shop.test in ${place})`);
  expect(why('blog', '*.test')).toBe(`it matches names that belong to namespace shop (a.test in ${place})`);
  expect(why('shop', 'b.test')).toBe(`it is not among the hosts in ${place}`);
  expect(why('shop', '')).toBe(`the pattern _ is not in ${place}`);
});

test('an invalid text keeps the last good patterns of its namespace, and affects no other', () => {
  const first = read(withNamespaces({ shop: 'shop.test', blog: 'blog.test' }), BY_NAMESPACE);
  const options = after(first, BY_NAMESPACE);
  const { owners } = read(withNamespaces({ shop: 'new.test, https://x', blog: 'new-blog.test' }), options, first);
  expect([may(owners, 'shop', 'shop.test'), may(owners, 'shop', 'new.test')]).toEqual([true, false]);
  expect([may(owners, 'blog', 'blog.test'), may(owners, 'blog', 'new-blog.test')]).toEqual([false, true]);
  expect(owners.problems).toMatchObject([
    {
      code: 'host-owners',
      severity: 'error',
      object: { kind: 'Namespace', name: 'shop' },
      message: expect.stringMatching(/"https:\/\/x".*its last good value stays in force/),
    },
  ]);
  // The texts in force are stored again, so that a restarted controller knows them, too.
  const restarted = read(withNamespaces({ shop: 'https://x' }), after({ ...first, owners }, BY_NAMESPACE));
  expect(may(restarted.owners, 'shop', 'shop.test')).toBe(true);
});

test('without last good patterns, the valid ones apply; if there is none, the namespace may use no host', () => {
  const { owners } = read(withNamespaces({ shop: 'shop.test, https://x', blog: 'https://x', none: '' }), BY_NAMESPACE);
  expect([may(owners, 'shop', 'shop.test'), may(owners, 'shop', 'x.test')]).toEqual([true, false]);
  expect([may(owners, 'blog', 'blog.test'), may(owners, 'none', 'a.test')]).toEqual([false, false]);
  expect(owners.problems.map(({ severity }) => severity)).toEqual(['error', 'notice', 'error']);
});

test('a ConfigMap that was deleted and created again keeps the last good patterns of its entries', () => {
  const first = read(withConfigMap({ shop: 'shop.test' }), BY_CONFIG_MAP);
  const again = read(withConfigMap({ shop: 'https://x' }, 'two'), after(first, BY_CONFIG_MAP), first);
  expect(['shop', 'free'].filter((each) => may(again.owners, each, 'shop.test'))).toEqual(['shop']);
});

test('without the ConfigMap, no namespace may use any host', () => {
  const missing = read(emptySnapshot(), BY_CONFIG_MAP);
  expect(may(missing.owners, 'shop', 'shop.test')).toBe(false);
  expect(missing.owners.problems).toMatchObject([{ code: 'missing-config-map', severity: 'error' }]);
  const created = read(withConfigMap({ blog: 'blog.test' }), BY_CONFIG_MAP, missing);
  expect(may(created.owners, 'shop', 'shop.test')).toBe(true);
});

test('a list of patterns that is longer than the bound is invalid', () => {
  const { owners } = read(withNamespaces({ shop: 'a.test, '.repeat(10_000) }), BY_NAMESPACE);
  expect(owners.problems[0]?.message).toContain('--max-annotation-bytes');
});

test('only claims that changed get new objects, so that unaffected Ingresses are not looked at again', () => {
  const first = read(withNamespaces({ shop: 'shop.test', blog: 'blog.test' }), BY_NAMESPACE);
  const second = read(withNamespaces({ shop: 'shop.test', blog: 'other.test' }), BY_NAMESPACE, first);
  expect(second.owners.claims.get('shop')).toBe(first.owners.claims.get('shop'));
  expect(second.owners.index.get('shop.test')).toBe(first.owners.index.get('shop.test'));
  expect(second.owners.index.get('blog.test')).toBeUndefined();
  const reads: Read[] = [];
  hostRefusal(first.owners, 'free', namesOfHost('shop.test'), reads);
  expect(reads.map(({ key }) => key)).toEqual(['free', 'shop.test', 'shop']);
});
