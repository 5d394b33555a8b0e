import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSurrogateFilter } from './surrogate-filter.ts';

function through(json: string, lengths: readonly number[]): string {
  const filter = createSurrogateFilter();
  const bytes = Buffer.from(json);
  const parts: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    parts.push(Uint8Array.from(filter.push(bytes.subarray(at, at + length))));
    at += length;
  }
  return Buffer.concat(parts).toString();
}

test('every lone surrogate becomes U+FFFD, and nothing else changes, however the bytes are split', () => {
  const unit = fc.oneof(
    fc.constantFrom('\ud800', '\udc00', '\udbff', '\udfff', '😀', '\\', '\\ud800', '"', 'u', 'é', '\n'),
    fc.string(),
  );
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(unit), lengths, fc.boolean(), (parts, chunks, escapes) => {
      const text = parts.join('');
      const json = JSON.stringify({ [text]: [text, 1] });
      const written = escapes
        ? json.replace(/[^\u0020-\u007e]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : json;
      const good = text.toWellFormed();
      expect(Object.entries(JSON.parse(through(written, chunks)) as object)).toEqual([[good, [good, 1]]]);
    }),
    { numRuns: 2000 },
  );
});

test('the bytes of a chunk stay as they are', () => {
  const chunk = Buffer.from('"\\ud800"');
  expect(Buffer.from(createSurrogateFilter().push(chunk)).toString()).toBe('"\\ufffd"');
  expect(chunk.toString()).toBe('"\\ud800"');
});
