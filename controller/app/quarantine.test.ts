import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { emptySnapshot, type ObjectChange, type Snapshot } from '../types/snapshot.ts';
import { createQuarantine } from './quarantine.ts';

function ingress(size: string, labels: Record<string, string> = {}): V1Ingress {
  return { metadata: { namespace: 'a', name: 'web', labels, annotations: { size } }, spec: {} };
}

const NONE: Snapshot['Ingress'] = new Map();
const CHANGED: ObjectChange[] = [{ kind: 'Ingress', key: 'a/web' }];

function setUp() {
  const clock = { now: 0 };
  const state = createQuarantine('ingress-nginx/settings', () => clock.now);
  const notice = (version: V1Ingress | undefined, good = NONE, changes = CHANGED): void =>
    state.noticed(
      changes,
      { ...emptySnapshot(), Ingress: new Map(version === undefined ? [] : [['a/web', version]]) },
      good,
    );
  const held = () => state.leftOut().quarantine.get('a/web');
  return { clock, state, notice, held };
}

test('a refused Ingress of which only the labels changed remains refused and is not tested again', () => {
  const { state, notice, held } = setUp();
  state.refuse('a/web', ingress('1'), 'no', NONE);
  const touched = ingress('1', { touched: 'yes' });
  notice(touched);
  expect(held()).toMatchObject({ message: 'no' });
  expect(held()?.refused).toBe(touched);
  expect(state.due().keys).toEqual([]);
});

test('a new version of a refused Ingress is tested after a wait; the last good version is served until then', () => {
  const { clock, state, notice, held } = setUp();
  const good = ingress('0');
  state.refuse('a/web', ingress('1'), 'no', new Map([['a/web', good]]));
  const mended = ingress('2');
  notice(mended);
  expect(held()).toMatchObject({ waiting: true, lastGood: good });
  expect(state.due()).toEqual({ keys: [], urgent: [], nextMs: 1000 });
  clock.now = 1000;
  expect(state.due().keys).toEqual(['a/web']);
  expect(state.release('a/web', ingress('2'))).toBe(false);
  expect(state.release('a/web', mended)).toBe(true);
  expect(held()).toBeUndefined();
});

test('a new version of a recently refused Ingress waits for a test, while the last good version is served', () => {
  const { state, notice, held } = setUp();
  const mended = ingress('2');
  state.refuse('a/web', ingress('1'), 'no', NONE);
  state.release('a/web', ingress('1'));
  notice(undefined);
  notice(mended, new Map([['a/web', mended]]));
  expect(held()).toBeUndefined();
  notice(ingress('3'), new Map([['a/web', mended]]));
  expect(held()).toMatchObject({ waiting: true, lastGood: mended });
});

test('a refused Ingress is tested again after a change to the settings or to a Secret in its own namespace', () => {
  const { clock, state, notice } = setUp();
  const version = ingress('1');
  state.refuse('a/web', version, 'no', NONE);
  clock.now = 5000;
  notice(version, NONE, [{ kind: 'Secret', key: 'b/tls' }]);
  expect(state.due().keys).toEqual([]);
  notice(version, NONE, [{ kind: 'Secret', key: 'a/tls' }]);
  expect(state.due().keys).toEqual(['a/web']);
  state.refuse('a/web', version, 'no', NONE);
  clock.now = 10_000;
  notice(version, NONE, [{ kind: 'ConfigMap', key: 'ingress-nginx/settings' }]);
  expect(state.due().keys).toEqual(['a/web']);
});

test('if the last good version is refused, the paths answer 503; if that is refused, the Ingress is left out', () => {
  const { state, held } = setUp();
  state.refuse('a/web', ingress('1'), 'no', new Map([['a/web', ingress('0')]]));
  state.lower('a/web');
  expect(held()).toMatchObject({ lastGood: undefined });
  expect(held()?.absent).toBeUndefined();
  state.lower('a/web');
  expect(held()).toMatchObject({ absent: true });
});

test('refused ConfigMap values are tried again when the ConfigMap changes', () => {
  const { state, notice } = setUp();
  state.acceptTexts(new Map([['k', 'good']]));
  state.refuseTexts(new Map([['k', { text: 'bad', message: 'no' }]]));
  const left = state.leftOut();
  notice(undefined, NONE, [{ kind: 'ConfigMap', key: 'a/other' }]);
  expect(state.leftOut()).toBe(left);
  notice(undefined, NONE, [{ kind: 'ConfigMap', key: 'ingress-nginx/settings' }]);
  expect(state.leftOut().settingTexts).toMatchObject({ good: new Map([['k', 'good']]), refused: new Map() });
});

test('an untested Ingress is tested urgently, unless fifty Ingresses of its namespace are refused', () => {
  const { state } = setUp();
  const version = ingress('1');
  state.hold('a/web', version, undefined, false);
  state.hold('b/web', version, undefined, false);
  for (let index = 0; index < 49; index += 1) state.refuse(`a/bad-${index}`, version, 'no', NONE);
  expect(state.due().urgent).toEqual(['a/web', 'b/web']);
  state.refuse('a/bad-49', version, 'no', NONE);
  expect(state.due()).toMatchObject({ keys: ['a/web', 'b/web'], urgent: ['b/web'] });
  state.release('a/bad-3', version);
  expect(state.due().urgent).toEqual(['a/web', 'b/web']);
});
