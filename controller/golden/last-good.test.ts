/**
 * When the content of a Secret or ConfigMap becomes invalid, its last good content stays in force, but only for the
 * same object.
 */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import { authorities } from '../../e2e/runner/clients.ts';
import { build } from '../model/build.ts';
import type { BuildOptions } from '../model/contract/options.ts';
import type { InForce, Use } from '../types/last-good.ts';
import type { BuildResult } from '../types/plan.ts';
import { MODEL_OPTIONS } from './build-fixed.ts';
import { emptyWorld, put } from './incremental/world.ts';

type Data = Readonly<Record<string, string>>;

interface Case {
  readonly use: Use;
  readonly annotations?: Data;
  readonly settings?: Data;
  readonly good: Data;
  /** Invalid contents, and the reason in the message about each. */
  readonly bad: readonly (readonly [Data, string])[];
  /** Contents without the entries that are read. */
  readonly gone: readonly Data[];
  /** How the message describes the content in force. */
  readonly told: RegExp;
}

const [one, two] = await Promise.all([issue(['one.test']), issue(['two.test'])]);
const { trusted, crl } = authorities();
const DH = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`;

const CASES: readonly Case[] = [
  {
    use: 'client-authorities',
    annotations: { 'auth-tls-secret': 'shop/x' },
    good: { 'ca.crt': trusted, 'ca.crl': crl },
    bad: [
      [{ 'ca.crt': 'nonsense' }, 'has no PEM certificate in ca.crt'],
      [{ 'ca.crt': trusted.replace('MII', 'MIX') }, 'holds an unreadable ca.crt'],
      [{ 'ca.crt': trusted, 'ca.crl': 'nonsense' }, 'holds a ca.crl that is not a list of revoked certificates in PEM'],
      [{ 'ca.crt': trusted.repeat(200) }, 'has a ca.crt of'],
    ],
    gone: [{}, { 'ca.crt': '' }, { other: trusted }],
    told: /the authority with the serial number [0-9A-F]+$/,
  },
  {
    use: 'backend-tls',
    annotations: { 'proxy-ssl-secret': 'shop/x', 'backend-protocol': 'HTTPS' },
    good: { 'tls.crt': one.cert, 'tls.key': one.key },
    bad: [
      [{ 'tls.crt': two.cert, 'tls.key': one.key }, 'holds a tls.key that does not belong to tls.crt'],
      [{ 'tls.crt': one.cert, 'tls.key': one.key, 'ca.crt': 'nonsense' }, 'has no PEM certificate in ca.crt'],
    ],
    gone: [{}, { 'tls.crt': one.cert }],
    told: /the certificate with the serial number [0-9A-F]+$/,
  },
  {
    use: 'verified-backend-tls',
    annotations: {
      'proxy-ssl-secret': 'shop/x',
      'proxy-ssl-verify': 'on',
      'proxy-ssl-name': 'one.test',
      'backend-protocol': 'HTTPS',
    },
    good: { 'ca.crt': trusted, 'tls.crt': one.cert, 'tls.key': one.key },
    bad: [[{ 'ca.crt': 'nonsense' }, 'has no PEM certificate in ca.crt']],
    gone: [{}, { 'tls.crt': one.cert, 'tls.key': one.key }],
    told: /the authority with the serial number [0-9A-F]+, the certificate with the serial number [0-9A-F]+$/,
  },
  {
    use: 'auth-file',
    annotations: { 'auth-type': 'basic', 'auth-secret': 'x' },
    good: { auth: 'alice:{PLAIN}one\nbob:{PLAIN}two\n' },
    bad: [[{ auth: 'alice:{PLAIN}one\nbob\n' }, 'is not user:hash in line 2 of the key "auth"']],
    gone: [{}, { auth: '' }, { auth: '# nobody\n' }],
    told: /: 2 users$/,
  },
  {
    use: 'auth-map',
    annotations: { 'auth-type': 'basic', 'auth-secret': 'x', 'auth-secret-type': 'auth-map' },
    good: { alice: '{PLAIN}one' },
    bad: [[{ alice: '{PLAIN}one', bob: '\u0001' }, 'is not user:hash in key "bob"']],
    gone: [{}],
    told: /: 1 user$/,
  },
  {
    use: 'dh-parameters',
    settings: { 'ssl-dh-param': 'shop/x' },
    good: { 'dhparam.pem': DH },
    bad: [[{ 'dhparam.pem': 'nonsense' }, 'has no PEM of DH parameters in dhparam.pem']],
    gone: [{}],
    told: /parameters with the SHA-256 [0-9a-f]{16}$/,
  },
  {
    use: 'custom-headers',
    annotations: { 'custom-headers': 'shop/x' },
    settings: { 'global-allowed-response-headers': 'X-Team' },
    good: { 'X-Team': 'blue' },
    bad: [
      [{ 'X-Team': 'blue', 'X-Other': 'red' }, 'cannot be used: X-Other is not in global-allowed-response-headers'],
    ],
    gone: [],
    told: /: X-Team$/,
  },
  {
    use: 'auth-proxy-set-headers',
    annotations: { 'auth-url': 'http://auth.test/', 'auth-proxy-set-headers': 'shop/x' },
    good: { 'X-Team': 'blue' },
    bad: [[{ 'X-Team': 'a\u0001' }, 'cannot be used: the value of X-Team']],
    gone: [],
    told: /: X-Team$/,
  },
  {
    use: 'fastcgi-params',
    annotations: { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'x' },
    good: { SCRIPT_FILENAME: '/a.php' },
    bad: [[{ 'a b': '1' }, 'cannot be used: "a b" is not the name of a parameter']],
    gone: [],
    told: /: SCRIPT_FILENAME$/,
  },
];

const PREFIX = 'nginx.ingress.kubernetes.io';

function isConfigMap({ use }: Case): boolean {
  return use === 'custom-headers' || use === 'auth-proxy-set-headers' || use === 'fastcgi-params';
}

function built(given: Case, data: Data | undefined, options: Partial<BuildOptions> = {}, uid = 'first'): BuildResult {
  const metadata = { namespace: 'shop', name: 'x', uid };
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const annotations = Object.fromEntries(
    Object.entries(given.annotations ?? {}).map(([name, value]) => [`${PREFIX}/${name}`, value]),
  );
  let world = put(emptyWorld(), 'Ingress', 'shop/a', {
    metadata: { namespace: 'shop', name: 'a', annotations },
    spec: { rules },
  });
  const settings: V1ConfigMap = { metadata: { namespace: 'ingress-nginx', name: 'c' }, data: { ...given.settings } };
  world = put(world, 'ConfigMap', MODEL_OPTIONS.configMap, settings);
  if (data !== undefined && isConfigMap(given)) world = put(world, 'ConfigMap', 'shop/x', { metadata, data });
  else if (data !== undefined) {
    const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    world = put(world, 'Secret', 'shop/x', { metadata, data: Object.fromEntries(encoded) } satisfies V1Secret);
  }
  return build(world.snapshot, { ...MODEL_OPTIONS, quarantine: new Map(), resolvedNames: new Map(), ...options });
}

/** Everything that NGINX gets. */
function plan({ plan: { static: conf, live } }: BuildResult): string {
  return JSON.stringify([conf, [...live.routes]]);
}

function after(first: BuildResult): { readonly lastGood: InForce } {
  return { lastGood: new Map(first.plan.inForce.flatMap((table) => [...table])) };
}

function told({ problems }: BuildResult): string[] {
  return problems.filter(({ code }) => code === 'content-kept').map(({ message }) => message);
}

test.each(CASES)('$use: invalid content is reported, and the last good content stays in force', (given) => {
  const first = built(given, given.good);
  expect([...after(first).lastGood.keys()]).toEqual([`${given.use} shop/x`]);
  expect(told(first)).toEqual([]);
  for (const [data, reason] of given.bad) {
    const then = built(given, data, after(first));
    expect(plan(then)).toBe(plan(first));
    expect(told(then)).toEqual([expect.stringMatching(given.told)]);
    expect(told(then)[0]).toContain(`${isConfigMap(given) ? 'ConfigMap' : 'Secret'} shop/x ${reason}`);
    expect(told(then)[0]).toContain('; its last good content stays in force: ');
    // The next build uses the last good content again.
    expect(plan(built(given, data, after(then)))).toBe(plan(first));
    // Without earlier results, there is no last good content.
    expect(plan(built(given, data))).not.toBe(plan(first));
  }
});

test.each(CASES)(
  '$use: the last good content is not used after the object was deleted, emptied or created again',
  (given) => {
    const first = built(given, given.good);
    const [[bad] = [{}]] = given.bad;
    const closed = plan(built(given, undefined));
    expect(closed).not.toBe(plan(first));
    for (const [data, uid] of [
      [undefined, 'first'],
      ...given.gone.map((each) => [each, 'first'] as const),
      [bad, 'second'],
    ] as const) {
      const then = built(given, data, after(first), uid);
      expect(plan(then)).toBe(closed);
      expect(told(then)).toEqual([]);
      expect(after(then).lastGood.size).toBe(0);
    }
  },
);

test.each(['proxy-set-headers', 'add-headers'] as const)(
  'an invalid header of %s is replaced by its last good value',
  (key) => {
    const given: Case = { use: key, settings: { [key]: 'shop/x' }, good: {}, bad: [], gone: [], told: /./ };
    const configMap = (data: Data, options: Partial<BuildOptions> = {}) =>
      built({ ...given, use: 'custom-headers' }, data, options);
    const first = configMap({ 'X-A': 'one', 'X-B': 'two' });
    const expected = plan(configMap({ 'X-A': 'new', 'X-B': 'two' }));
    const bad = { 'X-A': 'new', 'X-B': 'a\u0001', 'X-C': 'b\u0001' };
    const then = configMap(bad, after(first));
    expect(plan(then)).toBe(expected);
    expect(then.problems.filter(({ code }) => code === 'invalid-header').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^"X-B" .*; its last good value stays in force$/),
      expect.stringMatching(new RegExp(`^"X-C" .*; ${key} leaves it out$`)),
    ]);
    expect(plan(configMap(bad, after(then)))).toBe(expected);
    expect(plan(configMap(bad))).toBe(plan(configMap({ 'X-A': 'new' })));
    // The last good value of a header is not used after the header was removed.
    expect(plan(configMap({ 'X-A': 'new' }, after(first)))).toBe(plan(configMap({ 'X-A': 'new' })));
  },
);
