import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { type Chain, makeChain } from '../../cluster/fixtures/chain.ts';
import { emptySnapshot, type Snapshot } from '../../types/snapshot.ts';
import { finish } from '../../types/steps.ts';
import { DEFAULT_BOUNDS } from '../contract/bounds.ts';
import { chainEnd, chainEnds, completed } from './chain-end.ts';

const HOST = 'shop.example.com';
let chain: Chain;

beforeAll(() => {
  chain = makeChain({ host: HOST, intermediates: 2, issuerUrl: () => undefined });
});

/** PEM of the certificates at these indexes of `chain`, in this order. */
function pem(...places: readonly number[]): string {
  return places.map((place) => chain.certificates[place] ?? '').join('\n');
}

function subjectOfEnd(...places: readonly number[]): string | undefined {
  const end = chainEnd({ chain: pem(...places), key: chain.key });
  return end === undefined ? undefined : new X509Certificate(end.pem).subject;
}

function fingerprint(place: number): string {
  return new X509Certificate(chain.certificates[place] ?? '').fingerprint256;
}

function withSecrets(...names: readonly string[]): Snapshot {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': base64(pem(0)), 'tls.key': base64(chain.key) };
  const secrets = names.map((name) => [`shop/${name}`, { metadata: { namespace: 'shop', name }, data }] as const);
  return { ...emptySnapshot(), Secret: new Map(secrets) };
}

/** Result of a TLS handshake between a server with this chain and a client that trusts only the root. */
async function handshake(chainOfServer: string): Promise<string> {
  const server = createServer({ cert: chainOfServer, key: chain.key }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { promise, resolve } = Promise.withResolvers<string>();
  const client = connect({ port, host: '127.0.0.1', servername: HOST, ca: pem(3) }, () => resolve('verified'));
  client.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  try {
    return await promise;
  } finally {
    client.destroy();
    server.close();
  }
}

test('a chain ends with the last issuer reachable from the leaf, whatever the order of the certificates', () => {
  expect(subjectOfEnd(0)).toBe(`CN=${HOST}`);
  expect(subjectOfEnd(0, 1)).toBe('CN=Test Intermediate 1');
  expect(subjectOfEnd(0, 2, 1)).toBe('CN=Test Intermediate 2');
  expect(subjectOfEnd(0, 2)).toBe(`CN=${HOST}`);
});

test('a chain that ends with a root is complete, and a chain of more than ten certificates is not examined', () => {
  expect(subjectOfEnd(0, 1, 2, 3)).toBeUndefined();
  expect(subjectOfEnd(3)).toBeUndefined();
  expect(subjectOfEnd(0, ...Array<number>(9).fill(1))).toBe('CN=Test Intermediate 1');
  expect(subjectOfEnd(0, ...Array<number>(10).fill(1))).toBeUndefined();
});

test("a certificate that has the issuer's name but did not sign the leaf is not its issuer", () => {
  const [own, other] = [1, 2].map(() =>
    makeChain({ host: HOST, intermediates: 1, issuerUrl: () => undefined, keyIdentifiers: false }),
  );
  const end = chainEnd({ chain: [own?.certificates[0], other?.certificates[1]].join('\n'), key: '' });
  expect(new X509Certificate(end?.pem ?? '').subject).toBe(`CN=${HOST}`);
});

test('chains are completed only for certificates in use, which include the default certificate', () => {
  const snapshot = withSecrets('tls', 'unused');
  const of = (used: readonly string[], fallback: string | null) => [
    ...finish(chainEnds(used, snapshot, { defaultSslCertificate: fallback, bounds: DEFAULT_BOUNDS })).keys(),
  ];
  expect(of(['_', 'shop/tls', 'shop/missing'], null)).toEqual([fingerprint(0)]);
  expect(of(['_'], 'shop/tls')).toEqual([fingerprint(0)]);
  expect(of(['_'], null)).toEqual([]);
});

test('a client that cannot verify an incomplete chain can verify the completed one', async () => {
  const certificate = { chain: pem(0), key: chain.key };
  expect(await handshake(certificate.chain)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  const known = new Map([[fingerprint(0), { chain: pem(1, 2), failure: undefined }]]);
  expect(await handshake(completed(certificate, known).certificate.chain)).toBe('verified');
});

test('a chain that is completed again is a new object only if its intermediates have changed', () => {
  const certificate = { chain: pem(0), key: chain.key };
  const known = (...places: readonly number[]) =>
    new Map([[fingerprint(0), { chain: pem(...places), failure: undefined }]]);
  const first = completed(certificate, known(1)).certificate;
  expect(completed(certificate, known(1)).certificate).toBe(first);
  expect(completed(certificate, known(1, 2)).certificate).not.toBe(first);
  expect(completed(certificate, new Map()).certificate).toBe(certificate);
});
