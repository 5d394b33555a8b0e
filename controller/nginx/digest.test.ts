import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { documentDigest, entryDigest, formatDigest } from './digest.ts';
import { createMirror } from './mirror.ts';

const key = fc.integer({ min: 0, max: 12 }).map((n) => `b:ns/s${n}/80`);
const steps = fc.array(fc.tuple(key, fc.option(fc.json(), { nil: undefined })), { maxLength: 40 });

test("an entry's digest is the first 16 bytes of the SHA-256 of its key, a space and its text", () => {
  const sum = createHash('sha256').update('b:a/b/80 {"endpoints":[]}').digest().subarray(0, 16).toString('hex');
  expect(formatDigest(entryDigest('b:a/b/80', '{"endpoints":[]}'))).toBe(sum);
  expect(formatDigest(0n)).toBe('0'.repeat(32));
});

test('the incremental digest of live data equals the digest computed from scratch, whatever the changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 6 }), async (batches) => {
      const mirror = createMirror();
      const model = new Map<string, string>();
      for (const batch of batches) {
        const last = new Map(batch);
        const sets = [...last].flatMap(([k, v]) => (v === undefined ? [] : [[k, v] as const]));
        const removes = [...last].flatMap(([k, v]) => (v === undefined ? [k] : []));
        for (const [k, v] of sets) model.set(k, v);
        for (const k of removes) model.delete(k);
        const change = await mirror.plan(sets, removes);
        mirror.apply(change);
        expect(change.digest).toBe(formatDigest(await documentDigest(model)));
        expect(mirror.digest()).toBe(change.digest);
      }
      expect(new Map(mirror.entries)).toEqual(model);
      expect(mirror.bytes()).toBe([...model].reduce((sum, [k, v]) => sum + Buffer.byteLength(`set ${k} ${v}\n`), 0));
    }),
    { numRuns: 100 },
  );
});

test('the digest of live data matches no document while a value is unknown', async () => {
  const mirror = createMirror();
  mirror.forget('b:old/s/80', true);
  expect(mirror.digest()).toBe('f'.repeat(32));
  const partial = await mirror.plan([['b:a/s/80', '{}']], []);
  expect(partial.digest).toBe('f'.repeat(32));
  mirror.apply(partial);
  const last = await mirror.plan([], ['b:old/s/80']);
  mirror.apply(last);
  expect(mirror.digest()).toBe(formatDigest(entryDigest('b:a/s/80', '{}')));
});
