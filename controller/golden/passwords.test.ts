/** No Problem, and no setting in an explanation, shows the password of a URL, whichever key has the URL as its value. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { ANNOTATION_KEYS, DEFAULT_PREFIX } from '../model/features/annotations.ts';
import { settingOrigins } from '../model/ingress/setting-origins.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { buildFixed, MODEL_OPTIONS } from './build-fixed.ts';

const PASSWORD = 's3cret';
const VALUES = [
  `https://alice:${PASSWORD}@auth.example.com/verify`,
  `https://auth.example.com, https://alice:${PASSWORD}@b.example.com`,
  `https://${'a'.repeat(70)}:${PASSWORD}${'b'.repeat(40)}@auth.example.com/verify`,
  `a https://alice:${PASSWORD}@b.example.com;`,
];

function ingressOf(name: string, annotations: Readonly<Record<string, string>>): V1Ingress {
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }];
  return {
    metadata: { name, namespace: 'shop', annotations },
    spec: { rules: [{ host: `${name}.example.com`, http: { paths } }] },
  };
}

/** All Problems and settings of Ingresses and of a ConfigMap with these values, each as JSON. */
function shownFor(ingresses: readonly V1Ingress[], data: Readonly<Record<string, string>>): readonly string[] {
  const configMap: V1ConfigMap = { metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }, data };
  const snapshot: Snapshot = {
    ...emptySnapshot(),
    Ingress: new Map(ingresses.map((ingress) => [`shop/${ingress.metadata?.name}`, ingress])),
    ConfigMap: new Map([['ingress-nginx/ingress-nginx-controller', configMap]]),
  };
  const { problems } = buildFixed(snapshot);
  const options = { ...MODEL_OPTIONS, quarantine: new Map(), resolvedNames: new Map() };
  const origins = ingresses.flatMap((ingress) =>
    (['location', 'host'] as const).flatMap((scope) => settingOrigins(ingress, scope, snapshot, options)),
  );
  return [...problems, ...origins].map((each) => JSON.stringify(each));
}

test.each(VALUES)('annotations with %s', (value) => {
  const ingresses = [...ANNOTATION_KEYS.keys()].map((name) =>
    ingressOf(name, { [`${DEFAULT_PREFIX}/${name}`]: value }),
  );
  const shown = shownFor(ingresses, {});
  expect(shown.filter((text) => text.includes(PASSWORD))).toEqual([]);
  expect(shown.filter((text) => text.includes('[redacted]')).length).toBeGreaterThan(100);
});

test.each(VALUES)('keys of the ConfigMap with %s', (value) => {
  const data = Object.fromEntries([...SETTING_KEYS.keys()].map((name) => [name, value]));
  const shown = shownFor([ingressOf('web', {})], data);
  expect(shown.filter((text) => text.includes(PASSWORD))).toEqual([]);
  expect(shown.filter((text) => text.includes('[redacted]')).length).toBeGreaterThan(100);
});
