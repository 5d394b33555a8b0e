import * as fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../types/outcome.ts';
import { documentDigest, formatDigest } from './digest.ts';
import { fakeLiveApi } from './fixtures/fake-live-api.ts';
import type { FakeLiveApi } from './fixtures/fake-live-api.ts';
import { untilHolds } from './fixtures/run-folder.ts';
import { createJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { tableOf } from '../types/table/table.ts';
import { createLiveApi } from './live-api.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { createMirror } from './mirror.ts';
import type { LiveDataMirror } from './mirror.ts';
import { replayFile } from './replay.ts';
import type { Replay } from './replay.ts';
import { createWriter } from './writer.ts';
import type { Writer } from './writer.ts';

let fake: FakeLiveApi;
let api: LiveApi;
let mirror: LiveDataMirror;
let writer: Writer;
let folder: string;
let problems: string[];
/** How long removals wait for older workers. */
let longestMs: number;
/** Hash of the nginx.conf in force. The hash of the target's nginx.conf is `conf`. */
let inForce: string;
let wanted: ReadonlyMap<string, string>;
let retried: Outcome[];

const journals: Journal[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-writer-'));
  fake = await fakeLiveApi();
  connect(true);
});
afterEach(async () => {
  await writer.disconnect('the test is over');
  await api.close();
  await fake.close();
  await closeJournals();
  await rm(folder, { recursive: true, force: true });
});

/** A journal that is still active would replace the file of the next test with an older one. */
async function closeJournals(): Promise<void> {
  for (const journal of journals.splice(0)) await journal.close();
}

function connect(known: boolean, graceMs = 60, giveUpMs = 400): void {
  api = createLiveApi(fake.socket, 300);
  mirror = createMirror();
  problems = [];
  retried = [];
  wanted = new Map();
  inForce = 'conf';
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
  writer = createWriter({
    api,
    mirror,
    journal,
    graceMs,
    giveUpMs,
    retryMs: 50,
    longestMs: () => longestMs,
    isInForce: (confHash) => confHash === inForce,
    retried: ({ outcome }) => retried.push(outcome),
    log: (problem) => problems.push(problem),
  });
  writer.connect(known);
}

type Texts = Readonly<Record<string, string | undefined>>;

/** Changes the target; undefined removes a key. */
async function want(changes: Texts): Promise<Outcome> {
  const all = { ...Object.fromEntries(wanted), ...changes };
  wanted = new Map(Object.entries(all).flatMap(([key, text]) => (text === undefined ? [] : [[key, text] as const])));
  return (await writer.want({ live: wanted, confHash: 'conf' })).outcome;
}

function routes(from: number, to: number, text = '{}'): Texts {
  return Object.fromEntries(Array.from({ length: to - from }, (_, n) => [`r:${from + n}`, text]));
}

/** The `set` and `del` lines of one delta, without values. */
function keysOf(body: string | undefined): string[] {
  return (body ?? '')
    .split('\n')
    .slice(1, -2)
    .map((line) => line.split(' ').slice(0, 2).join(' '));
}

async function expectAgreement(): Promise<void> {
  // The mirror is updated only when NGINX's response has arrived.
  await untilHolds('the last answer', () => fake.revision === mirror.revision);
  expect(fake.document).toEqual(new Map(mirror.entries));
  expect(fake.digest).toBe(formatDigest(await documentDigest(fake.document)));
  expect(fake.revision).toBe(mirror.revision);
}

describe('batches', () => {
  test('changes during a batch are combined into the next batch, in which referenced keys come first', async () => {
    fake.delayMs = 30;
    const first = want({ 'b:a/first/80': '{}' });
    await untilHolds('the first', () => fake.asked === 1);
    const second = want({ 'r:1': '{"v":1}', 'n:x.example.com': '"a/tls"' });
    const third = want({ 'r:1': '{"v":2}', 'c:a/tls': '{}', 'b:a/second/80': '{}', 'g:settings': '{}' });
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

  test('values that NGINX already has are not sent', async () => {
    await want({ 'r:1': '{}' });
    expect(await want({ 'r:1': '{}', 'r:2': undefined })).toEqual({ kind: 'none' });
    expect(fake.asked).toBe(1);
  });

  test('if a value changes back while its change is being sent, NGINX has the original value in the end', async () => {
    await want({ 'r:1': '"old"' });
    fake.delayMs = 30;
    const there = want({ 'r:1': '"new"' });
    await untilHolds('the change to be under way', () => fake.asked === 2);
    const back = want({ 'r:1': '"old"' });
    const settled = writer.settled(wanted);
    expect(await there).toMatchObject({ kind: 'live', set: 1 });
    expect(await back).toMatchObject({ kind: 'live', set: 1 });
    expect(await settled).toBeUndefined();
    expect(fake.document.get('r:1')).toBe('"old"');
    await expectAgreement();
  });

  test('a large difference is computed in slices, and endpoints are sent between the slices', async () => {
    /** A document that takes long to compare, like one with 10,000 hosts. */
    class Slow extends Map<string, string> {
      override *[Symbol.iterator](): MapIterator<[string, string]> {
        for (const entry of super[Symbol.iterator]()) {
          for (const from = performance.now(); performance.now() - from < 1;);
          yield entry;
        }
      }
    }
    await want({ 'b:a/s/80': '"old"' });
    const document = new Slow([['b:a/s/80', '"old"'], ...(Object.entries(routes(0, 100)) as [string, string][])]);
    const order: string[] = [];
    const large = writer.want({ live: document, confHash: 'conf' }).then(({ outcome }) => {
      order.push('document');
      return outcome;
    });
    const endpoints = new Map(document);
    endpoints.set('b:a/s/80', '"new"');
    await writer.want({ live: tableOf(endpoints), confHash: 'conf' });
    expect(await large).toMatchObject({ kind: 'live', set: 100 });
    expect(fake.taken.map(keysOf).slice(0, 2)).toEqual([['set b:a/s/80'], ['set b:a/s/80']]);
    expect(fake.document).toEqual(endpoints);
  });

  test('large documents are sent in parts below 1 MiB, in which referenced keys come first', async () => {
    const texts: Texts = {
      ...routes(0, 40, JSON.stringify('r'.repeat(20_000))),
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`b:a/s${n}/80`, JSON.stringify('b'.repeat(20_000))])),
    };
    expect(await want(texts)).toMatchObject({ kind: 'live', set: 80 });
    expect(fake.taken.length).toBeGreaterThan(4);
    expect(Math.max(...fake.taken.map((body) => body.length))).toBeLessThan(1024 * 1024);
    const order = fake.taken.flatMap(keysOf).map((line) => line.slice(4, 5));
    expect(order.join('')).toBe('b'.repeat(40) + 'r'.repeat(40));
    await expectAgreement();
  });

  test('a value too large for a request body is left out and reported once; other values are sent', async () => {
    await want({ 'c:a/large': '{"was":"here"}' });
    expect(await want({ 'c:a/large': JSON.stringify('s'.repeat(1_100_000)), 'c:a/small': '{}' })).toMatchObject({
      kind: 'live',
      set: 1,
    });
    expect(await want({ 'r:1': '{}' })).toMatchObject({ kind: 'live', set: 1 });
    expect(await writer.settled(wanted)).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining('c:a/large')]);
    expect(problems.join()).not.toContain('ssss');
    expect(fake.document).toEqual(
      new Map(Object.entries({ 'c:a/large': '{"was":"here"}', 'c:a/small': '{}', 'r:1': '{}' })),
    );
  });
});

async function stateNow(): Promise<LiveState> {
  const answer = await api.state();
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

describe('removals', () => {
  test('wait for the grace period, and keys are removed before the keys to which they refer', async () => {
    await want({ 'b:a/s/80': '{}', 'r:1': '{}', 'n:_': '"_"' });
    expect(await want({ 'b:a/s/80': undefined, 'r:1': undefined, 'n:_': undefined })).toMatchObject({
      kind: 'live',
      set: 0,
      removed: 3,
    });
    await sleep(20);
    expect(fake.document.size).toBe(3);
    await untilHolds(
      'the removals and their answer',
      () => fake.document.size === 0 && [...mirror.entries].length === 0,
    );
    expect(keysOf(fake.taken.at(-1))).toEqual(['del r:1', 'del n:_', 'del b:a/s/80']);
    await expectAgreement();
  });

  test('begin when an nginx.conf without the key is in force, unless the key is in the target again', async () => {
    await want(routes(0, 3));
    inForce = 'former';
    expect(await want({ 'r:1': undefined, 'r:2': undefined })).toEqual({ kind: 'none' });
    await sleep(150);
    expect(fake.document.size).toBe(3);
    await want({ 'r:2': '{}' });
    inForce = 'conf';
    writer.retire();
    await untilHolds('the removal', () => fake.document.size === 2);
    await sleep(100);
    expect([...fake.document.keys()]).toEqual(['r:0', 'r:2']);
    await expectAgreement();
  });

  test('are cancelled for a key that is in the target again, even with the same value', async () => {
    await want(routes(0, 2));
    await want({ 'r:0': undefined, 'r:1': undefined });
    await want({ 'r:0': '{}' });
    await untilHolds('the removal', () => fake.document.size === 1);
    await sleep(100);
    expect([...fake.document.keys()]).toEqual(['r:0']);
  });

  test('wait for workers that are older than the change, but not for younger workers', async () => {
    await want({ 'r:1': '{}' });
    fake.generations = [1, 2, 2];
    writer.seen(await stateNow());
    await want({ 'r:1': undefined });
    await sleep(200);
    expect([...fake.document.keys()]).toEqual(['r:1']);
    fake.generations = [2, 2, 3];
    await untilHolds('the removal', () => fake.document.size === 0);
    await expectAgreement();
  });

  test('wait for older workers only as long as a draining worker may run', async () => {
    longestMs = 300;
    await want({ 'r:1': '{}' });
    fake.generations = [1, 2];
    writer.seen(await stateNow());
    await want({ 'r:1': undefined });
    await sleep(150);
    expect([...fake.document.keys()]).toEqual(['r:1']);
    await untilHolds('the removal', () => fake.document.size === 0);
    expect(fake.generations).toEqual([1, 2]);
  });

  test('do not wait for generation numbers of a previous NGINX', async () => {
    await want({ 'r:1': '{}' });
    fake.generations = [7, 8];
    writer.seen(await stateNow());
    await want({ 'r:1': undefined });
    fake.generations = [1];
    await untilHolds('the removal', () => fake.document.size === 0);
    expect(fake.document.size).toBe(0);
  });

  test('that are being sent are followed by a set if the key is requested again', async () => {
    await want({ 'r:1': '{}' });
    await want({ 'r:1': undefined });
    fake.delayMs = 40;
    const asked = fake.asked;
    await untilHolds('the removal to be under way', () => fake.asked > asked);
    expect(await want({ 'r:1': '{}' })).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.document.get('r:1')).toBe('{}');
    await expectAgreement();
  });
});

describe('faults', () => {
  test('after a lost answer, live data is compared with the target, and no value is sent twice', async () => {
    let losses = 1;
    fake.fault = () => (losses-- > 0 ? 'lose-answer' : undefined);
    expect(await want({ 'r:1': '{}' })).toEqual({ kind: 'none' });
    expect(fake.taken).toHaveLength(1);
    await expectAgreement();
  });

  test('only the changes by another writer are reverted; its new keys are removed after the grace period', async () => {
    await want({ 'r:1': '{}', 'r:2': '{}' });
    fake.document.set('r:1', '"theirs"').set('b:their/s/80', '{}');
    fake.revision += 5;
    expect(await want({ 'r:3': '{}' })).toMatchObject({ kind: 'live', set: 1 });
    expect(keysOf(fake.taken.at(-1))).toEqual(['set r:3', 'set r:1']);
    expect(fake.document.get('r:1')).toBe('{}');
    expect(fake.digest).toBe('f'.repeat(32));
    await untilHolds('the removal', () => !fake.document.has('b:their/s/80'));
    await expectAgreement();
    await untilHolds(
      'the journal',
      async () => (await replayFile(join(folder, 'live.data')))?.revision === fake.revision,
    );
  });

  test('a dictionary that lost its content is filled again', async () => {
    await want({ 'r:1': '{}', 'b:a/s/80': '{}' });
    fake.document.clear();
    fake.revision = 0;
    fake.digest = '0'.repeat(32);
    writer.verify(await stateNow());
    await untilHolds('the document', () => fake.document.size === 2);
    await expectAgreement();
  });

  test('a delta is retried after the answer "busy", a closed connection or a timeout', async () => {
    connect(true, 60, 5000);
    const faults = [{ status: 503, error: 'busy' }, 'cut', 'hang'] as const;
    fake.fault = () => faults[fake.asked - 1];
    expect(await want({ 'r:1': '{}' })).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.asked).toBe(4);
  });

  test('a key that NGINX refuses does not prevent other keys from being set', async () => {
    fake.fault = (body) => (body.includes('set r:13 ') ? { status: 400, error: 'malformed' } : undefined);
    const fine = want(routes(0, 13));
    const bad = want(routes(13, 23));
    expect(await fine).toMatchObject({ kind: 'live', set: 13 });
    expect(await bad).toMatchObject({ kind: 'failed', message: expect.stringContaining('r:13') as string });
    expect(fake.document.size).toBe(22);
    expect(fake.asked).toBeLessThan(16);
    expect(await writer.settled(wanted)).toBeUndefined();
    await expectAgreement();
  });

  test('refused values are sent again at growing intervals until accepted or no longer in the target', async () => {
    const times: number[] = [];
    fake.fault = (body) => {
      if (!body.includes('bad')) return undefined;
      times.push(performance.now());
      return { status: 400, error: 'malformed' };
    };
    await want({ 'r:1': '"bad"', 'r:2': '"bad"' });
    await want({ 'r:2': '"good"', 'r:3': '{}' });
    await untilHolds('two more attempts', () => retried.length === 2);
    expect(retried).toMatchObject([{ kind: 'failed', others: 'taken' }, { kind: 'failed' }]);
    const [first = 0, second = 0, third = 0] = times.slice(-3);
    expect(third - second).toBeGreaterThan(1.5 * (second - first));
    fake.fault = () => undefined;
    await untilHolds('the value to be accepted', () => retried.length === 3);
    expect(retried[2]).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.document.get('r:1')).toBe('"bad"');
    await expectAgreement();
  });

  test('when the dictionary of NGINX is full, the writer does not try to send every key', async () => {
    fake.fault = () => ({ status: 507, error: 'no-space' });
    expect(await want(routes(0, 200))).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no-space') as string,
      others: 'taken',
    });
    expect(fake.asked).toBeLessThan(30);
  });

  test('a full dictionary accepts values that need no additional space', async () => {
    await want({ 'b:a/first/80': '{"v":1111}' });
    fake.fault = (body) => (body.includes('set r:') ? { status: 507, error: 'no-space' } : undefined);
    const growth = want(routes(0, 200));
    const endpoints = want({ 'b:a/first/80': '{"v":2}' });
    expect(await growth).toMatchObject({ kind: 'failed', others: 'taken' });
    expect(await endpoints).toMatchObject({ kind: 'live', set: 1 });
    expect(fake.document).toEqual(new Map([['b:a/first/80', '{"v":2}']]));
  });

  test('after giveUpMs, the caller gets a failure; the key is sent later, and its success is reported', async () => {
    let down = true;
    fake.fault = () => (down ? 'cut' : undefined);
    expect(await want({ 'r:1': '{}' })).toMatchObject({ kind: 'failed' });
    expect(await writer.settled(wanted)).toContain('NGINX did not accept live data for 400 ms');
    expect(problems).toHaveLength(1);
    expect(retried).toEqual([]);
    down = false;
    await untilHolds('the report', () => retried.length === 1);
    expect(retried).toMatchObject([{ kind: 'live', set: 1 }]);
    await expectAgreement();
  });

  test('when NGINX ends, waiting calls fail; after a reconnection, NGINX gets the missing live data', async () => {
    fake.fault = () => 'hang';
    const waiting = want({ 'r:1': '{}' });
    await untilHolds('the request', () => fake.asked === 1);
    const later = want({ 'r:2': '{}' });
    await writer.disconnect('NGINX ended');
    expect(await waiting).toMatchObject({ kind: 'failed', message: 'NGINX ended' });
    expect(await later).toMatchObject({ kind: 'failed', message: 'NGINX ended' });
    expect(await want({ 'r:3': '{}' })).toMatchObject({ kind: 'failed', message: 'NGINX ended' });
    expect(await writer.settled(wanted)).toBe('NGINX ended');
    fake.fault = () => undefined;
    writer.connect(true);
    await untilHolds('the document', () => fake.document.size === 3);
    await expectAgreement();
  });

  test('settled() reports a key of the document that is no longer in the target', async () => {
    fake.delayMs = 30;
    const former = new Map([['r:1', '{}']]);
    void writer.want({ live: former, confHash: 'conf' });
    void writer.want({ live: new Map([['r:2', '{}']]), confHash: 'next' });
    expect(await writer.settled(former)).toBe('r:1 is no longer in the target');
  });
});

describe('an NGINX whose values are unknown', () => {
  beforeEach(() => {
    fake.revision = 41;
  });

  test('receives only the differences', async () => {
    fake.document.set('r:1', '{}').set('r:2', '"old"').set('r:9', '{}');
    connect(false);
    expect(await want(routes(1, 4))).toMatchObject({ kind: 'live', set: 2 });
    expect(fake.taken.map(keysOf)).toEqual([['set r:2', 'set r:3']]);
    await untilHolds('the removal', () => !fake.document.has('r:9'));
    await expectAgreement();
  });

  test('receives only a corrected digest if its values are right', async () => {
    fake.document.set('r:1', '{}');
    connect(false);
    expect(await want({ 'r:1': '{}' })).toEqual({ kind: 'none' });
    await untilHolds('the digest', () => fake.revision === 42);
    expect(fake.taken.map(keysOf)).toEqual([[]]);
    await expectAgreement();
  });

  test('loses no keys before a target exists and the nginx.conf of that target is in force', async () => {
    fake.document.set('r:1', '{}').set('r:2', '{}');
    connect(false);
    writer.verify(await stateNow());
    await sleep(120);
    expect(fake.asked).toBe(0);
    inForce = 'former';
    await want({ 'b:a/s/80': '{}' });
    await sleep(120);
    expect([...fake.document.keys()]).toEqual(['r:1', 'r:2', 'b:a/s/80']);
    inForce = 'conf';
    writer.retire();
    await untilHolds('the removal', () => fake.document.size === 1);
    await expectAgreement();
  });
});

test('after any sequence of targets, reloads and faults, NGINX and live.data contain the last target', async () => {
  const key = fc.constantFrom('g:settings', 'c:a/t', 'b:a/s/80', 'n:a', 'r:1', 'r:2');
  const step = fc.record({
    document: fc.dictionary(key, fc.constantFrom('{}', '{"v":1}', '{"v":2}'), { maxKeys: 4 }),
    conf: fc.constantFrom('one', 'two'),
    reloads: fc.boolean(),
    wait: fc.integer({ min: 0, max: 4 }),
    fault: fc.constantFrom(
      undefined,
      undefined,
      'lose-answer' as const,
      'cut' as const,
      { status: 503, error: 'busy' },
      { status: 400, error: 'malformed' },
    ),
    foreign: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      await writer.disconnect('next run');
      await closeJournals();
      // The file of the next run may reach the same revision.
      await rm(join(folder, 'live.data'), { force: true });
      await api.close();
      fake.document.clear();
      fake.revision = 0;
      fake.digest = '0'.repeat(32);
      connect(true, 2);
      for (const { document, conf, reloads, wait, fault, foreign } of steps) {
        let once = fault;
        fake.fault = () => {
          const now = once;
          once = undefined;
          return now;
        };
        if (foreign) fake.revision += 3;
        void writer.want({ live: new Map(Object.entries(document)), confHash: conf });
        if (reloads) inForce = conf;
        writer.retire();
        await sleep(wait);
      }
      fake.fault = () => undefined;
      // One more key is sent, so that a change by another writer after the last step is noticed too.
      const last = new Map(Object.entries({ ...steps.at(-1)?.document, 'r:last': '{}' }));
      inForce = 'conf';
      await writer.want({ live: last, confHash: 'conf' });
      await untilHolds('agreement', () => fake.document.size === last.size && fake.digest === mirror.digest());
      await untilHolds('what was refused', () => [...last].every(([name, text]) => fake.document.get(name) === text));
      expect(fake.document).toEqual(last);
      await expectAgreement();
      let file: Replay | undefined;
      await untilHolds('the file', async () => {
        file = await replayFile(join(folder, 'live.data'));
        return file?.revision === fake.revision;
      });
      expect(file?.document).toEqual(last);
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 20_000);
