/** Problems about certificates that have expired, cannot be used, or cannot be used as they are written. */
import { createPrivateKey } from 'node:crypto';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test, vi } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import type { Built } from '../app/build.ts';
import { watchExpiry } from '../app/expired-certificates.ts';
import { createBuilder } from '../model/build.ts';
import { DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import type { BuildResult } from '../types/plan.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { finish } from '../types/steps.ts';
import { MODEL_OPTIONS } from './build-fixed.ts';
import { emptyWorld, put } from './incremental/world.ts';

const DAY_MS = 86_400_000;
/** A whole number of seconds, because certificates store no fractions. */
const ENDS = Math.floor(Date.now() / 1000) * 1000 + DAY_MS;

const pair = await generate([{ name: 'commonName', value: 'a.test' }], {
  keyType: 'ec',
  notAfterDate: new Date(ENDS),
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'a.test' }] }],
});
const other = await generate([{ name: 'commonName', value: 'authority' }], { keyType: 'ec' });
const encrypted = createPrivateKey(pair.private)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
  .toString();

function snapshotWith(crt: string, key: string, hosts: readonly string[] | undefined = ['a.test']): Snapshot {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const metadata = { namespace: 'shop', name: 'a' };
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const tls = [{ ...(hosts && { hosts: [...hosts] }), secretName: 'a' }];
  const world = put(emptyWorld(), 'Ingress', 'shop/a', { metadata, spec: { rules, tls } });
  return put(world, 'Secret', 'shop/a', { metadata, data: { 'tls.crt': base64(crt), 'tls.key': base64(key) } })
    .snapshot;
}

const NOBODY = { quarantine: new Map(), resolvedNames: new Map() };

function noticesOf({ problems }: BuildResult): string[] {
  return problems
    .filter(({ code }) => /secret|certificate|chain/.test(code))
    .map(({ code, message }) => `${code}: ${message}`);
}

function build(snapshot: Snapshot, now?: number): BuildResult {
  return finish(createBuilder()(snapshot, { ...MODEL_OPTIONS, ...NOBODY, ...(now !== undefined && { now }) }));
}

const root = await issue(['Root'], undefined, true);
const upper = await issue(['Upper'], root, true);
const lower = await issue(['Lower'], upper, true);
const leaf = await issue(['a.test'], lower);
const foreign = await issue(['b.test']);
const signer = await generate([{ name: 'commonName', value: 'Old' }], { keyType: 'rsa' });
const signed = await generate([{ name: 'commonName', value: 'a.test' }], {
  keyType: 'rsa',
  algorithm: 'sha1',
  ca: { cert: signer.cert, key: signer.private },
});
const sha1 = { cert: signed.cert, key: signed.private };
const pem = (...pairs: { cert: string }[]): string => pairs.map(({ cert }) => `${cert.trim()}\n`).join('');
const ANSWERED = 'a.test gets the default certificate';
const WRONG_ORDER =
  'chain-order: Secret shop/a holds the certificates of tls.crt in the wrong order; they are sent in the right order, each before its issuer';

/** For each pair: a description, tls.crt, tls.key, and the expected Problems. */
const PAIRS: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['valid', pair.cert + other.cert, pair.private, []],
  ['complete with its chain', pem(leaf, lower, upper, root), leaf.key, []],
  [
    'stored with an encrypted key',
    pair.cert,
    encrypted,
    [`unusable-secret: Secret shop/a holds a tls.key that is encrypted with a passphrase; ${ANSWERED}`],
  ],
  [
    'not the first one in tls.crt',
    other.cert + pair.cert,
    pair.private,
    [
      `unusable-secret: Secret shop/a holds a tls.crt whose certificate for tls.key is number 2 of 2; it must be the first; ${ANSWERED}`,
    ],
  ],
  ['stored with its chain in the wrong order', pem(leaf, upper, lower), leaf.key, [WRONG_ORDER]],
  ['followed by an unrelated certificate', pem(leaf, foreign, lower, upper), leaf.key, [WRONG_ORDER]],
  [
    'stored with a key that does not belong to it',
    pair.cert,
    other.private,
    [`unusable-secret: Secret shop/a holds a tls.key that does not belong to tls.crt; ${ANSWERED}`],
  ],
  [
    'signed with SHA-1',
    sha1.cert,
    sha1.key,
    [
      `unusable-secret: Secret shop/a holds a tls.crt whose certificate 1 is signed with sha1WithRSAEncryption, which OpenSSL no longer accepts; ${ANSWERED}`,
    ],
  ],
  [
    'for another name',
    foreign.cert,
    foreign.key,
    [`certificate-name-mismatch: the certificate of Secret shop/a is not for a.test; ${ANSWERED}`],
  ],
];

test.each(PAIRS)('which Problems report a certificate that is %s', (_, crt, key, expected) => {
  expect(noticesOf(build(snapshotWith(crt, key)))).toEqual(expected);
  // An entry of spec.tls without hosts applies to all hosts of the Ingress.
  expect(noticesOf(build(snapshotWith(crt, key, undefined)))).toEqual(expected);
  expect(noticesOf(build(snapshotWith(crt, key, [])))).toEqual(expected);
});

test('in the chain for NGINX, each certificate is followed by its issuer, and unrelated certificates come last', () => {
  for (const crt of [pem(leaf, lower, upper, foreign), pem(leaf, foreign, upper, lower)]) {
    const { plan } = build(snapshotWith(crt, leaf.key));
    expect(plan.live.certificates.get('shop/a')?.chain).toBe(pem(leaf, lower, upper, foreign));
  }
});

/** Problems about the default certificate do not name its Secret, because all hosts share it. */
test.each([
  ['good', pem(leaf, lower), leaf.key, undefined, []],
  [
    'expired',
    pair.cert,
    pair.private,
    ENDS,
    [
      `certificate-expired: the default certificate expired at ${new Date(ENDS).toISOString()}; clients of names without a certificate of their own still get it`,
    ],
  ],
  [
    'stored with its chain in the wrong order',
    pem(leaf, upper, lower),
    leaf.key,
    undefined,
    [
      'chain-order: the default certificate holds the certificates of tls.crt in the wrong order; they are sent in the right order, each before its issuer',
    ],
  ],
  [
    'stored with an encrypted key',
    pair.cert,
    encrypted,
    undefined,
    [
      'unusable-secret: the default certificate holds a tls.key that is encrypted with a passphrase; a self-signed one is used',
    ],
  ],
])('which Problems report a default certificate that is %s', (_, crt, key, now, expected) => {
  const { Secret } = snapshotWith(crt, key);
  const options = { ...MODEL_OPTIONS, ...NOBODY, defaultSslCertificate: 'shop/a', ...(now !== undefined && { now }) };
  const built = finish(createBuilder()({ ...emptyWorld().snapshot, Secret }, options));
  expect(noticesOf(built)).toEqual(expected);
});

test('incremental builds and builds from scratch report a certificate 14 days before it expires, and once it has expired', () => {
  const snapshot = snapshotWith(pair.cert, pair.private);
  const builder = createBuilder();
  const next = (now?: number) =>
    finish(builder(snapshot, { ...MODEL_OPTIONS, ...NOBODY, ...(now !== undefined && { now }) }));
  const expired = `certificate-expired: the certificate of Secret shop/a expired at ${new Date(ENDS).toISOString()}; clients of a.test still get it`;
  const soon = `certificate-expires-soon: the certificate of Secret shop/a expires at ${new Date(ENDS).toISOString()}, within 14 days; afterwards clients of a.test refuse the connection`;
  const early = ENDS - 14 * DAY_MS;
  const [unasked, valid, first, before, after] = [next(), next(early - 1), next(early), next(ENDS - 1), next(ENDS)];
  expect([unasked, valid, first, before, after].map(noticesOf)).toEqual([[], [], [soon], [soon], [expired]]);
  expect([early - 1, early, ENDS].map((now) => noticesOf(build(snapshot, now)))).toEqual([[], [soon], [expired]]);
  const severities = ({ problems }: BuildResult) =>
    problems.flatMap(({ code, severity }) => (code.startsWith('certificate-') ? [severity] : []));
  expect([severities(first), severities(after)]).toEqual([['warning'], ['error']]);
  expect(after.plan.live.certificates.get('shop/a')).toBe(before.plan.live.certificates.get('shop/a'));
  expect(after.plan.static.hosts).toEqual(before.plan.static.hosts);
});

test('without days of warning, only expired certificates are reported', () => {
  const options = { ...MODEL_OPTIONS, ...NOBODY, certificateWarningDays: 0 };
  const noticesAt = (now: number) =>
    noticesOf(finish(createBuilder()(snapshotWith(pair.cert, pair.private), { ...options, now })));
  expect(noticesAt(ENDS - 1)).toEqual([]);
  expect(noticesAt(ENDS)).toHaveLength(1);
});

test.each([
  ['two days before a certificate expires, if warnings begin then', ENDS - 2 * DAY_MS],
  ['when a certificate expires', ENDS],
])('a build is requested %s, and not repeated', (_, moment) => {
  vi.useFakeTimers({ now: moment - 90_000 });
  onTestFinished(() => void vi.useRealTimers());
  const snapshot = snapshotWith(pair.cert, pair.private);
  const latest = { snapshot, plan: build(snapshot).plan } satisfies Pick<Built, 'snapshot' | 'plan'>;
  const passed = vi.fn<() => void>();
  const watch = watchExpiry({
    bounds: DEFAULT_BOUNDS,
    warningDays: 2,
    latest: () => latest,
    passed,
    everyMs: 60_000,
  });
  expect(watch.now()).toBe(moment - 90_000);
  vi.advanceTimersByTime(60_000);
  expect([watch.now(), passed.mock.calls.length]).toEqual([moment - 90_000, 0]);
  vi.advanceTimersByTime(60_000);
  expect([watch.now(), passed.mock.calls.length]).toEqual([moment + 30_000, 1]);
  vi.advanceTimersByTime(600_000);
  expect(passed.mock.calls.length).toBe(1);
  watch.close();
});
