import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { type Chain, type ChainOptions, makeChain, site } from '../fixtures/chain.ts';
import { completeChain, issuerUrls } from './complete-chain.ts';
import { fetchIssuer, type FetchIssuer } from './fetch-issuer.ts';

const HOST = 'shop.example.com';
const fetchAnywhere: FetchIssuer = (url) => fetchIssuer(url, () => true);

/**
 * Serves the certificates of a chain at `/INDEX`, completes the chain from its leaf, and returns the names of the
 * certificates found.
 */
async function complete(options: Partial<ChainOptions>, serve?: (chain: Chain, index: number) => Buffer | undefined) {
  const server = await site(() => {});
  const issuerUrl = (index: number) => `${server.url}/${index + 1}`;
  const chain = makeChain({ host: HOST, intermediates: 2, issuerUrl, ...options });
  server.answer = (request, response) => {
    const index = Number(request.url?.slice(1));
    const body = serve === undefined ? chain.der(index) : serve(chain, index);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  };
  const found = await completeChain(chain.certificates[0] ?? '', fetchAnywhere);
  const blocks = found.chain.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const names = blocks.map((block) => new X509Certificate(block).subject);
  return { names, failure: found.failure?.replaceAll(server.url, 'SITE'), asked: server.asked, found, chain };
}

test('all issuers up to the root are found, in order from the leaf; the root is fetched, but left out', async () => {
  const { names, failure, asked } = await complete({});
  expect({ names, failure, asked }).toEqual({
    names: ['CN=Test Intermediate 1', 'CN=Test Intermediate 2'],
    failure: undefined,
    asked: ['/1', '/2', '/3'],
  });
});

test('a chain ends at a certificate without an http URL of its issuer', async () => {
  for (const url of [undefined, 'ldap:///CN=Test%20Root']) {
    const { names, failure } = await complete({ issuerUrl: () => url });
    expect({ names, failure }).toEqual({ names: [], failure: undefined });
  }
});

test('a chain ends at a certificate that a known root has signed, and the root is not fetched', async () => {
  const { chain, asked } = await complete({});
  const before = asked.length;
  const known = await completeChain(chain.certificates[0] ?? '', fetchAnywhere, [chain.certificates[3] ?? '']);
  expect(known.chain.match(/BEGIN/g)).toHaveLength(2);
  expect(known.failure).toBeUndefined();
  expect(asked.slice(before)).toEqual(['/1', '/2']);
});

test('the root certificates of Node.js are known by default', async () => {
  const fetch: FetchIssuer = async () => ({ ok: false, reason: 'not to be asked' });
  expect(await completeChain(rootCertificates[0] ?? '', fetch)).toEqual({ chain: '', failure: undefined });
});

test.each([true, false])(
  'a certificate that has the name of the issuer but did not sign the leaf is refused (key identifiers: %s)',
  async (told) => {
    const impostor = makeChain({ host: HOST, intermediates: 2, issuerUrl: () => undefined, keyIdentifiers: told });
    const { names, failure } = await complete({ keyIdentifiers: told }, (_, index) => impostor.der(index));
    expect({ names, failure }).toEqual({
      names: [],
      failure: '"SITE/1": the response is not the certificate of the issuer',
    });
  },
);

test('an issuer that is not a CA is refused', async () => {
  const { names, failure } = await complete({ authorities: false });
  expect({ names, failure }).toEqual({
    names: [],
    failure: '"SITE/1": the response is not the certificate of the issuer',
  });
});

test('the leaf is refused as its own issuer, and an expired issuer is refused', async () => {
  expect((await complete({}, (chain) => chain.der(0))).failure).toBe(
    '"SITE/1": the response is not the certificate of the issuer',
  );
  const { names, failure } = await complete({ intermediateDays: -1 });
  expect({ names, failure }).toEqual({ names: [], failure: '"SITE/1": the issuer has expired' });
});

test('certificates that were found before a failure are returned together with the failure', async () => {
  const { names, failure } = await complete({}, (chain, index) => (index < 2 ? chain.der(index) : undefined));
  expect({ names, failure }).toEqual({
    names: ['CN=Test Intermediate 1'],
    failure: '"SITE/2": the status of the response is 404, not 200',
  });
});

test('at most five issuers of a chain are fetched', async () => {
  const { names, failure, asked } = await complete({ intermediates: 7 });
  expect(names).toHaveLength(5);
  expect(asked).toHaveLength(5);
  expect(failure).toBe('no root certificate within 5 issuers');
});

test('issuerUrls() returns only the http and https URLs of CA Issuers', () => {
  const infoAccess = [
    'OCSP - URI:http://ocsp.example.com',
    'CA Issuers - URI:http://ca.example.com/a.crt',
    'CA Issuers - URI:ldap:///CN=x',
    'CA Issuers - URI:HTTPS://ca.example.com/b.crt',
    '',
  ].join('\n');
  expect(issuerUrls({ infoAccess } as X509Certificate)).toEqual([
    'http://ca.example.com/a.crt',
    'HTTPS://ca.example.com/b.crt',
  ]);
});
