/** Texts about owners of hosts that are not as they should be: none of them opens a host to other namespaces. */
import { expect, test } from 'vitest';
import type { V1ConfigMap, V1ObjectMeta } from '@kubernetes/client-node';
import type { Kept, UseKey } from '../../types/last-good.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { finish } from '../../types/steps.ts';
import { DEFAULT_BOUNDS } from '../contract/bounds.ts';
import { namesOfHost } from '../values/host-patterns.ts';
import type { OwnerOptions } from './claim-texts.ts';
import { NOTHING_READ, readOwners, type ReadOwners } from './host-owners.ts';
import { hostRefusal } from './host-refusal.ts';

const KEY = 'ingress-nginx/hosts';
const BY_NAMESPACE: OwnerOptions = { hostOwnership: 'namespaces', hostPolicyConfigMap: null, bounds: DEFAULT_BOUNDS };
const BY_CONFIG_MAP: OwnerOptions = { ...BY_NAMESPACE, hostOwnership: 'configmap', hostPolicyConfigMap: KEY };

function withConfigMap(parts: Pick<V1ConfigMap, 'data' | 'binaryData'>, uid = 'one'): Snapshot {
  const configMap: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'hosts', uid }, ...parts };
  return { ...emptySnapshot(), ConfigMap: new Map([[KEY, configMap]]) };
}

function withNamespaces(...all: readonly V1ObjectMeta[]): Snapshot {
  return { ...emptySnapshot(), Namespace: new Map(all.map((metadata) => [metadata.name ?? '', { metadata }])) };
}

/** Reads one Snapshot after another, each with the texts that were in force before. */
function readAll(options: OwnerOptions, ...snapshots: readonly Snapshot[]): ReadOwners['owners'] {
  let lastGood: ReadonlyMap<UseKey, Kept> = new Map();
  let { owners } = NOTHING_READ;
  for (const snapshot of snapshots) {
    ({ owners } = finish(readOwners(snapshot, { ...options, lastGood }, NOTHING_READ)));
    lastGood = new Map(owners.inForce === undefined ? [] : [owners.inForce]);
  }
  return owners;
}

/** Which of victim, evil and free may use the host; evil has patterns of its own, free has none. */
function users(owners: ReadOwners['owners'], host: string): readonly string[] {
  return ['victim', 'evil', 'free'].filter((each) => hostRefusal(owners, each, namesOfHost(host), []) === undefined);
}

const INVALID = [
  ['a slash after a name', 'victim.test/, *.victim.test', ['victim']],
  ['an unknown separator', 'victim.test;*.victim.test', []],
  ['a URL', 'https://victim.test', []],
  ['quotes', '"victim.test"', []],
  ['a port', 'victim.test:443', []],
  ['an asterisk without a dot', '*victim.test', []],
  ['letters that DNS does not have', 'victim.test\u200b', []],
  ['an ellipsis', 'victim..test', []],
] as const;

test.each(INVALID)('%s at a first start closes every host to namespaces without patterns', (_, text, owners) => {
  const first = readAll(BY_CONFIG_MAP, withConfigMap({ data: { evil: 'evil.test', victim: text } }));
  expect(users(first, 'victim.test')).toEqual([]);
  expect(users(first, 'a.victim.test')).toEqual(owners);
  expect(users(first, 'other.test')).toEqual([]);
  expect(users(first, '')).toEqual([]);
  expect(users(first, 'evil.test')).toEqual(['evil']);
  expect(first.problems).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/namespaces without patterns,? may use no host/) },
  ]);
  expect(hostRefusal(first, 'free', namesOfHost('other.test'), [])).toBe(
    'it may belong to another namespace: the entry victim of ConfigMap ingress-nginx/hosts is invalid, and no earlier ' +
      'value is known',
  );
});

test('the doubt lasts until the text is valid, even after a restart', () => {
  const garbled = withConfigMap({ data: { evil: 'evil.test', victim: 'victim..test' } });
  expect(users(readAll(BY_CONFIG_MAP, garbled, garbled, garbled), 'victim.test')).toEqual([]);
  const good = readAll(BY_CONFIG_MAP, garbled, withConfigMap({ data: { evil: 'evil.test', victim: 'victim.test' } }));
  expect(users(good, 'victim.test')).toEqual(['victim']);
  expect(users(good, 'other.test')).toEqual(['free']);
});

test.each(INVALID)('%s in a new text closes the hosts that it seems to mean; the other hosts stay open', (_, text) => {
  const before = withConfigMap({ data: { evil: 'evil.test' } });
  const after = withConfigMap({ data: { evil: 'evil.test', victim: text } });
  const owners = readAll(BY_CONFIG_MAP, before, after, after);
  expect(users(owners, 'victim.test')).toEqual([]);
  expect(users(owners, 'other.test')).toEqual(['free']);
  expect(hostRefusal(owners, 'free', namesOfHost('victim.test'), [])).toMatch(
    /^it is among the hosts that the entry victim of ConfigMap ingress-nginx\/hosts seems to mean/,
  );
});

test('a ConfigMap that is created again with an invalid entry keeps the last good one', () => {
  const before = withConfigMap({ data: { victim: 'victim.test' } });
  const owners = readAll(BY_CONFIG_MAP, before, withConfigMap({ data: { victim: 'victim.test/' } }, 'two'));
  expect(users(owners, 'victim.test')).toEqual(['victim']);
  expect(users(owners, 'other.test')).toEqual(['evil', 'free']);
});

test('a Namespace that is created again with an invalid annotation keeps the hosts of the earlier one closed', () => {
  const victim = (uid: string, hosts: string) =>
    withNamespaces({ name: 'victim', uid, annotations: { 'tidegate.dev/hosts': hosts } });
  const [before, again] = [victim('one', 'victim.test'), victim('two', 'new.test, x_')];
  for (const owners of [readAll(BY_NAMESPACE, before, again), readAll(BY_NAMESPACE, before, again, again)]) {
    expect(users(owners, 'victim.test')).toEqual([]);
    expect(users(owners, 'new.test')).toEqual(['victim']);
  }
  const valid = readAll(BY_NAMESPACE, before, again, victim('two', 'new.test'), victim('two', 'new.test'));
  expect(users(valid, 'victim.test')).toEqual(['evil', 'free']);
});

test.each(['Victim', 'victim.txt'])(
  'an entry %s gives hosts to no namespace, and closes them to all others',
  (name) => {
    const owners = readAll(BY_CONFIG_MAP, withConfigMap({ data: { evil: 'evil.test', [name]: 'victim.test' } }));
    expect(users(owners, 'victim.test')).toEqual([]);
    expect(users(owners, 'other.test')).toEqual(['victim', 'free']);
    expect(owners.problems).toMatchObject([
      { severity: 'error', field: ['data', name], message: expect.stringContaining('is not the name of a namespace') },
    ]);
    const both = readAll(BY_CONFIG_MAP, withConfigMap({ data: { victim: 'victim.test', [name]: 'victim.test' } }));
    expect(users(both, 'victim.test')).toEqual(['victim']);
  },
);

test.each([
  ['Latin-1', Buffer.from('victim.test # für', 'latin1')],
  ['UTF-16', Buffer.from('\ufeffvictim.test', 'utf16le')],
])('a file in %s, which kubectl puts into binaryData, closes its hosts', (_, bytes) => {
  const binaryData = { victim: bytes.toString('base64') };
  const data = { evil: 'evil.test' };
  const first = readAll(BY_CONFIG_MAP, withConfigMap({ data, binaryData }));
  expect([users(first, 'victim.test'), users(first, 'other.test')]).toEqual([[], []]);
  expect(first.problems).toMatchObject([
    { severity: 'error', field: ['binaryData', 'victim'], message: expect.stringContaining('is in binaryData') },
  ]);
  const known = withConfigMap({ data: { ...data, victim: 'victim.test' } });
  const kept = readAll(BY_CONFIG_MAP, known, withConfigMap({ data, binaryData }));
  expect([users(kept, 'victim.test'), users(kept, 'other.test')]).toEqual([['victim'], ['free']]);
  const added = readAll(BY_CONFIG_MAP, withConfigMap({ data }), withConfigMap({ data, binaryData }));
  expect([users(added, 'victim.test'), users(added, 'other.test')]).toEqual([[], ['free']]);
});

test.each([{}, { data: {} }])('a ConfigMap without entries (%j) opens nothing', (parts) => {
  const known = withConfigMap({ data: { victim: 'victim.test' } });
  const kept = readAll(BY_CONFIG_MAP, known, withConfigMap(parts), withConfigMap(parts, 'two'));
  expect(users(kept, 'victim.test')).toEqual(['victim']);
  expect(kept.problems).toMatchObject([
    { severity: 'error', message: expect.stringContaining('its last good content stays in force') },
  ]);
  const never = readAll(BY_CONFIG_MAP, withConfigMap(parts));
  expect(users(never, 'victim.test')).toEqual([]);
  expect(never.problems).toMatchObject([{ severity: 'error', message: expect.stringContaining('has no entry') }]);
});

test.each([
  ['annotation', 'tidegate.dev/host', /did you mean "tidegate\.dev\/hosts"\?/],
  ['annotation', 'Tidgate.dev/Hosts', /did you mean "tidegate\.dev\/hosts"\?/],
  ['label', 'tidegate.dev/hosts', /did you mean an annotation tidegate\.dev\/hosts\?/],
] as const)('the %s %s of a Namespace is reported, and its hosts are closed', (kind, name, message) => {
  const metadata = { name: 'victim', uid: 'one', [`${kind}s`]: { [name]: 'victim.test' } };
  const owners = readAll(BY_NAMESPACE, withNamespaces(metadata));
  expect(users(owners, 'victim.test')).toEqual([]);
  expect(users(owners, 'other.test')).toEqual(['victim', 'evil', 'free']);
  expect(owners.problems).toMatchObject([
    { severity: 'error', field: ['metadata', `${kind}s`, name], message: expect.stringMatching(message) },
  ]);
});

test('other annotations and labels of a Namespace are not mistaken for a list of hosts', () => {
  const others = { 'tidegate.dev/e2e': 'allowed', 'kubernetes.io/metadata.name': 'victim' };
  const owners = readAll(BY_NAMESPACE, withNamespaces({ name: 'victim', annotations: others, labels: others }));
  expect(owners.problems).toEqual([]);
});
