import * as fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { documentDigest, formatDigest } from './digest.ts';
import { fakeLiveApi } from './fixtures/fake-live-api.ts';
import type { FakeLiveApi } from './fixtures/fake-live-api.ts';
import { until } from './fixtures/run-folder.ts';
import { createJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { createLiveApi } from './live-api.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { createMirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import { createPusher } from './pusher.ts';
import type { Pusher } from './pusher.ts';
import { replayFile } from './replay.ts';
import type { Replay } from './replay.ts';

let fake: FakeLiveApi;
let api: LiveApi;
let mirror: Mirror;
let pusher: Pusher;
let folder: string;
let problems: string[];
/** How long removals wait for older workers. */
let longestMs: number;

const journals: Journal[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-pusher-'));
  fake = await fakeLiveApi();
  connect(true);
});
afterEach(async () => {
  await pusher.disconnect('the test is over');
  await api.close();
  await fake.close();
  await closeJournals();
  await rm(folder, { recursive: true, force: true });
});

/** One that still writes would put an older document in the place of a newer one. */
async function closeJournals(): Promise<void> {
  for (const journal of journals.splice(0)) await journal.close();
}

function connect(complete: boolean, graceMs = 60, giveUpMs = 400): void {
  api = createLiveApi(fake.socket, 300);
  mirror = createMirror();
  problems = [];
  longestMs = 60_000;
  const journal = createJournal({
    path: join(folder, 'live.data'),
    snapshot: () => ({ entries: [...mirror.entries], revision: mirror.revision, digest: mirror.digest() }),
    liveBytes: () => mirror.bytes(),
    log: (problem) => problems.push(problem),
    retryMs: 50,
  });
  journals.push(journal);
  journal.rewrite();
  pusher = createPusher({
    api,
    mirror,
    journal,
    graceMs,
    giveUpMs,
    longestMs: () => longestMs,
    log: (problem) => problems.push(problem),
  });
  pusher.connect(complete);
}

/** The `set` and `del` lines of one delta, without values. */
function keysOf(body: string | undefined): string[] {
  return (body ?? '')
    .split('\n')
    .slice(1, -2)
    .map((line) => line.split(' ').slice(0, 2).join(' '));
}

async function expectAgreement(): Promise<void> {
  // What NGINX has done is known here only once its answer has arrived.
  await until('the last answer', () => fake.revision === mirror.revision);
  expect(fake.document).toEqual(new Map(mirror.entries));
  expect(fake.digest).toBe(formatDigest(await documentDigest(fake.document)));
  expect(fake.revision).toBe(mirror.revision);
}

describe('batches', () => {
  test('what arrives while one is in flight goes into the next one, what is referred to first', async () => {
    fake.delayMs = 30;
    const first = pusher.push({ set: [['b:a/first/80', '{}']], remove: [] });
    const second = pusher.push({
      set: [
        ['r:1', '{"v":1}'],
        ['n:x.example.com', '"a/tls"'],
      ],
      remove: [],
    });
    const third = pusher.push({
      set: [
        ['r:1', '{"v":2}'],
        ['c:a/tls', '{}'],
        ['b:a/second/80', '{}'],
        ['g:settings', '{}'],
      ],
      remove: [],
    });
    expect(await first).toMatchObject({ kind: 'live', set: 1, revision: 1 });
    expect(await second).toMatchObject({ kind: 'live', set: 2, revision: 2 });
    expect(await third).toMatchObject({ kind: 'live', set: 4, revision: 2 });
    expect(fake.taken.map(keysOf)).toEqual([
      ['set b:a/first/80'],
      ['set g:settings', 'set c:a/tls', 'set b:a/second/80', 'set n:x.example.com', 'set r:1'],
    ]);
    expect(fake.document.get('r:1')).toBe('{"v":2}');
    await expectAgreement();
  });

  test('nothing is sent for what NGINX has', async () => {
    await pusher.push({ set: [['r:1', '{}']], remove: [] });
    expect(await pusher.push({ set: [['r:1', '{}']], remove: ['r:2'] })).toEqual({ kind: 'none' });
    expect(fake.asked).toBe(1);
  });

  test('a value that is on its way is waited for, not sent twice', async () => {
    fake.delayMs = 30;
    const first = pusher.push({ set: [['r:1', '{}']], remove: [] });
    const same = pusher.push({ set: [['r:1', '{}']], remove: [] });
    const drained = pusher.drained();
    expect(await first).toMatchObject({ kind: 'live', set: 1 });
    expect(await same).toMatchObject({ kind: 'live', set: 1 });
    expect(await drained).toBeUndefined();
    expect(fake.asked).toBe(1);
  });

  test('a document is looked through in slices, and what is pushed meanwhile goes out before', async () => {
    /** One that takes long to go through, as 10,000 hosts do. */
    class Slow extends Map<string, string> {
      override *[Symbol.iterator](): MapIterator<[string, string]> {
        for (const entry of super[Symbol.iterator]()) {
          for (const from = performance.now(); performance.now() - from < 1;);
          yield entry;
        }
      }
    }
    const document = new Slow(Array.from({ length: 100 }, (_, n) => [`r:${n}`, '{}'] as const));
    const order: string[] = [];
    const missing = pusher.pushMissing(document).then((outcome) => {
      order.push('document');
      return outcome;
    });
    await pusher.push({ set: [['b:a/s/80', '{}']], remove: [] });
    order.push('endpoints');
    expect(await missing).toMatchObject({ kind: 'live', set: 100 });
    expect(order).toEqual(['endpoints', 'document']);
    await expectAgreement();
  });

  test('large documents go in parts below 1 MiB, in order', async () => {
    const set = [
      ...Array.from({ length: 40 }, (_, n) => [`r:${n}`, JSON.stringify('r'.repeat(20_000))] as const),
      ...Array.from({ length: 40 }, (_, n) => [`b:a/s${n}/80`, JSON.stringify('b'.repeat(20_000))] as const),
    ];
    expect(await pusher.push({ set, remove: [] })).toMatchObject({ kind: 'live', set: 80 });
    expect(fake.taken.length).toBeGreaterThan(4);
    expect(Math.max(...fake.taken.map((body) => body.length))).toBeLessThan(1024 * 1024);
    const order = fake.taken.flatMap(keysOf).map((line) => line.slice(4, 5));
    expect(order.join('')).toBe('b'.repeat(40) + 'r'.repeat(40));
    await expectAgreement();
  });

  test('a value too large for a body is left out and said once, and takes no other along', async () => {
    await pusher.push({ set: [['c:a/large', '{"was":"here"}']], remove: [] });
    const secret = JSON.stringify('s'.repeat(1_100_000));
    const set = [['c:a/large', secret] as const, ['c:a/small', '{}'] as const];
    expect(await pusher.push({ set, remove: [] })).toMatchObject({ kind: 'live', set: 1 });
    expect(await pusher.push({ set, remove: [] })).toEqual({ kind: 'none' });
    expect(await pusher.pushMissing(new Map([...set, ['r:1', '{}']]))).toMatchObject({ kind: 'live', set: 1 });
    expect(problems).toEqual([expect.stringContaining('c:a/large')]);
    expect(problems.join()).not.toContain('ssss');
    expect(fake.document).toEqual(
      new Map([
        ['c:a/large', '{"was":"here"}'],
        ['c:a/small', '{}'],
        ['r:1', '{}'],
      ]),
    );
  });
});

async function stateNow(): Promise<LiveState> {
  const answer = await api.state();
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

describe('removals', () => {
  test('wait for the grace period and go from what refers to what is referred to', async () => {
    await pusher.push({
      set: [
        ['b:a/s/80', '{}'],
        ['r:1', '{}'],
        ['n:_', '"_"'],
      ],
      remove: [],
    });
    const outcome = await pusher.push({ set: [], remove: ['b:a/s/80', 'r:1', 'n:_'] });
    expect(outcome).toMatchObject({ kind: 'live', set: 0, removed: 3 });
    await sleep(20);
    expect(fake.document.size).toBe(3);
    await until('the removals and their answer', () => fake.document.size === 0 && [...mirror.entries].length === 0);
    expect(keysOf(fake.taken.at(-1))).toEqual(['del r:1', 'del n:_', 'del b:a/s/80']);
    await expectAgreement();
  });

  test('do not happen to a key that is set again, even to the same value', async () => {
    await pusher.push({
      set: [
        ['r:1', '{}'],
        ['r:2', '{}'],
        ['r:3', '{}'],
      ],
      remove: [],
    });
    await pusher.push({ set: [], remove: ['r:1', 'r:2', 'r:3'] });
    await pusher.push({ set: [['r:1', '{}']], remove: [] });
    pusher.keep(new Map([['r:2', '{}']]));
    await until('the removal', () => fake.document.size === 2);
    await sleep(100);
    expect([...fake.document.keys()]).toEqual(['r:1', 'r:2']);
  });

  test('wait for workers that are older than the wish, and for no younger ones', async () => {
    await pusher.push({ set: [['r:1', '{}']], remove: [] });
    fake.generations = [1, 2, 2];
    pusher.seen(await stateNow());
    await pusher.push({ set: [], remove: ['r:1'] });
    await sleep(200);
    expect([...fake.document.keys()]).toEqual(['r:1']);
    fake.generations = [2, 2, 3];
    await until('the removal', () => fake.document.size === 0);
    await expectAgreement();
  });

  test('wait for older workers no longer than they may live', async () => {
    longestMs = 300;
    await pusher.push({ set: [['r:1', '{}']], remove: [] });
    fake.generations = [1, 2];
    pusher.seen(await stateNow());
    await pusher.push({ set: [], remove: ['r:1'] });
    await sleep(150);
    expect([...fake.document.keys()]).toEqual(['r:1']);
    await until('the removal', () => fake.document.size === 0);
    expect(fake.generations).toEqual([1, 2]);
  });

  test('do not wait for numbers of an NGINX that counts anew', async () => {
    await pusher.push({ set: [['r:1', '{}']], remove: [] });
    fake.generations = [7, 8];
    pusher.seen(await stateNow());
    await pusher.push({ set: [], remove: ['r:1'] });
    fake.generations = [1];
    await until('the removal', () => fake.document.size === 0);
    expect(fake.document.size).toBe(0);
  });

  test('that are on their way when the key is set again are followed by the set', async () => {
    await pusher.push({ set: [['r:1', '{}']], remove: [] });
    await pusher.push({ set: [], remove: ['r:1'] });
    fake.delayMs = 40;
    const asked = fake.asked;
    await until('the removal to be under way', () => fake.asked > asked);
    expect(await pusher.push({ set: [['r:1', '{}']], remove: [] })).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.document.get('r:1')).toBe('{}');
    await expectAgreement();
  });
});

describe('trouble', () => {
  test('an answer that got lost is found out about, and nothing is sent twice', async () => {
    let losses = 1;
    fake.fault = () => (losses-- > 0 ? 'lose-answer' : undefined);
    expect(await pusher.push({ set: [['r:1', '{}']], remove: [] })).toEqual({ kind: 'none' });
    expect(fake.taken).toHaveLength(1);
    await expectAgreement();
  });

  test('another writer: only what differs is sent, what nobody asked for goes after the grace period', async () => {
    await pusher.push({
      set: [
        ['r:1', '{}'],
        ['r:2', '{}'],
      ],
      remove: [],
    });
    fake.document.set('r:1', '"theirs"').set('b:their/s/80', '{}');
    fake.revision += 5;
    expect(await pusher.push({ set: [['r:3', '{}']], remove: [] })).toMatchObject({ kind: 'live', set: 1 });
    expect(keysOf(fake.taken.at(-1))).toEqual(['set r:3', 'set r:1']);
    expect(fake.document.get('r:1')).toBe('{}');
    expect(fake.digest).toBe('f'.repeat(32));
    await until('the removal', () => !fake.document.has('b:their/s/80'));
    await expectAgreement();
    await until('the journal', async () => (await replayFile(join(folder, 'live.data')))?.revision === fake.revision);
  });

  test('a lost dictionary is filled again', async () => {
    await pusher.push({
      set: [
        ['r:1', '{}'],
        ['b:a/s/80', '{}'],
      ],
      remove: [],
    });
    fake.document.clear();
    fake.revision = 0;
    fake.digest = '0'.repeat(32);
    const state = await api.state();
    if (!state.ok) throw new Error(state.message);
    pusher.verify(state.value);
    await until('the document', () => fake.document.size === 2);
    await expectAgreement();
  });

  test('busy and cut connections are tried again', async () => {
    connect(true, 60, 5000);
    const faults = [{ status: 503, error: 'busy' }, 'cut', 'hang'] as const;
    fake.fault = () => faults[fake.asked - 1];
    expect(await pusher.push({ set: [['r:1', '{}']], remove: [] })).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.asked).toBe(4);
  });

  test('one key that NGINX refuses does not keep the others out', async () => {
    fake.fault = (body) => (body.includes('set r:13 ') ? { status: 400, error: 'malformed' } : undefined);
    const fine = pusher.push({ set: Array.from({ length: 13 }, (_, n) => [`r:${n}`, '{}'] as const), remove: [] });
    const bad = pusher.push({ set: Array.from({ length: 10 }, (_, n) => [`r:${n + 13}`, '{}'] as const), remove: [] });
    expect(await fine).toMatchObject({ kind: 'live', set: 13 });
    expect(await bad).toMatchObject({ kind: 'failed', message: expect.stringContaining('r:13') as string });
    expect(fake.document.size).toBe(22);
    expect(fake.asked).toBeLessThan(16);
    await expectAgreement();
  });

  test('a full dictionary is not asked for every key', async () => {
    fake.fault = () => ({ status: 507, error: 'no-space' });
    const outcome = await pusher.push({
      set: Array.from({ length: 200 }, (_, n) => [`r:${n}`, '{}'] as const),
      remove: [],
    });
    expect(outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no-space') as string,
      others: 'taken',
    });
    expect(fake.asked).toBeLessThan(30);
  });

  test('what needs no more space gets through a full dictionary', async () => {
    await pusher.push({ set: [['b:a/first/80', '{"v":1111}']], remove: [] });
    fake.fault = (body) => (body.includes('set r:') ? { status: 507, error: 'no-space' } : undefined);
    const growth = pusher.push({
      set: Array.from({ length: 200 }, (_, n) => [`r:${n}`, '{}'] as const),
      remove: [],
    });
    const endpoints = pusher.push({ set: [['b:a/first/80', '{"v":2}']], remove: [] });
    expect(await growth).toMatchObject({ kind: 'failed', others: 'taken' });
    expect(await endpoints).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.document).toEqual(new Map([['b:a/first/80', '{"v":2}']]));
  });

  test('keys that NGINX refuses keep nothing else waiting', async () => {
    fake.fault = (body) => (body.includes('r:bad') ? { status: 507, error: 'no-space' } : undefined);
    const document = new Map([
      ['r:bad', '{}'],
      ['r:good', '{}'],
    ]);
    expect(await pusher.pushMissing(document)).toMatchObject({ kind: 'failed', others: 'taken' });
    expect(await pusher.drained()).toBeUndefined();
    expect([...fake.document.keys()]).toEqual(['r:good']);
  });

  test('after a while the caller is told, and it gets there nevertheless', async () => {
    let down = true;
    fake.fault = () => (down ? 'cut' : undefined);
    expect(await pusher.push({ set: [['r:1', '{}']], remove: [] })).toMatchObject({ kind: 'failed' });
    expect(problems).toHaveLength(1);
    down = false;
    await until('the set', () => fake.document.has('r:1'));
    await expectAgreement();
  });

  test('an NGINX that ended fails what waits', async () => {
    fake.fault = () => 'hang';
    const waiting = pusher.push({ set: [['r:1', '{}']], remove: [] });
    await until('the request', () => fake.asked === 1);
    const later = pusher.push({ set: [['r:2', '{}']], remove: [] });
    await pusher.disconnect('NGINX ended');
    expect(await waiting).toMatchObject({ kind: 'failed', message: 'NGINX ended' });
    expect(await later).toMatchObject({ kind: 'failed', message: 'NGINX ended' });
    expect(await pusher.push({ set: [], remove: [] })).toMatchObject({ kind: 'failed', message: 'NGINX ended' });
  });
});

describe('resync', () => {
  test('of an NGINX whose values are not known sends what differs only', async () => {
    fake.document.set('r:1', '{}').set('r:2', '"old"').set('r:9', '{}');
    fake.revision = 41;
    connect(false);
    expect(
      await pusher.resync(
        new Map([
          ['r:1', '{}'],
          ['r:2', '{}'],
          ['r:3', '{}'],
        ]),
      ),
    ).toMatchObject({ kind: 'live', set: 2 });
    expect(fake.taken.map(keysOf)).toEqual([['set r:2', 'set r:3']]);
    await until('the removal', () => !fake.document.has('r:9'));
    await expectAgreement();
  });

  test('of equal values only puts the digest right', async () => {
    fake.document.set('r:1', '{}');
    fake.revision = 41;
    connect(false);
    expect(await pusher.resync(new Map([['r:1', '{}']]))).toEqual({ kind: 'none' });
    await until('the digest', () => fake.revision === 42);
    expect(fake.taken.map(keysOf)).toEqual([[]]);
    await expectAgreement();
  });

  test('a push before it removes nothing', async () => {
    fake.document.set('r:1', '{}').set('r:2', '{}');
    fake.revision = 41;
    connect(false);
    await pusher.push({ set: [['b:a/s/80', '{}']], remove: [] });
    await sleep(120);
    expect([...fake.document.keys()]).toEqual(['r:1', 'r:2', 'b:a/s/80']);
    expect(
      await pusher.resync(
        new Map([
          ['r:1', '{}'],
          ['b:a/s/80', '{}'],
        ]),
      ),
    ).toMatchObject({ removed: 1 });
    await until('the removal', () => fake.document.size === 2);
    await expectAgreement();
  });
});

test('whatever is asked for in whatever order, and whatever fails: NGINX ends up with it, and so does the file', async () => {
  const key = fc.constantFrom('g:settings', 'c:a/t', 'b:a/s/80', 'n:a', 'r:1', 'r:2');
  const step = fc.record({
    set: fc.dictionary(key, fc.constantFrom('{}', '{"v":1}', '{"v":2}'), { maxKeys: 3 }),
    remove: fc.uniqueArray(key, { maxLength: 2 }),
    wait: fc.integer({ min: 0, max: 4 }),
    fault: fc.constantFrom(undefined, undefined, undefined, 'lose-answer' as const, 'cut' as const, {
      status: 503,
      error: 'busy',
    }),
    foreign: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      await pusher.disconnect('next run');
      await closeJournals();
      // The next file may well have the same revision.
      await rm(join(folder, 'live.data'), { force: true });
      await api.close();
      fake.document.clear();
      fake.revision = 0;
      fake.digest = '0'.repeat(32);
      connect(true, 2);
      const wanted = new Map<string, string>();
      for (const { set, remove, wait, fault, foreign } of steps) {
        let once = fault;
        fake.fault = () => {
          const now = once;
          once = undefined;
          return now;
        };
        if (foreign) fake.revision += 3;
        const removed = remove.filter((k) => !(k in set));
        for (const [k, v] of Object.entries(set)) wanted.set(k, v);
        for (const k of removed) wanted.delete(k);
        void pusher.push({ set: Object.entries(set), remove: removed });
        await sleep(wait);
      }
      fake.fault = () => undefined;
      // One more key, so that a foreign writer after the last change is noticed too.
      await pusher.resync(wanted.set('r:last', '{}'));
      await until('agreement', () => fake.document.size === wanted.size && fake.digest === mirror.digest());
      expect(fake.document).toEqual(wanted);
      await expectAgreement();
      let file: Replay | undefined;
      await until('the file', async () => {
        file = await replayFile(join(folder, 'live.data'));
        return file?.revision === fake.revision;
      });
      expect(file?.document).toEqual(wanted);
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 20_000);
