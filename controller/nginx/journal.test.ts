import * as fc from 'fast-check';
import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatBatch } from './batch.ts';
import { untilHolds } from './fixtures/run-folder.ts';
import { createJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { createMirror } from './mirror.ts';
import type { LiveDataMirror } from './mirror.ts';
import { replayFile, replayLines } from './replay.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function journalOf(mirror: LiveDataMirror, path: string, problems: string[] = []): Journal {
  return createJournal({
    path,
    snapshot: () => ({ entries: [...mirror.entries], revision: mirror.revision, digest: mirror.digest() }),
    liveBytes: () => mirror.bytes(),
    log: (problem) => problems.push(problem),
    retryMs: 50,
  });
}

async function change(
  mirror: LiveDataMirror,
  journal: Journal,
  sets: readonly (readonly [string, string])[],
  removes: readonly string[] = [],
): Promise<void> {
  const planned = await mirror.plan(sets, removes);
  const body = formatBatch({ base: mirror.revision, ...planned });
  mirror.apply(planned);
  mirror.revision += 1;
  journal.append(body);
}

test('reading live.data gives the current document, whether the file was extended or rewritten', async () => {
  const key = fc.integer({ min: 0, max: 8 }).map((n) => `r:${n}`);
  const step = fc.record({
    sets: fc.dictionary(key, fc.json(), { maxKeys: 4 }),
    remove: key,
    whole: fc.boolean(),
    flush: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const path = join(folder, 'live.data');
      const mirror = createMirror();
      const journal = journalOf(mirror, path);
      journal.rewrite();
      for (const { sets, remove, whole, flush } of steps) {
        await change(mirror, journal, Object.entries(sets), remove in sets ? [] : [remove]);
        if (whole) journal.rewrite();
        if (flush) await journal.flush();
      }
      expect(await journal.flush()).toBe(true);
      const replayed = await replayFile(path);
      expect(replayed?.document).toEqual(new Map(mirror.entries));
      expect(replayed?.revision).toBe(mirror.revision);
    }),
    { numRuns: 40 },
  );
});

test('other users cannot read live.data, because the file contains private keys', async () => {
  const journal = journalOf(createMirror(), join(folder, 'live.data'));
  expect(await journal.flush()).toBe(true);
  expect((await stat(join(folder, 'live.data'))).mode & 0o777).toBe(0o600);
});

test('live.data is rewritten when it exceeds both 1 MiB and twice the size of its document', async () => {
  const path = join(folder, 'live.data');
  const mirror = createMirror();
  const journal = journalOf(mirror, path);
  await journal.flush();
  const value = JSON.stringify('x'.repeat(100_000));
  let largest = 0;
  for (let round = 0; round < 30; round += 1) {
    await change(mirror, journal, [['c:a/b', value.replace('x', String(round % 10))]]);
    await journal.flush();
    largest = Math.max(largest, (await stat(path)).size);
  }
  expect(largest).toBeGreaterThan(900_000);
  expect(largest).toBeLessThan(1_400_000);
  expect((await replayFile(path))?.document.get('c:a/b')).toBe(mirror.entries.get('c:a/b'));
});

describe('a disk that fails', () => {
  test('is reported once, and the file is complete as soon as the disk works again', async () => {
    const path = join(folder, 'gone', 'live.data');
    const problems: string[] = [];
    const mirror = createMirror();
    const journal = journalOf(mirror, path, problems);
    expect(await journal.flush()).toBe(false);
    await change(mirror, journal, [['b:a/b/80', '{"endpoints":[]}']]);
    expect(await journal.flush()).toBe(false);
    await mkdir(join(folder, 'gone'));
    await untilHolds('the file', async () => (await replayFile(path))?.document.size === 1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('ENOENT');
    await journal.close();
  });

  test.runIf(process.getuid?.() === 0)(
    'is reported if no space is left, and the complete file is written when there is space again',
    async () => {
      const path = join(folder, 'live.data');
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder]);
      try {
        const problems: string[] = [];
        const mirror = createMirror();
        const journal = journalOf(mirror, path, problems);
        await change(mirror, journal, [['c:small', '{}']]);
        expect(await journal.flush()).toBe(true);
        await writeFile(join(folder, 'filler'), Buffer.alloc(100_000));
        await change(mirror, journal, [['c:large', JSON.stringify('k'.repeat(60_000))]]);
        expect(await journal.flush()).toBe(false);
        expect(problems[0]).toContain('ENOSPC');
        expect(problems[0]).not.toContain('kkk');
        await rm(join(folder, 'filler'));
        await untilHolds('the file', async () => (await replayFile(path))?.document.size === 2);
        await journal.close();
      } finally {
        await execa('umount', [folder]);
      }
    },
  );
});

describe('a live.data that cannot be trusted', () => {
  const good = 'tidegate-live 1\nbegin 0\nset b:a/b/80 {}\nend 7 0123456789abcdef0123456789abcdef\n';
  test('has a truncated batch, a gap between revisions or a wrong first line', () => {
    expect(replayLines(good)?.revision).toBe(7);
    expect(replayLines(`${good}begin 7\ndel b:a/b/80\nend 8 ${'0'.repeat(32)}\n`)?.document.size).toBe(0);
    expect(replayLines(`${good}begin 7\nset b:a/b/80 {}\n`)).toBeUndefined();
    expect(replayLines(`${good}begin 8\nend 9 ${'0'.repeat(32)}\n`)).toBeUndefined();
    expect(replayLines(good.replace('live 1', 'live 2'))).toBeUndefined();
    expect(replayLines(good.slice(0, -1))).toBeUndefined();
  });

  test('has a digest that does not match its content', async () => {
    const path = join(folder, 'live.data');
    await writeFile(path, good);
    expect(await replayFile(path)).toBeUndefined();
    await writeFile(path, `tidegate-live 1\nbegin 0\nend 3 ${'0'.repeat(32)}\n`);
    expect((await replayFile(path))?.revision).toBe(3);
  });

  test('is rewritten completely if it was deleted, instead of being appended to', async () => {
    const path = join(folder, 'live.data');
    const mirror = createMirror();
    const journal = journalOf(mirror, path);
    await journal.flush();
    await rm(path);
    await change(mirror, journal, [['b:a/b/80', '{}']]);
    await untilHolds('the whole file', async () => (await replayFile(path))?.document.size === 1);
    expect(await readFile(path, 'utf8')).toContain('begin 0\nset b:a/b/80 {}\nend 1 ');
    await journal.close();
  });
});
