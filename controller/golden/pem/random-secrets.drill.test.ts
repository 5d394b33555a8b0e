/**
 * Random changes of PEM in Secrets, checked by the OpenSSL of this machine's NGINX. The full tests try more Secrets.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issue } from '../../../e2e/certificates.ts';
import { type PemJudge, startPemJudge } from './judges.ts';
import { newTally, trySecrets } from './property.ts';
import { makeSources, type Sources } from './sources.ts';

let judge: PemJudge;
let sources: Sources;

beforeAll(async () => {
  judge = await startPemJudge(await issue(['a.test']));
  sources = makeSources();
}, 60_000);

afterAll(async () => judge?.end());

test('nginx and Lua can load the PEM that the model accepts, and a Problem reports all other PEM', async () => {
  const tally = newTally();
  for (let seed = 1; seed <= 2; seed += 1) await trySecrets(judge, sources, { seed, count: 200 }, tally);
  expect(tally).toMatchObject({ secrets: 400, refused: [], silent: [] });
  for (const count of Object.values(tally.accepted)) expect(count).toBeGreaterThan(50);
}, 120_000);

test('the check of this test detects PEM that OpenSSL rejects', async () => {
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
