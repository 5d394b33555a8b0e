/** Values that are written, but not as text that could be in force: in binaryData, or empty. */
import { expect, test } from 'vitest';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { emptySnapshot } from '../../types/snapshot.ts';
import { DEFAULT_BOUNDS } from '../contract/bounds.ts';
import { namedObjects } from '../contract/last-good.ts';
import type { BuildOptions } from '../contract/options.ts';
import { NO_TEXTS, type SettingTexts } from '../contract/setting-texts.ts';
import { readConfigMapEntries } from '../features/config-map-entries.ts';
import { readHeaderConfigMaps } from './header-config-maps.ts';
import { readSettings } from './settings.ts';
import { settingsOf } from './settings-of.ts';

const KEY = 'ingress-nginx/settings';
const FACTS = { processors: 1, openFiles: { standard: 4096, most: 8192 }, brotli: true, headersMore: true };

function read(parts: Pick<V1ConfigMap, 'data' | 'binaryData'>, settingTexts: SettingTexts = NO_TEXTS) {
  const configMap = { metadata: { namespace: 'ingress-nginx', name: 'settings' }, ...parts };
  const snapshot = { ...emptySnapshot(), ConfigMap: new Map([[KEY, configMap]]) };
  return settingsOf(snapshot, { ...FACTS, configMap: KEY, settingTexts } as unknown as BuildOptions);
}

test('a guard in binaryData is closed, and reported', () => {
  const { settings, problems } = read({ binaryData: { 'whitelist-source-range': '/w==' } });
  expect(settings['whitelist-source-range']).not.toEqual(readSettings(undefined).settings['whitelist-source-range']);
  expect(problems).toMatchObject([
    {
      severity: 'error',
      field: ['binaryData', 'whitelist-source-range'],
      message: expect.stringContaining('is in binaryData, because it is not UTF-8 text'),
    },
  ]);
});

test('a key in binaryData keeps its last good value, unless that may allow too much', () => {
  const good = new Map([
    ['whitelist-source-range', '192.0.2.0/24'],
    ['snippet-namespaces', 'shop'],
    ['proxy-body-size', '2m'],
  ]);
  const binaryData = { 'whitelist-source-range': '/w==', 'snippet-namespaces': '/w==', 'proxy-body-size': '/w==' };
  const { settings, problems } = read({ binaryData }, { good, refused: new Map(), running: true });
  const expected = readSettings({
    data: { 'whitelist-source-range': '192.0.2.0/24', 'proxy-body-size': '2m' },
  }).settings;
  for (const key of ['whitelist-source-range', 'proxy-body-size'] as const)
    expect(settings[key]).toEqual(expected[key]);
  expect(settings['snippet-namespaces']).toEqual(['']);
  expect(problems).toHaveLength(3);
});

test('a snippet in binaryData, which may guard access, closes the paths at a first start', () => {
  expect(read({ binaryData: { 'server-snippet': '/w==' } }).settings['server-snippet']).toContain('return 503');
  const { problems } = read({ binaryData: { 'no-such-key': '/w==' } });
  expect(problems).toMatchObject([{ code: 'unknown-setting', field: ['binaryData', 'no-such-key'] }]);
});

test.each(['', ' \n'])('snippet-namespaces: %j allows no namespace; without the key, all are allowed', (text) => {
  const { settings, problems } = read({ data: { 'snippet-namespaces': text } });
  expect(settings['snippet-namespaces']).toEqual(['']);
  expect(problems).toMatchObject([
    { severity: 'error', effect: 'denied-location', message: expect.stringMatching(/is empty: .*remove the key/) },
  ]);
  expect(read({ data: {} })).toMatchObject({ settings: { 'snippet-namespaces': [] }, problems: [] });
});

test('an entry of binaryData makes a ConfigMap of headers or parameters unusable', () => {
  const found = readConfigMapEntries(
    { data: { 'X-Team': 'a' }, binaryData: { 'X-B': '' } },
    () => undefined,
    DEFAULT_BOUNDS,
  );
  expect(found).toEqual({ ok: false, reason: expect.stringMatching(/^cannot be used: "X-B" is in binaryData/) });
});

test('a header in binaryData keeps its last good value, and does not affect other headers', () => {
  const key = 'ingress-nginx/headers';
  const metadata = { namespace: 'ingress-nginx', name: 'headers', uid: 'one' };
  const configMap: V1ConfigMap = { metadata, data: { 'X-A': 'new' }, binaryData: { 'X-B': '', 'X-C': '' } };
  const { settings } = readSettings({ data: { 'add-headers': key } });
  const lastGood = new Map([[`add-headers ${key}` as const, { metadata, data: { 'X-A': 'old', 'X-B': 'kept' } }]]);
  const { response, problems } = readHeaderConfigMaps(
    settings,
    { ...emptySnapshot(), ConfigMap: new Map([[key, configMap]]) },
    { bounds: DEFAULT_BOUNDS, configMap: KEY },
    namedObjects({ lastGood }),
  );
  expect(response.map(([name]) => name)).toEqual(['X-A', 'X-B']);
  expect(problems.map(({ field }) => field)).toEqual([
    ['binaryData', 'X-B'],
    ['binaryData', 'X-C'],
  ]);
});
