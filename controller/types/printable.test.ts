import { expect, test } from 'vitest';
import { printable, printableLines } from './printable.ts';

test('control characters, C1 included, and characters that are invisible or change the direction are escaped', () => {
  expect(printable('a\u001b[2J\r\n\u009b31m\u202egpj\u200b\ufeff\u007f')).toBe(
    'a\\x1b[2J\\x0d\\x0a\\x9b31m\\u202egpj\\u200b\\ufeff\\x7f',
  );
  expect(printable('Übermut 日本 – “x” 🙂')).toBe('Übermut 日本 – “x” 🙂');
});

test('line feeds and tabs of text with several lines stay', () => {
  expect(printableLines('a\n\tb\u001b')).toBe('a\n\tb\\x1b');
});
