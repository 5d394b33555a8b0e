import { expect, test } from 'vitest';
import { decodedBytesOf } from '../../types/left-out.ts';
import { withoutExcess } from './without-excess.ts';

test('an entry of a Secret that is too long is replaced by its length, and other entries are unchanged', () => {
  const data = { 'tls.crt': 'A'.repeat(104), 'tls.key': 'B'.repeat(100) };
  const kept = withoutExcess(data, 100) as typeof data;
  expect(kept['tls.crt'].length).toBeLessThan(10);
  expect(decodedBytesOf(kept['tls.crt'])).toBe(78);
  expect(kept['tls.key']).toBe(data['tls.key']);
});

test('an entry that was already replaced by its length still has the same length', () => {
  const once = withoutExcess({ auth: 'A'.repeat(400) }, 100) as { auth: string };
  expect(decodedBytesOf((withoutExcess(once, 100) as { auth: string }).auth)).toBe(300);
});

test('the same object is returned if no entry is too long', () => {
  const data = { auth: 'A'.repeat(100) };
  expect(withoutExcess(data, 100)).toBe(data);
});
