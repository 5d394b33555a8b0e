/** As random-secrets.test.ts, with other and more Secrets. */
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

test('OpenSSL takes what is accepted, as nginx loads it and as Lua parses it; the rest has a Problem', async () => {
  const tally = newTally();
  for (let seed = 1000; seed < 1010; seed += 1) await trySecrets(judge, sources, { seed, count: 200 }, tally);
  expect(tally).toMatchObject({ secrets: 2000, refused: [], silent: [] });
  for (const count of Object.values(tally.accepted)) expect(count).toBeGreaterThan(250);
}, 300_000);
