import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { linesOf } from './growing-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidegate-growing-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('linesOf appends new lines to the same array once they are complete', () => {
  const file = join(folder, 'access.log');
  expect(linesOf(file)).toEqual([]);
  writeFileSync(file, 'one\ntw');
  const lines = linesOf(file);
  expect(lines).toEqual(['one']);
  appendFileSync(file, 'o\nthr\u00e9\n');
  expect(linesOf(file)).toBe(lines);
  expect(lines).toEqual(['one', 'two', 'thr\u00e9']);
});

test('linesOf reads a log that was replaced or shortened from its beginning', () => {
  const file = join(folder, 'error.log');
  writeFileSync(file, 'one\ntwo\n');
  expect(linesOf(file)).toEqual(['one', 'two']);
  writeFileSync(join(folder, 'next'), 'three\nfour\nfive\n');
  renameSync(join(folder, 'next'), file);
  expect(linesOf(file)).toEqual(['three', 'four', 'five']);
  writeFileSync(file, 'six\n');
  expect(linesOf(file)).toEqual(['six']);
});
