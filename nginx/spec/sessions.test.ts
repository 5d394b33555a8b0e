/** Lua adds up the lines about sessions that NGINX writes, whatever the files contain. */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { measuresText, widthOf } from '../../controller/types/request-metrics.ts';
import { SESSION_BOUNDS_TEXT } from '../../controller/types/session-metrics.ts';
import { readCountReport } from '../../controller/report/request-metrics/count-report.ts';
import { askFor, MEASURES } from './counted.ts';
import { type Fixture, startFixture, until } from './fixture.ts';

const DIGEST = createHash('md5').update(measuresText(MEASURES)).digest('hex');
const DB = 'TCP/5432/shop/db/5432';
const PERIOD_MS = 5000;

let nginx: Fixture;
let received = '';
/** The sums of `<entry> <status>`. */
let sums: Record<string, readonly number[]> = {};
let refused = 0;
let dropped = 0;

async function fetch(): Promise<void> {
  const { epoch, reports } = await askFor(nginx, received);
  const last = reports.at(-1);
  if (last !== undefined) received = `?epoch=${epoch}&after=${last.number}`;
  for (const { text } of reports) {
    const result = readCountReport(text, {
      digest: DIGEST,
      width: widthOf(MEASURES),
      native: undefined,
      add: () => undefined,
      addReason: () => undefined,
      addEvent: () => undefined,
      addSessions: (entry, status, numbers) => {
        const before = sums[`${entry} ${status}`] ?? [];
        sums[`${entry} ${status}`] = numbers.map((number, at) => number + (before[at] ?? 0));
      },
    });
    refused += result.refused;
    dropped += result.dropped;
  }
}

function sessions(key = `${DB} 200`): number {
  return sums[key]?.[0] ?? 0;
}

async function reach(what: string, isReached: () => boolean): Promise<void> {
  await until(what, async () => {
    await fetch();
    return isReached() ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify({ sums, refused, dropped })}\n${nginx.errorLog()}`);
  });
}

function path(index: number): string {
  return join(nginx.run, `run/sessions.${index}`);
}

/** Writes to the file that NGINX would use now. */
function write(text: string): void {
  appendFileSync(path(Math.floor(Date.now() / PERIOD_MS) % 2), text);
}

function line(milliseconds = 5, status = 200): string {
  return `${DB} ${status} 10 20 ${Math.floor(milliseconds / 1000)}.${String(milliseconds % 1000).padStart(3, '0')} 0.001\n`;
}

beforeAll(async () => {
  nginx = await startFixture({
    metrics: measuresText(MEASURES),
    init: `sessions = "sessions", session_bounds = "${SESSION_BOUNDS_TEXT}"`,
  });
});
beforeEach(() => {
  sums = {};
  refused = 0;
  dropped = 0;
});
afterAll(() => nginx?.stop());

it('adds up numbers, durations by bucket, and retries', async () => {
  write(line(10) + line(11) + line(90_000_000));
  write(`${DB} 502 0 0 1.500 -, -, 0.002\n${DB} 502 0 0 0.000 -\n`);
  write('TLS/t0123456789abcdef/e0123456789abcdef 200 1 999999999999999 0.000 0.000\n');
  await reach('six sessions', () => sessions() === 3 && sessions(`${DB} 502`) === 2);
  expect(sums[`${DB} 200`]).toEqual([3, 30, 60, 0, 90_000_021, 1, 1, 0, 0, 0, 0, 0, 0, 1]);
  expect(sums[`${DB} 502`]).toEqual([2, 0, 0, 2, 1500, 1, 0, 0, 1, 0, 0, 0, 0, 0]);
  expect(sums['TLS/t0123456789abcdef/e0123456789abcdef 200']?.[2]).toBe(999_999_999_999_999);
  expect([refused, dropped]).toEqual([0, 0]);
});

/** Lines, and how many of them are refused: a line that is longer than a slice is read in several. */
const REFUSED: Readonly<Record<string, readonly [text: string, count: number]>> = {
  'an unknown format': ['nonsense\n', 1],
  'a quote in the entry': [`TCP/1/a"b/c/1 200 1 1 0.001 -\n`, 1],
  'a negative number': [`${DB} 200 -1 1 0.001 -\n`, 1],
  'a missing number': [`${DB} 200 1 0.001 -\n`, 1],
  'an exponent': [`${DB} 200 1e9 1 0.001 -\n`, 1],
  'a status of four digits': [`${DB} 2000 1 1 0.001 -\n`, 1],
  'a status that does not exist': [`${DB} 999 1 1 0.001 -\n`, 1],
  'control characters': [`${DB} 200 1 1 0.001 \u0000\u0001\u00ff\n`, 1],
  'a line of 200 KB': [`${'x'.repeat(200_000)}\n`, 4],
  'a very long entry': [`TCP/${'a'.repeat(5000)} 200 1 1 0.001 -\n`, 1],
  'an empty line': ['\n', 1],
  'a line that ends after the status': [`${DB} 200\n`, 1],
  'a line that ends after a number': [`${DB} 200 1 \n`, 1],
  'two decimals': [`${DB} 200 1 1 0.01 -\n`, 1],
  'four decimals': [`${DB} 200 1 1 0.0011 -\n`, 1],
  'no connect time': [`${DB} 200 1 1 0.001 \n`, 1],
  'a letter at the end': [`${DB} 200 1 1 0.001 -, x\n`, 1],
  'an empty entry': [' 200 1 1 0.001 -\n', 1],
  'numbers beyond what is exact': [`${DB} 201 99999999999999999999 1 0.001 -\n`, 1],
};

it('invalid lines are refused, and the others are counted', async () => {
  const bad = Object.values(REFUSED);
  for (const [text] of bad) write(line() + text + line());
  const total = bad.reduce((sum, [, count]) => sum + count, 0);
  await reach('all sessions', () => sessions() === 2 * bad.length && refused >= total);
  await sleep(1200);
  await fetch();
  expect([sessions(), refused, dropped, Object.keys(sums)]).toEqual([2 * bad.length, total, 0, [`${DB} 200`]]);
});

it('a line that is written in two parts is counted once', async () => {
  const [start, end] = [line().slice(0, 12), line().slice(12)];
  // Both parts go to the same file.
  const at = Math.floor(Date.now() / PERIOD_MS) % 2;
  appendFileSync(path(at), line() + start);
  await reach('one session', () => sessions() === 1);
  await sleep(1200);
  appendFileSync(path(at), end);
  await reach('two sessions', () => sessions() === 2);
  expect(refused).toBe(0);
});

it('counts very many lines, beyond a limit only how many there were, and empties the files', async () => {
  const block = line().repeat(20_000);
  const total = 800_000;
  for (let i = 0; i < total / 20_000; i += 1) write(block);
  await reach('all lines are counted', () => sessions() + dropped === total);
  await until(
    'the files are empty',
    () => (statSync(path(0)).size + statSync(path(1)).size === 0 ? true : undefined),
    15_000,
  );
  expect(sessions()).toBeGreaterThan(50_000);
  expect(dropped).toBeGreaterThan(0);
  write(line().repeat(100));
  const before = sessions();
  await reach('lines are counted after that', () => sessions() === before + 100);
}, 60_000);

it('many entries do not fill the memory', async () => {
  const entries = Array.from({ length: 10_000 }, (_, i) => `TCP/1/a/${i}/1 200 1 1 0.001 -\n`);
  write(entries.join(''));
  await reach('all are counted or dropped', () => Object.keys(sums).length + dropped === 10_000);
  expect(Object.keys(sums).length).toBeGreaterThanOrEqual(4000);
});

it('files that somebody empties or removes are read again, after a reload at the latest', async () => {
  write(line().repeat(10));
  await reach('ten sessions', () => sessions() === 10);
  for (const index of [0, 1]) truncateSync(path(index));
  write(line().repeat(5));
  await reach('five more', () => sessions() === 15);
  for (const index of [0, 1]) rmSync(path(index));
  await nginx.reload();
  write(line().repeat(7));
  await reach('seven more', () => sessions() === 22);
  expect(readFileSync(path(0), 'utf8') + readFileSync(path(1), 'utf8')).toContain(DB);
});
