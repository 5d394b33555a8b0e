/** Tests the property of random-secrets.drill.test.ts with more and different Secrets. */
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
  for (let seed = 1000; seed < 1010; seed += 1) await trySecrets(judge, sources, { seed, count: 200 }, tally);
  expect(tally).toMatchObject({ secrets: 2000, refused: [], silent: [] });
  for (const count of Object.values(tally.accepted)) expect(count).toBeGreaterThan(250);
}, 300_000);
