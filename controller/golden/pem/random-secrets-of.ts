/**
 * Tests random changes to PEM in Secrets, checked by the OpenSSL of this machine's NGINX. random-secrets.drill.test.ts
 * tries a few hundred Secrets, random-secrets.full.test.ts some thousand others.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issue } from '../../../e2e/certificates.ts';
import { type PemJudge, startPemJudge } from './judges.ts';
import { newTally, trySecrets } from './property.ts';
import { makeSources, type Sources } from './sources.ts';

const COUNT = 200;

/**
 * Defines the test. Each seed gives 200 Secrets; of each kind of content, the model must accept more than `least`. The
 * returned function gives what the tests of a file share.
 */
export function testRandomSecrets(
  seeds: readonly number[],
  least: number,
  timeoutMs: number,
): () => { readonly judge: PemJudge; readonly sources: Sources } {
  let judge: PemJudge;
  let sources: Sources;

  beforeAll(async () => {
    judge = await startPemJudge(await issue(['a.test']));
    sources = makeSources();
  }, 60_000);

  afterAll(async () => judge?.end());

  test(
    'nginx and Lua can load the PEM that the model accepts, and a Problem reports all other PEM',
    async () => {
      const tally = newTally();
      for (const seed of seeds) await trySecrets(judge, sources, { seed, count: COUNT }, tally);
      expect(tally).toMatchObject({ secrets: seeds.length * COUNT, refused: [], silent: [] });
      for (const count of Object.values(tally.accepted)) expect(count).toBeGreaterThan(least);
    },
    timeoutMs,
  );

  return () => ({ judge, sources });
}
