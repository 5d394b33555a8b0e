import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, reserve } from './port.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-ports-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('reserve returns false for a port that is already reserved', () => {
  expect([reserve(1, folder), reserve(1, folder), reserve(2, folder)]).toEqual([true, false, true]);
});

test('a port stays reserved while its process lives, and can be reserved again after the process has ended', () => {
  writeFileSync(join(folder, '1'), String(process.ppid));
  expect([reserve(1, folder), reserve(1, folder)]).toEqual([false, false]);
  const { pid } = spawnSync('true');
  writeFileSync(join(folder, '2'), String(pid));
  expect([reserve(2, folder), reserve(2, folder)]).toEqual([false, true]);
});

test('freePort returns different ports to simultaneous callers', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, async () => freePort()));
  expect(new Set(ports).size).toBe(100);
});
