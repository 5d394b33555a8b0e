/** The registries against the keys of ingress-nginx: no name, other name or default is missing or differs unsaid. */
import { describe, expect, test } from 'vitest';
import { FEATURES } from '../model/features/annotations.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { ANNOTATIONS, asWritten, SETTINGS } from './catalogue/catalogue.ts';

const annotations = new Map(FEATURES.flatMap((feature) => Object.entries(feature.keys)));

/** Defaults of the ConfigMap that are others on purpose: name → ours, as written, and why. */
const OTHER_DEFAULTS: Readonly<Record<string, readonly [ours: string, why: string]>> = {
  'disable-ipv6-dns': ['false', 'nothing is resolved by NGINX, and nothing is computed'],
  'global-auth-cache-duration': ['200 202 401 5m', 'what an empty one means for the annotation'],
  'global-auth-signin-redirect-param': ['rd', 'an empty one means the same'],
  'load-balance': ['round_robin', 'an empty one means the same'],
  'map-hash-bucket-size': ['128', 'tables of NGINX in which our own names stand: docs/differences.md'],
  'proxy-next-upstream-timeout': ['60', 'a request is not tried for ever: docs/differences.md'],
  'use-port-in-redirects': ['', 'neither: the port is named where clients need it: docs/differences.md'],
  'worker-processes': ['auto', 'the number of processors by another word'],
};

/** Annotations that read their ConfigMap key by themselves, and why. */
const OWN_READING: Readonly<Record<string, string>> = {
  'custom-http-errors': 'what the ConfigMap names is answered by another backend',
  'enable-modsecurity': 'the annotation closes paths, the key is reported',
  'enable-owasp-core-rules': 'the annotation closes paths, the key is reported',
  'enable-opentelemetry': 'neither is supported yet',
  'opentelemetry-operation-name': 'neither is supported yet',
  'opentelemetry-trust-incoming-span': 'neither is supported yet',
};

/** An empty text asks for nothing. */
const NOTHING: readonly unknown[] = [undefined, null, '', []];

test('no name is missing', () => {
  expect([ANNOTATIONS.length, SETTINGS.length]).toEqual([136, 196]);
  expect(ANNOTATIONS.map(({ name }) => name).filter((name) => !annotations.has(name))).toEqual([]);
  expect(SETTINGS.map(({ name }) => name).filter((name) => !SETTING_KEYS.has(name))).toEqual([]);
});

describe('annotations', () => {
  test.each(ANNOTATIONS)('$name has its other names and its ConfigMap key', ({ name, aliases, setting }) => {
    const key = annotations.get(name);
    expect(key?.aliases ?? []).toEqual(aliases);
    expect(key?.setting ?? null).toBe(OWN_READING[name] === undefined ? setting : null);
    if (OWN_READING[name] !== undefined) expect(setting).not.toBeNull();
  });
});

describe('ConfigMap', () => {
  test.each(SETTINGS)('$name has its default', ({ name, default: standard }) => {
    const key = SETTING_KEYS.get(name);
    const raw = OTHER_DEFAULTS[name]?.[0] ?? asWritten(standard);
    if (raw === '') expect(NOTHING).toContainEqual(key?.fallback);
    else expect(key?.parser.parse(raw)).toEqual({ ok: true, value: key?.fallback });
  });

  test('a default that is said to differ does', () => {
    for (const [name, [ours]] of Object.entries(OTHER_DEFAULTS)) {
      const standard = SETTINGS.find((each) => each.name === name)?.default;
      expect(asWritten(standard ?? null), name).not.toBe(ours);
    }
  });
});
