/**
 * A process that is an open-loop client. `open-loop.ts PORT HOST RATE SECONDS CONNECTIONS` sends RATE requests a second
 * on a fixed schedule, however late the responses are, and measures latency from the time at which a request was due. A
 * closed-loop client such as wrk sends fewer requests while the server stalls, and so underestimates the effect of the
 * stall. Prints a `Run` object as JSON.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAnswer } from '../e2e/client/answer.ts';
import { quantile } from './statistics.ts';

export interface Run {
  /** The number of requests, including the warm-up, whose latencies are not counted. */
  readonly requests: number;
  /** The number of requests that did not get an answer with status 200. */
  readonly lost: number;
  readonly 'p50 ms': number;
  readonly 'p99 ms': number;
  readonly 'p99.9 ms': number;
  /** How late this client sent its requests, at p99. The latencies above include this delay. */
  readonly 'client late, p99 ms': number;
}

interface Lane {
  readonly socket: Socket;
  /** The time, as of `performance.now()`, at which the current request was due; 0 without a request. */
  due: number;
  bytes: Buffer;
}

const [port = 0, , rate = 0, seconds = 0, connections = 0] = process.argv.slice(2).map(Number);
const [, host = ''] = process.argv.slice(2);
const text = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
const EMPTY = Buffer.alloc(0);
/** Milliseconds that the loop sleeps when no request is due: a busy loop would starve the backend on the same core. */
const NAP = 0.2;
const GRACE = 2000;

/** Seconds of warm-up, in which this client's code is compiled. */
const WARM_UP = 1;
const total = Math.floor(rate * (seconds + WARM_UP));
const latencies: number[] = [];
const lateness: number[] = [];
const idle: Lane[] = [];
const waiting: number[] = [];
let lost = 0;
/** Completed requests, successful or not. */
let answered = 0;
/** The time from which latencies are counted. */
let counted = Infinity;

function send(lane: Lane, due: number): void {
  lane.due = due;
  if (due >= counted) lateness.push(performance.now() - due);
  lane.socket.write(text);
}

function finish(lane: Lane, closes: boolean): void {
  lane.due = 0;
  lane.bytes = EMPTY;
  if (closes) return void lane.socket.destroy();
  const due = waiting.shift();
  if (due === undefined) idle.push(lane);
  else send(lane, due);
}

function receive(lane: Lane, chunk: Buffer): void {
  lane.bytes = lane.bytes.length === 0 ? chunk : Buffer.concat([lane.bytes, chunk]);
  const reading = readAnswer(lane.bytes, false);
  if (!reading.done) return;
  if (reading.answer.status !== 200) lost += 1;
  else if (lane.due >= counted) latencies.push(performance.now() - lane.due);
  answered += 1;
  finish(lane, reading.answer.closes);
}

/** Opens a connection, and replaces it when it is closed, so that the number of connections stays constant. */
function open(): void {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const lane: Lane = { socket, due: 0, bytes: EMPTY };
  socket.on('connect', () => finish(lane, false));
  socket.on('data', (chunk: Buffer) => receive(lane, chunk));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    const at = idle.indexOf(lane);
    if (at >= 0) idle.splice(at, 1);
    if (lane.due > 0) {
      lost += 1;
      answered += 1;
    }
    if (!over) open();
  });
}

let over = false;
for (let i = 0; i < connections; i += 1) open();
await sleep(200);

const cell = new Int32Array(new SharedArrayBuffer(4));
const started = performance.now();
counted = started + WARM_UP * 1000;
let sent = 0;
await new Promise<void>((resolve) => {
  function turn(): void {
    const now = performance.now();
    for (; sent < total && started + (sent * 1000) / rate <= now; sent += 1) {
      const due = started + (sent * 1000) / rate;
      const lane = idle.pop();
      if (lane === undefined) waiting.push(due);
      else send(lane, due);
    }
    if (answered >= total || now > started + (total * 1000) / rate + GRACE) return resolve();
    const pause = started + (sent * 1000) / rate - performance.now();
    if (pause > 0 || sent >= total) Atomics.wait(cell, 0, 0, Math.max(0.05, Math.min(NAP, pause)));
    setImmediate(turn);
  }
  turn();
});
over = true;
const run: Run = {
  requests: total,
  lost: lost + total - answered,
  'p50 ms': quantile(latencies, 0.5),
  'p99 ms': quantile(latencies, 0.99),
  'p99.9 ms': quantile(latencies, 0.999),
  'client late, p99 ms': quantile(lateness, 0.99),
};
process.stdout.write(`${JSON.stringify(run)}\n`, () => process.exit(0));
