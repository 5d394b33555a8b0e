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

test('a port can be reserved only once', () => {
  expect([reserve(1, folder), reserve(1, folder), reserve(2, folder)]).toEqual([true, false, true]);
});

test('a port stays reserved while its process lives, and becomes available after that', () => {
  writeFileSync(join(folder, '1'), String(process.ppid));
  expect([reserve(1, folder), reserve(1, folder)]).toEqual([false, false]);
  const { pid } = spawnSync('true');
  writeFileSync(join(folder, '2'), String(pid));
  expect([reserve(2, folder), reserve(2, folder)]).toEqual([false, true]);
});

test('simultaneous callers get different ports', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, async () => freePort()));
  expect(new Set(ports).size).toBe(100);
});
