/**
 * Checks that the list of NGINX's vulnerabilities is right about which of the affected directives nginx.conf contains.
 */
import { expect, test } from 'vitest';
import type { StaticOptions } from '../app/build.ts';
import { createPair } from '../app/fallback-certificate.ts';
import { ANNOTATION_KEYS, DEFAULT_PREFIX, FEATURES } from '../model/features/annotations.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { NATIVE_NAMES } from '../model/values/snippets/directives.ts';
import { ADVISORIES } from '../nginx/advisories.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { type ConfNode, parseConf } from '../types/tokenizer.ts';
import { buildFixed, MODEL_OPTIONS } from './build-fixed.ts';

const authority = Buffer.from((await createPair()).chain).toString('base64');

/** Settings with text of the administrator that gets into nginx.conf unchanged. */
const ADMIN_SNIPPET = /^(main|http|server|location|stream)-snippet$/;

/** Values that would turn HTTP/3 off. */
const CONFLICTING = { 'use-proxy-protocol': 'false', 'ssl-early-data': 'false', 'use-http3': 'true' };

type Values = Readonly<Record<string, string>>;

/** An Ingress for each set of annotations. */
function snapshotWith(sets: readonly Values[], data: Values): Snapshot {
  const [namespace = '', name = ''] = MODEL_OPTIONS.configMap.split('/');
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const ingresses = sets.map((values, index) => {
    const host = `i${index}.example.com`;
    const annotations = Object.entries(values).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value] as const);
    return {
      metadata: { namespace: 'shop', name: `i${index}`, annotations: Object.fromEntries(annotations) },
      spec: {
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
        tls: [{ hosts: [host] }],
      },
    };
  });
  return {
    ...emptySnapshot(),
    Ingress: new Map(ingresses.map((each) => [`shop/${each.metadata.name}`, each])),
    Secret: new Map([['shop/ca', { metadata: { namespace: 'shop', name: 'ca' }, data: { 'ca.crt': authority } }]]),
    ConfigMap: new Map([[MODEL_OPTIONS.configMap, { metadata: { namespace, name }, data: { ...data } }]]),
  };
}

/** Each directive with its arguments, and each without them. */
function directivesOf(nodes: readonly ConfNode[]): readonly string[] {
  return nodes.flatMap(({ words, children }) => [
    words[0] ?? '',
    ...words.slice(1).map((word) => `${words[0]} ${word}`),
    ...directivesOf(children ?? []),
  ]);
}

/** Everything that valid annotations and settings lead to. */
function everyDirective(options: Partial<StaticOptions> = {}): ReadonlySet<string> {
  const permissive = { 'annotations-risk-level': 'Critical', 'allow-snippet-annotations': 'true' };
  const sets: Values[] = [
    ...[...ANNOTATION_KEYS].flatMap(([name, key]) => key.good.map((value) => ({ [name]: value }))),
    ...['HTTPS', 'GRPC', 'GRPCS', 'FCGI'].flatMap((protocol) =>
      FEATURES.map(({ keys }) => ({
        ...Object.fromEntries(Object.entries(keys).map(([name, { good }]) => [name, good[0] ?? ''])),
        'backend-protocol': protocol,
      })),
    ),
    { 'auth-tls-secret': 'shop/ca', 'auth-tls-verify-client': 'on' },
  ];
  const settings = [0, -1].map((at) =>
    Object.fromEntries(
      [...SETTING_KEYS].flatMap(([name, { good }]) => (ADMIN_SNIPPET.test(name) ? [] : [[name, good.at(at) ?? '']])),
    ),
  );
  const all = settings.map(
    (data) =>
      buildFixed(snapshotWith(sets, { ...data, ...CONFLICTING, ...permissive }), new Map(), options).artifact.conf,
  );
  return new Set([...all.flatMap((conf) => directivesOf(parseConf(conf))), ...NATIVE_NAMES]);
}

const directives = everyDirective();
const unfixed = everyDirective({ http3Obstacle: 'needs an NGINX with the fixes' });

test.each(
  ADVISORIES.advisories.map(({ id, reach = [], absent = [], withheld = [] }) => ({ id, reach, absent, withheld })),
)(
  '$id: nginx.conf has $reach, never $absent, and $withheld only if NGINX has the fix',
  ({ reach, absent, withheld }) => {
    expect(reach.filter((name) => !directives.has(name))).toEqual([]);
    expect(absent.filter((name) => directives.has(name))).toEqual([]);
    expect(withheld.filter((name) => !directives.has(name) || unfixed.has(name))).toEqual([]);
  },
);

test('an NGINX with vulnerabilities of HTTP/3 gets no directive of HTTP/3', () => {
  const related = (found: ReadonlySet<string>) => [...found].filter((name) => /http3|quic/.test(name));
  expect(related(unfixed)).toEqual([]);
  expect(related(directives)).toEqual(expect.arrayContaining(['http3', 'listen quic']));
});
