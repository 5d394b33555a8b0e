import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../../e2e/runner/eventually.ts';
import type { CountedRequests, ReceivedCounts } from '../../types/request-metrics.ts';
import { type Collecting, startCollecting } from './collect.ts';

/** NGINX's side: reports with their numbers. */
let epoch = '1-1';
let reports = new Map<number, string>();
let confirmed: (ReceivedCounts | undefined)[] = [];
let answers = true;
let collecting: Collecting;
const added: string[] = [];

async function fetch(received: ReceivedCounts | undefined): Promise<CountedRequests | undefined> {
  confirmed.push(received);
  if (received?.epoch === epoch)
    for (const number of reports.keys()) if (number <= received.number) reports.delete(number);
  const [first] = reports;
  const shown = first === undefined ? [] : [{ number: first[0], text: first[1] }];
  return answers ? { epoch, reports: shown, more: reports.size > 1 } : undefined;
}

function start(everyMs = 1e6): void {
  added.length = 0;
  confirmed = [];
  collecting = startCollecting({ fetch, add: async (parts) => void added.push(...parts), everyMs });
}

afterEach(() => collecting.stop());

it('fetches all reports, each once, and confirms those that it has added', async () => {
  reports = new Map([
    [1, 'a'],
    [2, 'b'],
  ]);
  start();
  await collecting.now();
  expect(added).toEqual(['a', 'b']);
  expect(confirmed).toEqual([undefined, { epoch, number: 1 }]);
  // The last report is not confirmed yet, so it is sent again, and ignored.
  answers = false;
  await collecting.now();
  answers = true;
  reports.set(2, 'b').set(3, 'c');
  await collecting.now();
  await collecting.now();
  expect(added).toEqual(['a', 'b', 'c']);
  expect(confirmed.at(-1)).toEqual({ epoch, number: 3 });
});

it('starts from the first number again when NGINX has been restarted', async () => {
  reports = new Map([[7, 'old']]);
  start();
  await collecting.now();
  epoch = '2-2';
  reports = new Map([[1, 'new']]);
  await collecting.now();
  await collecting.now();
  expect(added).toEqual(['old', 'new']);
  expect(reports.size).toBe(0);
});

it('runs one fetch at a time, and fetches even without a scrape', async () => {
  reports = new Map([[1, 'a']]);
  start(10);
  await Promise.all([collecting.now(), collecting.now(), collecting.now()]);
  expect(confirmed.length).toBe(1);
  reports.set(2, 'b');
  await eventually(() => expect(added).toContain('b'));
});
