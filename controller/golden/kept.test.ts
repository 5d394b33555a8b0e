/**
 * The stored form of an object leads to the same result as the object itself, so files and a cluster give the same Plan
 * and Problems.
 */
import type { V1ConfigMap, V1HTTPIngressPath, V1Ingress, V1IngressRule, V1IngressTLS } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { project } from '../cluster/api/project.ts';
import { objectRule } from '../cluster/api/skim-rules.ts';
import { Skimmer } from '../cluster/api/skim.ts';
import { BOUNDS, type BoundName, boundsFrom } from '../model/contract/bounds.ts';
import { withinBounds } from '../model/ingress/within-bounds.ts';
import { build } from '../model/build.ts';
import { keepingFor } from '../model/ingress/keeping.ts';
import { emptySnapshot, type Kind } from '../types/snapshot.ts';
import { MODEL_OPTIONS } from './build-fixed.ts';

const SMALL: Partial<Record<BoundName, number>> = { ingressHosts: 3, ingressPaths: 6, annotationBytes: 1024 };
const flags = new Map(Object.entries(SMALL).map(([name, value]) => [BOUNDS[name as BoundName].flag, value]));
const OPTIONS = {
  ...MODEL_OPTIONS,
  bounds: boundsFrom((flag) => flags.get(flag)),
  quarantine: new Map(),
  resolvedNames: new Map(),
};
const KEEPING = keepingFor(OPTIONS);
const PREFIX = MODEL_OPTIONS.annotationsPrefix;

function result(ingress: V1Ingress, headers: V1ConfigMap) {
  const snapshot = emptySnapshot();
  const made = build(
    { ...snapshot, Ingress: new Map([['shop/web', ingress]]), ConfigMap: new Map([['shop/headers', headers]]) },
    OPTIONS,
  );
  const { plan, problems } = made;
  return { static: plan.static, routes: [...plan.live.routes.entries()], secrets: [...plan.secrets].sort(), problems };
}

/** The object after it was read from the response of an API server. */
function read(kind: Kind, object: object): Record<string, unknown> {
  const [document] = new Skimmer(objectRule(kind, KEEPING), false).push(Buffer.from(JSON.stringify(object)));
  return JSON.parse(document?.text ?? '') as Record<string, unknown>;
}

function expectSame(ingress: V1Ingress, headers: V1ConfigMap = { metadata: { namespace: 'shop', name: 'headers' } }) {
  const kept = project('Ingress', read('Ingress', ingress), KEEPING) as V1Ingress;
  const keptHeaders = project('ConfigMap', read('ConfigMap', headers), KEEPING) as V1ConfigMap;
  expect(result(kept, keptHeaders)).toEqual(result(ingress, headers));
  expect(KEEPING.ingress(kept)).toEqual(kept);
  expect(withinBounds(kept, OPTIONS.bounds)).toBe(kept);
  expect(KEEPING.configMap(keptHeaders)).toEqual(keptHeaders);
  return { kept, keptHeaders, problems: result(kept, keptHeaders).problems };
}

const backend = { service: { name: 'web', port: { number: 80 } } };
const metadata = { namespace: 'shop', name: 'web' };
const long = 'x'.repeat(3000);

const host = fc.constantFrom(
  '',
  'a.test',
  'b.test',
  'c.test',
  'd.test',
  'e.test',
  '*.f.test',
  'Not-A.host',
  `${long}.test`,
);
const path: fc.Arbitrary<V1HTTPIngressPath> = fc.record(
  {
    path: fc.constantFrom('/', '/a', '/b', '/c(x|y)', 'no-slash', '/control\u0001', `/${long}`, `  /${long}`),
    pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
    backend: fc.constantFrom(
      backend,
      { service: { name: 'web', port: { name: 'http' } } },
      {
        resource: { kind: 'Bucket', name: 'b' },
      },
    ),
  },
  { requiredKeys: ['pathType', 'backend'] },
);
const rule: fc.Arbitrary<V1IngressRule> = fc.record(
  { host, http: fc.record({ paths: fc.array(path, { maxLength: 4 }) }) },
  { requiredKeys: [] },
);
const tls: fc.Arbitrary<V1IngressTLS> = fc.record(
  { hosts: fc.array(host, { maxLength: 5 }), secretName: fc.constantFrom('one', 'two', '') },
  { requiredKeys: [] },
);
const value = fc.constantFrom(
  'true',
  'x',
  '/a$1',
  long,
  `${' '.repeat(2000)}true`,
  `é${long}`,
  '10.0.0.0/8',
  'shop/headers',
);
const names =
  'use-regex rewrite-target whitelist-source-range enable-cors cors-allow-origin app-root custom-headers server-alias ' +
  'canary canary-weight from-to-www-redirect rewrite-targett';
const name = fc.constantFrom(...names.split(' '));
const annotations = fc
  .tuple(
    fc.dictionary(
      name.map((each) => `${PREFIX}/${each}`),
      value,
      { maxKeys: 5 },
    ),
    fc.dictionary(fc.constantFrom('kubernetes.io/ingress.class', 'nginx.org/x', 'example.com/y'), value),
  )
  .map(([own, others]) => ({ ...own, ...others }));
const headers = fc.dictionary(
  fc.constantFrom('X-One', 'X-Two', 'X-Three'),
  fc.constantFrom('a', 'x'.repeat(500), long),
);

test('the stored forms of random Ingresses and ConfigMaps give the same result as the objects', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 7 }),
      fc.array(tls, { maxLength: 4 }),
      annotations,
      headers,
      (rules, given, written, data) => {
        expectSame(
          { metadata: { ...metadata, annotations: written }, spec: { rules, tls: given } },
          { metadata: { namespace: 'shop', name: 'headers' }, data },
        );
      },
    ),
    { numRuns: 400 },
  );
});

const pathsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ path: `/p${n}`, pathType: 'Prefix', backend }));
const size = (object: object) => JSON.stringify(object).length;

test('an Ingress with 10,000 paths has a small stored form that gives the same result', () => {
  const rules = [{ host: 'a.test', http: { paths: pathsOf(10_000) } }];
  const { kept, problems } = expectSame({ metadata, spec: { rules } });
  expect(size(kept)).toBeLessThan(1500);
  expect(problems).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining('has 10000 paths, more than the 6 of --max-ingress-paths') as string,
    }),
  );
});

test('an Ingress with 5,000 hosts has a small stored form that gives the same result', () => {
  const rules = Array.from({ length: 5000 }, (_, n) => ({ host: `h${n}.test`, http: { paths: pathsOf(1) } }));
  const { kept, problems } = expectSame({ metadata, spec: { rules } });
  expect(size(kept)).toBeLessThan(1500);
  expect(problems).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining('has 5000 hosts, more than the 3 of --max-ingress-hosts') as string,
    }),
  );
});

test('an Ingress with 2,000 hosts in spec.tls has a small stored form that gives the same result', () => {
  const rules = [{ host: 'a.test', http: { paths: pathsOf(1) } }];
  const given = Array.from({ length: 1000 }, (_, n) => ({ hosts: [`h${n}.test`, `i${n}.test`], secretName: `s${n}` }));
  const { kept, problems } = expectSame({ metadata, spec: { rules, tls: given } });
  expect(size(kept)).toBeLessThan(1500);
  expect(problems).toContainEqual(
    expect.objectContaining({
      code: 'bound-exceeded',
      field: ['spec', 'tls'],
      message: expect.stringContaining('has 2000 names, more than 6, which is twice --max-ingress-hosts (3)') as string,
    }),
  );
});

test('an Ingress with a long annotation and 3,000 foreign ones has a small stored form with the same result', () => {
  const others = Array.from({ length: 3000 }, (_, n) => [`nginx.org/key-${n}`, 'text'] as const);
  const written = { ...Object.fromEntries(others), [`${PREFIX}/rewrite-target`]: `/${'é'.repeat(100_000)}` };
  const { kept, problems } = expectSame({ metadata: { ...metadata, annotations: written } });
  expect(size(kept)).toBeLessThan(2500);
  expect(problems).toContainEqual(
    expect.objectContaining({
      field: ['metadata', 'annotations', `${PREFIX}/rewrite-target`],
      message: expect.stringContaining('has 200001 bytes, more than the 1024 of --max-annotation-bytes') as string,
      value: expect.stringMatching(/^"\/é+…$/) as string,
    }),
  );
  expect(problems.filter(({ code }) => code === 'foreign-annotation')).toHaveLength(20);
});

test('a ConfigMap with too many headers has a small stored form that gives the same result', () => {
  const data = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`X-Header-${n}`, 'v'.repeat(500)]));
  const written = { [`${PREFIX}/custom-headers`]: 'shop/headers' };
  const rules = [{ host: 'a.test', http: { paths: pathsOf(1) } }];
  const { keptHeaders, problems } = expectSame(
    { metadata: { ...metadata, annotations: written }, spec: { rules } },
    { metadata: { namespace: 'shop', name: 'headers' }, data },
  );
  expect(size(keptHeaders)).toBeLessThan(200);
  expect(problems).toContainEqual(
    expect.objectContaining({
      effect: 'denied-location',
      message: expect.stringMatching(
        /^ConfigMap shop\/headers holds \d+ bytes, more than the 1024 of --max-annotation-bytes/,
      ) as string,
    }),
  );
});
