/** What is said of certificates that cannot be used as they are, and of one that has expired. */
import { createPrivateKey } from 'node:crypto';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Assembly } from '../app/assembly.ts';
import { watchExpiry } from '../app/expired-certificates.ts';
import { createBuilder } from '../model/build.ts';
import { DEFAULT_BOUNDS } from '../model/bounds/bounds.ts';
import type { BuildResult } from '../types/plan.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { finish } from '../types/steps.ts';
import { MODEL_OPTIONS } from './assemble.ts';
import { emptyWorld, put } from './incremental/world.ts';

const DAY_MS = 86_400_000;
/** With a whole number of seconds, as certificates have. */
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

function snapshotWith(crt: string, key: string): Snapshot {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const metadata = { namespace: 'shop', name: 'a' };
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const tls = [{ hosts: ['a.test'], secretName: 'a' }];
  const world = put(emptyWorld(), 'Ingress', 'shop/a', { metadata, spec: { rules, tls } });
  return put(world, 'Secret', 'shop/a', { metadata, data: { 'tls.crt': base64(crt), 'tls.key': base64(key) } })
    .snapshot;
}

const NOBODY = { quarantine: new Map(), resolvedNames: new Map() };

function said({ problems }: BuildResult): string[] {
  return problems
    .filter(({ code }) => /secret|certificate/.test(code))
    .map(({ code, message }) => `${code}: ${message}`);
}

function build(snapshot: Snapshot, now?: number): BuildResult {
  return finish(createBuilder()(snapshot, { ...MODEL_OPTIONS, ...NOBODY, ...(now !== undefined && { now }) }));
}

test.each([
  ['fine', pair.cert + other.cert, pair.private, []],
  [
    'encrypted',
    pair.cert,
    encrypted,
    [
      'unusable-secret: Secret shop/a holds a tls.key that is encrypted with a passphrase; a.test is answered with the default certificate',
    ],
  ],
  [
    'in the wrong order',
    other.cert + pair.cert,
    pair.private,
    [
      'unusable-secret: Secret shop/a holds a tls.crt whose certificate for tls.key is number 2 of 2; it has to be the first; a.test is answered with the default certificate',
    ],
  ],
  [
    'of another key',
    pair.cert,
    other.private,
    [
      'unusable-secret: Secret shop/a holds a tls.key that does not belong to tls.crt; a.test is answered with the default certificate',
    ],
  ],
])('a pair that is %s', (_, crt, key, expected) => {
  expect(said(build(snapshotWith(crt, key)))).toEqual(expected);
});

test('one that has expired is told once its time is over, by a build that goes on from others as by a new one', () => {
  const snapshot = snapshotWith(pair.cert, pair.private);
  const builder = createBuilder();
  const next = (now?: number) =>
    finish(builder(snapshot, { ...MODEL_OPTIONS, ...NOBODY, ...(now !== undefined && { now }) }));
  const expired = `certificate-expired: the certificate of Secret shop/a expired at ${new Date(ENDS).toISOString()}; clients of a.test get it all the same`;
  const [unasked, before, after] = [next(), next(ENDS - 1), next(ENDS)];
  expect([unasked, before, after].map(said)).toEqual([[], [], [expired]]);
  expect(said(build(snapshot, ENDS))).toEqual([expired]);
  expect(after.plan.live.certificates.get('shop/a')).toBe(before.plan.live.certificates.get('shop/a'));
  expect(after.plan.static.hosts).toEqual(before.plan.static.hosts);
});

test('a build is asked for when a certificate expires, and only then', () => {
  vi.useFakeTimers({ now: ENDS - 90_000 });
  onTestFinished(() => void vi.useRealTimers());
  const snapshot = snapshotWith(pair.cert, pair.private);
  const latest = { snapshot, plan: build(snapshot).plan } satisfies Pick<Assembly, 'snapshot' | 'plan'>;
  const expired = vi.fn<() => void>();
  const watch = watchExpiry({ bounds: DEFAULT_BOUNDS, latest: () => latest, expired, everyMs: 60_000 });
  expect(watch.now()).toBe(ENDS - 90_000);
  vi.advanceTimersByTime(60_000);
  expect([watch.now(), expired.mock.calls.length]).toEqual([ENDS - 90_000, 0]);
  vi.advanceTimersByTime(60_000);
  expect([watch.now(), expired.mock.calls.length]).toEqual([ENDS + 30_000, 1]);
  vi.advanceTimersByTime(600_000);
  expect(expired.mock.calls.length).toBe(1);
  watch.close();
});
