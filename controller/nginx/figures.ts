/** Reads figures about requests, connections and processes through the live API. NGINX is not trusted. */
import { z } from 'zod';
import type { Nginx } from '../types/nginx.ts';
import type { CountedRequests } from '../types/request-metrics.ts';
import { decodeAnswer, type LiveApi } from './live-api.ts';

export type Figures = Pick<Nginx, 'countedRequests' | 'connections' | 'processes'>;

const VALUE = z
  .number()
  .nonnegative()
  .nullable()
  .transform((value) => value ?? undefined);
const PROCESSES = z.object({
  processes: z.number().int().nonnegative(),
  cpuSeconds: VALUE,
  residentBytes: VALUE,
  virtualBytes: VALUE,
  readBytes: VALUE,
  writtenBytes: VALUE,
  oldestStartSeconds: VALUE,
});

/** The page of nginx's stub_status. */
const STUB_STATUS =
  /^Active connections: (\d{1,15}) \nserver accepts handled requests\n (\d{1,15}) (\d{1,15}) (\d{1,15}) \nReading: (\d{1,15}) Writing: (\d{1,15}) Waiting: (\d{1,15}) \n$/;

export function createFigures(api: Pick<LiveApi, 'read'>): Figures {
  async function read(path: string): Promise<string | undefined> {
    const answer = await api.read(path);
    return answer.ok ? answer.value : undefined;
  }

  return {
    countedRequests: async (received) => {
      const query = received === undefined ? '' : `?epoch=${received.epoch}&after=${received.number}`;
      const text = await read(`/v1/metrics${query}`);
      return text === undefined ? undefined : parseCounted(text);
    },
    connections: async () => {
      const match = STUB_STATUS.exec((await read('/v1/connections')) ?? '');
      if (match === null) return undefined;
      const [active = 0, accepted = 0, handled = 0, requests = 0, reading = 0, writing = 0, waiting = 0] = match
        .slice(1)
        .map(Number);
      return { active, accepted, handled, requests, reading, writing, waiting };
    },
    processes: async () => {
      const text = await read('/v1/processes');
      const figures = text === undefined ? undefined : decodeAnswer(PROCESSES, text);
      return figures?.ok === true ? figures.value : undefined;
    },
  };
}

/**
 * Parses `<epoch> <1 if there is more, or 0>`, and then, for each report, `<number> <length>` and the report. Returns
 * undefined if the answer does not follow this format.
 */
export function parseCounted(answer: string): CountedRequests | undefined {
  const head = /^([0-9]+-[0-9]+) ([01])\n/.exec(answer.slice(0, 100));
  if (head === null) return undefined;
  const reports: { number: number; text: string }[] = [];
  let at = head[0].length;
  while (at < answer.length) {
    const size = /^(\d{1,15}) (\d{1,9})\n/.exec(answer.slice(at, at + 30));
    if (size === null) return undefined;
    at += size[0].length;
    const text = answer.slice(at, at + Number(size[2]));
    if (text.length !== Number(size[2])) return undefined;
    reports.push({ number: Number(size[1]), text });
    at += text.length;
  }
  return { epoch: head[1] ?? '', reports, more: head[2] === '1' };
}
