/**
 * Compares the registries of annotations and settings with the keys of ingress-nginx: no name or alias may be missing,
 * and only the listed defaults may differ.
 */
import { describe, expect, test } from 'vitest';
import { FEATURES } from '../model/features/annotations.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { ANNOTATIONS, asWritten, SETTINGS } from './catalogue/catalogue.ts';

const annotations = new Map(FEATURES.flatMap((feature) => Object.entries(feature.keys)));

/** Keys of the ConfigMap whose defaults differ on purpose: name → our default, as written, and the reason. */
const OTHER_DEFAULTS: Readonly<Record<string, readonly [ours: string, why: string]>> = {
  'disable-ipv6-dns': ['false', 'NGINX resolves no names, so the key has no effect'],
  'global-auth-cache-duration': ['200 202 401 5m', 'the default of the annotation, which an empty value stands for'],
  'global-auth-signin-redirect-param': ['rd', 'an empty value means the same'],
  'load-balance': ['round_robin', 'an empty value means the same'],
  'log-format-upstream': [
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ' +
      '$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr ' +
      '$upstream_response_length $upstream_response_time $upstream_status $req_id [$tidegate_reason]',
    'the reason for the response is added: docs/differences.md',
  ],
  'map-hash-bucket-size': ['128', 'our own names are in these tables of NGINX, too: docs/differences.md'],
  'proxy-next-upstream-timeout': ['60', 'requests are not retried without a limit: docs/differences.md'],
  'use-port-in-redirects': ['', 'unset, so redirects contain a port only if clients need it: docs/differences.md'],
  'worker-processes': ['auto', 'another way to write the number of processors'],
};

/** Annotations whose code reads their ConfigMap key instead of declaring it as `setting`, and the reason. */
const OWN_READING: Readonly<Record<string, string>> = {
  'custom-http-errors': 'different backends answer the statuses of the ConfigMap and those of the annotation',
  'enable-modsecurity': 'with the annotation, paths answer 503; the key is only reported',
  'enable-owasp-core-rules': 'with the annotation, paths answer 503; the key is only reported',
  'enable-opentelemetry': 'neither is supported yet',
  'opentelemetry-operation-name': 'neither is supported yet',
  'opentelemetry-trust-incoming-span': 'neither is supported yet',
};

/** Fallbacks that correspond to an empty default. */
const NOTHING: readonly unknown[] = [undefined, null, '', []];

test('no annotation and no ConfigMap key of ingress-nginx is missing', () => {
  expect([ANNOTATIONS.length, SETTINGS.length]).toEqual([136, 196]);
  expect(ANNOTATIONS.map(({ name }) => name).filter((name) => !annotations.has(name))).toEqual([]);
  expect(SETTINGS.map(({ name }) => name).filter((name) => !SETTING_KEYS.has(name))).toEqual([]);
});

describe('annotations', () => {
  test.each(ANNOTATIONS)(
    '$name has the aliases and the ConfigMap key that it has in ingress-nginx',
    ({ name, aliases, setting }) => {
      const key = annotations.get(name);
      expect(key?.aliases ?? []).toEqual(aliases);
      expect(key?.setting ?? null).toBe(OWN_READING[name] === undefined ? setting : null);
      if (OWN_READING[name] !== undefined) expect(setting).not.toBeNull();
    },
  );
});

describe('ConfigMap', () => {
  test.each(SETTINGS)(
    '$name has the default of ingress-nginx, or the one that is listed as different',
    ({ name, default: standard }) => {
      const key = SETTING_KEYS.get(name);
      const raw = OTHER_DEFAULTS[name]?.[0] ?? asWritten(standard);
      if (raw === '') expect(NOTHING).toContainEqual(key?.fallback);
      else expect(key?.parser.parse(raw)).toEqual({ ok: true, value: key?.fallback });
    },
  );

  test('the defaults that are listed as different do differ', () => {
    for (const [name, [ours]] of Object.entries(OTHER_DEFAULTS)) {
      const standard = SETTINGS.find((each) => each.name === name)?.default;
      expect(asWritten(standard ?? null), name).not.toBe(ours);
    }
  });
});
