import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LiveDocument } from '../types/live.ts';
import type { StreamFile } from '../types/stream.ts';
import { endpointFiles } from './stream-endpoints.ts';
import { createStreamWriter, type StreamWriter } from './stream-files.ts';

let folder: string;
let writer: StreamWriter;
const problems: string[] = [];

function start(): StreamWriter {
  return createStreamWriter({ folder, log: (text) => problems.push(text), graceMs: 30, retryMs: 20 });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-streams-'));
  problems.length = 0;
  writer = start();
});

afterEach(async () => {
  await writer.close();
  await rm(folder, { recursive: true, force: true });
});

const FILE = { kind: 'endpoints', key: 'b:shop/db/5432', service: 'shop/db:5432', bySource: false } as const;
const STREAM_FILES = new Map([['edb', FILE]]);

function live(...addresses: readonly string[]): LiveDocument {
  return new Map([['b:shop/db/5432', JSON.stringify({ endpoints: addresses.map((address) => [address, 1, 1]) })]]);
}

interface Head {
  readonly revision: number;
  readonly total: number;
  readonly groups: readonly (readonly [string, number])[];
}

async function head(): Promise<Head> {
  return JSON.parse(await readFile(join(folder, 'edb'), 'utf8')) as Head;
}

test('writes endpoints, replaces them by a new revision, and removes old files after the grace period', async () => {
  writer.want({ live: live('10.0.0.1', '10.0.0.2'), streamFiles: STREAM_FILES });
  expect(await writer.settled()).toBeUndefined();
  const first = await head();
  const group = `edb.${first.revision}-0`;
  expect(first.groups).toEqual([[`${first.revision}-0.edb.tidegate:1`, 2]]);
  expect(await readFile(join(folder, group), 'utf8')).toBe('0a000001\n0a000002');
  expect((await stat(join(folder, 'edb'))).mode & 0o777).toBe(0o640);
  writer.want({ live: live('10.0.0.3', '10.0.0.2'), streamFiles: STREAM_FILES });
  expect(await writer.settled()).toBeUndefined();
  expect((await head()).revision).toBe(first.revision + 1);
  expect(await readdir(folder)).toContain(group);
  await expect.poll(() => readdir(folder)).not.toContain(group);
  writer.want({ live: new Map(), streamFiles: new Map() });
  await expect.poll(() => readdir(folder)).toEqual([]);
});

test('a single endpoint is an address; without endpoints, the total is 0', async () => {
  writer.want({ live: live('2001:db8::1'), streamFiles: STREAM_FILES });
  await writer.settled();
  expect((await head()).groups).toEqual([['[2001:db8::1]:1', 1]]);
  writer.want({ live: new Map(), streamFiles: STREAM_FILES });
  await writer.settled();
  expect(await head()).toMatchObject({ total: 0, groups: [] });
});

test('a file about a server name contains the endpoints that it names, and follows their changes', async () => {
  const name = `t${'0'.repeat(40)}`;
  const passed: StreamFile = { kind: 'text', text: 'edb alist', key: FILE.key };
  const streamFiles = new Map<string, StreamFile>([...STREAM_FILES, [name, passed]]);
  for (const address of ['10.0.0.1', '10.0.0.2']) {
    writer.want({ live: live(address), streamFiles });
    expect(await writer.settled()).toBeUndefined();
    expect((await head()).groups).toEqual([[`${address}:1`, 1]]);
    expect(await readFile(join(folder, name), 'utf8')).toBe(
      `edb alist\n${await readFile(join(folder, 'edb'), 'utf8')}`,
    );
  }
});

test('another process adopts equal files, and removes the others', async () => {
  writer.want({ live: live('10.0.0.1', '10.0.0.2'), streamFiles: STREAM_FILES });
  await writer.settled();
  await writer.close();
  const before = await head();
  await writeFile(join(folder, 'cold'), 'key');
  writer = start();
  writer.want({ live: live('10.0.0.1', '10.0.0.2'), streamFiles: STREAM_FILES });
  await writer.settled();
  expect(await head()).toEqual(before);
  await expect.poll(() => readdir(folder)).toEqual(['edb', `edb.${before.revision}-0`]);
});

test('a burst of changes ends with the last one', async () => {
  for (let i = 1; i <= 50; i += 1) writer.want({ live: live(`10.0.0.${i}`), streamFiles: STREAM_FILES });
  await writer.settled();
  expect((await head()).groups).toEqual([['10.0.0.50:1', 1]]);
});

test('a certificate is one file, which is removed with its entry', async () => {
  const file: StreamFile = { kind: 'certificate', key: 'c:shop/tls' };
  const document = new Map([['c:shop/tls', JSON.stringify({ chain: 'CHAIN\n', key: 'KEY\n' })]]);
  writer.want({ live: document, streamFiles: new Map([['cdb', file]]) });
  await writer.settled();
  expect(await readFile(join(folder, 'cdb'), 'utf8')).toBe('CHAIN\nKEY\n');
  writer.want({ live: new Map(), streamFiles: new Map([['cdb', file]]) });
  await expect.poll(() => readdir(folder)).toEqual([]);
});

test('a failure is reported and retried', async () => {
  await rm(folder, { recursive: true });
  writer.want({ live: live('10.0.0.1'), streamFiles: STREAM_FILES });
  expect(await writer.settled()).toMatch(/cannot be written: .*ENOENT/);
  expect(problems).toHaveLength(1);
  const { mkdir } = await import('node:fs/promises');
  await mkdir(folder);
  await expect.poll(() => readdir(folder)).toEqual(['edb']);
});

test('groups have one port each, and at most 128 addresses', () => {
  const endpoints = Array.from({ length: 300 }, (_, i) => [`10.0.${i >> 8}.${i & 255}`, i < 299 ? 80 : 81, 1] as const);
  const { head: text, groups } = endpointFiles('e', { service: 'a/b:1', bySource: false }, { endpoints }, 7);
  expect((JSON.parse(text) as Head).groups).toEqual([
    ['7-0.e.tidegate:80', 100],
    ['7-1.e.tidegate:80', 100],
    ['7-2.e.tidegate:80', 99],
    ['10.0.1.43:81', 1],
  ]);
  expect([...groups.keys()]).toEqual(['e.7-0', 'e.7-1', 'e.7-2']);
});

test('with affinity, every endpoint is listed with a number that depends only on itself', () => {
  const sources = (...addresses: readonly string[]) => {
    const endpoints = addresses.map((address) => [address, 80, 1] as const);
    const { head: text } = endpointFiles('e', { service: 'a/b:1', bySource: true }, { endpoints }, 1);
    return (JSON.parse(text) as { readonly sources: readonly (readonly [string, number])[] }).sources;
  };
  const [first, second] = sources('10.0.0.1', '10.0.0.2');
  expect(first?.[0]).toBe('10.0.0.1:80');
  expect(sources('10.0.0.2')).toEqual([second]);
});

test('with affinity and many endpoints, there are lists of some fifty, and an endpoint that leaves moves no other', () => {
  const all = Array.from({ length: 3000 }, (_, i) => [`10.0.${i >> 8}.${i & 255}`, 80, 1] as const);
  const listsOf = (endpoints: typeof all) => {
    const { head: text, groups } = endpointFiles('e', { service: 'a/b:1', bySource: true }, { endpoints }, 7);
    expect(JSON.parse(text)).toEqual({ service: 'a/b:1', revision: 7, total: endpoints.length, sources: 64 });
    expect([...groups.keys()].slice(0, 2)).toEqual(['e.7-s0', 'e.7-s1']);
    return [...groups.values()].map((list) => JSON.parse(list) as readonly unknown[]);
  };
  const lists = listsOf(all);
  expect(lists.flat()).toHaveLength(3000);
  expect(Math.max(...lists.map((list) => list.length))).toBeLessThan(100);
  const fewer = listsOf(all.slice(1));
  expect(fewer.filter((list, index) => list.length !== lists[index]?.length)).toHaveLength(1);
});
