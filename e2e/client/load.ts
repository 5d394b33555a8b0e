/** Sends constant load and counts lost requests. A request is never retried, so that no loss is hidden. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from './connection.ts';
import type { Connection, Exchange, Target } from './connection.ts';

export interface LoadOptions {
  /** The next request to send. */
  readonly next: () => Target;
  /** The number of lanes with a keepalive connection. A lane sends one request after another. */
  readonly kept: number;
  /** The number of lanes that open a new connection for every request. */
  readonly fresh: number;
  /** Milliseconds between the requests of a lane. */
  readonly pause: number;
  /** Checks each response; returns what is wrong with it, or undefined. */
  readonly check?: (target: Target, exchange: Exchange) => string | undefined;
}

export interface Losses {
  requests: number;
  ok: number;
  status5xx: number;
  otherStatus: number;
  freshFailed: number;
  cut: number;
  timeouts: number;
  wrong: number;
  /**
   * How many keepalive connections the server closed after a request was sent and before the first byte of its
   * response. They do not count as losses.
   */
  reusedClosed: number;
  /** How many of the connections in `reusedClosed` were in use: the lane had sent a request at most 150 ms before. */
  inUseClosed: number;
  /**
   * How many keepalive connections were already closed before the next request was sent, although the last response did
   * not announce it.
   */
  idleClosed: number;
  slowestMs: number;
  /** Descriptions of the first losses, for the message of a failing test. */
  readonly examples: string[];
}

/**
 * If the requests of a lane are further apart than this, because of a slow response or a busy machine, its connection
 * does not count as in use.
 */
const IN_USE_MS = 150;

/** A running load. */
export interface Load {
  readonly losses: Losses;
  /** Sends no more requests, waits for the open ones, and returns the final counts. */
  stop(): Promise<Losses>;
}

function count(losses: Losses, target: Target, exchange: Exchange, wrong: string | undefined): void {
  losses.requests += 1;
  losses.slowestMs = Math.max(losses.slowestMs, exchange.ms);
  let what: string | undefined = wrong;
  if (exchange.kind === 'answer') {
    const { status } = exchange.answer;
    if (status >= 500) losses.status5xx += 1;
    else if (status >= 400) losses.otherStatus += 1;
    else if (wrong !== undefined) losses.wrong += 1;
    else losses.ok += 1;
    if (status >= 400) what = `status ${status}`;
  } else {
    what = `${exchange.kind}: ${exchange.detail}`;
    if (exchange.kind === 'refused') losses.freshFailed += 1;
    else if (exchange.kind === 'cut') losses.cut += 1;
    else if (exchange.kind === 'timeout') losses.timeouts += 1;
    else losses.reusedClosed += 1;
  }
  if (what !== undefined && exchange.kind !== 'reused-closed' && losses.examples.length < 10) {
    losses.examples.push(`${new Date().toISOString().slice(11, 23)} ${target.host}${target.path}: ${what}`);
  }
}

/** Starts the load, which ends after `maxMs` milliseconds even if `stop` is not called. */
export function startLoad(options: LoadOptions, maxMs: number): Load {
  const losses: Losses = {
    requests: 0,
    ok: 0,
    status5xx: 0,
    otherStatus: 0,
    freshFailed: 0,
    cut: 0,
    timeouts: 0,
    wrong: 0,
    reusedClosed: 0,
    inUseClosed: 0,
    idleClosed: 0,
    slowestMs: 0,
    examples: [],
  };
  const end = performance.now() + maxMs;
  const stop = new AbortController();
  async function lane(keep: boolean): Promise<void> {
    let connection: Connection | undefined;
    let kept = false;
    let last = 0;
    while (!stop.signal.aborted && performance.now() < end) {
      const target = options.next();
      if (kept && connection?.closed === true) losses.idleClosed += 1;
      if (connection === undefined || connection.closed) connection = openConnection(target, keep);
      const started = performance.now();
      const exchange = await connection.request(target, 10_000);
      if (exchange.kind === 'reused-closed' && started - last <= IN_USE_MS) losses.inUseClosed += 1;
      last = started;
      kept = keep && exchange.kind === 'answer' && !exchange.answer.closes;
      count(losses, target, exchange, options.check?.(target, exchange));
      if (!keep) connection = undefined;
      await sleep(options.pause);
    }
    connection?.close();
  }
  const lanes = [
    ...Array.from({ length: options.kept }, () => lane(true)),
    ...Array.from({ length: options.fresh }, () => lane(false)),
  ];
  return {
    losses,
    stop: async () => {
      stop.abort();
      await Promise.all(lanes);
      return losses;
    },
  };
}

/**
 * Whether no request was lost: no status of 400 or above, no failed new connection, no incomplete or wrong response,
 * and no timeout.
 */
export function isLossless(losses: Losses): boolean {
  return (
    losses.requests > 0 &&
    losses.status5xx + losses.otherStatus + losses.freshFailed + losses.cut + losses.timeouts + losses.wrong === 0
  );
}

/** The counts as one line of text. */
export function describeLosses(losses: Losses): string {
  const { requests, ok, reusedClosed, inUseClosed, idleClosed, slowestMs } = losses;
  const afterRequest = `${reusedClosed} keepalive connections closed after a request was sent (${inUseClosed} in use)`;
  const closed = `${afterRequest}, ${idleClosed} before that`;
  return `${requests} requests, ${ok} ok, ${closed}, slowest ${Math.round(slowestMs)} ms`;
}
