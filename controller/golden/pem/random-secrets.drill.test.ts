import { expect, test } from 'vitest';
import { testRandomSecrets } from './random-secrets-of.ts';

const shared = testRandomSecrets([1, 2], 50, 120_000);

test('the check of this test detects PEM that OpenSSL rejects', async () => {
  const { judge, sources } = shared();
  const [pair] = sources.pairs;
  const good = { ssl_certificate: pair?.cert ?? '', ssl_certificate_key: pair?.key ?? '' };
  const bad = { ...good, ssl_certificate: good.ssl_certificate.replace('MII', 'MIX') };
  expect(await judge.nginx([good, bad])).toContain('1-ssl_certificate.pem');
  const certificate = { chain: pair?.cert ?? '', key: pair?.key ?? '' };
  const other = { ...certificate, key: sources.pairs.at(-1)?.key ?? '' };
  expect(await judge.lua([certificate, { ...certificate, chain: 'nonsense' }, other])).toEqual([
    undefined,
    'field "chain": expected certificates in PEM',
    'another key',
  ]);
});
