/**
 * Reads a report of NGINX's workers (nginx/lua/tidegate/metrics/README.md). The data plane is not trusted: a line that
 * does not follow the format is ignored and counted, and no label has more than a limited length.
 */
import { METHODS } from '../../types/request-metrics.ts';

/** The labels of the lines that follow in a report. */
export interface CountedGroup {
  /** The id of a route; empty if the request had no location. */
  readonly route: string;
  /** The key of a backend, `namespace/service/port`; empty if there is none. */
  readonly service: string;
  /** The name of the canary's upstream; empty if the request was not sent to a canary. */
  readonly canary: string;
  /** The requested host, if no Ingress has it; otherwise empty. */
  readonly host: string;
}

export interface CountedSink {
  /** Identifies what the workers measure; a report that was counted with other buckets is ignored. */
  readonly digest: string;
  /** How many numbers a series has. */
  readonly width: number;
  /** `numbers` is valid only during the call. */
  readonly add: (group: CountedGroup, method: string, status: string, numbers: Float64Array) => void;
  /** Adds error responses by their reason (docs/reasons.md); `route` is empty if the requests had no location. */
  readonly addReason: (route: string, reason: string, responses: number) => void;
  /** Adds events; `route` is empty if the requests had no location. */
  readonly addEvent: (route: string, event: CountedEvent, count: number) => void;
}

/**
 * `retry`: another attempt to reach an endpoint. The others are about the cache for responses of authentication
 * services; `auth-bypass`: the request has nothing by which its response could be cached.
 */
const EVENTS = ['retry', 'auth-hit', 'auth-miss', 'auth-bypass'] as const;
export type CountedEvent = (typeof EVENTS)[number];

export interface ReadResult {
  /** Requests that a worker has counted less exactly, because there were too many series. */
  readonly folded: number;
  /** Lines that were ignored. */
  readonly refused: number;
}

/** A worker writes at most 32 KiB. */
const LONGEST_REPORT = 64 * 1024;
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);
const STATUS = /^(?:[1-5]\d\d|[1-5]xx|other)$/;
const GROUP =
  /^g (-|[0-9a-f]{16}) (-|[A-Za-z0-9.-]{1,300}\/[A-Za-z0-9.-]{1,300}\/[A-Za-z0-9.-]{1,300}) (-|[A-Za-z0-9._-]{1,900}) (-|[A-Za-z0-9._:[\]-]{1,253})$/;
const REASON = /^w (-|[0-9a-f]{16}) ([a-z][a-z0-9:.-]{0,99}) (\d{1,15})$/;
const EVENT = /^e (-|[0-9a-f]{16}) ([a-z-]{1,20}) (\d{1,15})$/;
const FOLDED = /^f (\d{1,15})$/;
const SERIES = /^c (\S{1,10}) (\S{1,5}) (\d{1,16})(?= |$)/;
const [SPACE, ZERO, NINE, EQUALS] = [0x20, 0x30, 0x39, 0x3d];

export function readCountReport(report: string, sink: CountedSink): ReadResult {
  if (report.length > LONGEST_REPORT) return { folded: 0, refused: 1 };
  const [version, ...lines] = report.split('\n');
  if (version !== `v 1 ${sink.digest}`) return { folded: 0, refused: 1 };
  const numbers = new Float64Array(sink.width);
  let group: CountedGroup | undefined;
  let folded = 0;
  let refused = 0;
  for (const line of lines) {
    if (line.startsWith('g ')) {
      group = groupOf(line);
      if (group === undefined) refused += 1;
    } else if (line.startsWith('f ')) {
      folded += Number(FOLDED.exec(line)?.[1] ?? 0);
    } else if (line !== '' && !added(line, group, numbers, sink)) {
      refused += 1;
    }
  }
  return { folded, refused };
}

/** Adds what a line counts. Returns false if the line is invalid. */
function added(line: string, group: CountedGroup | undefined, numbers: Float64Array, sink: CountedSink): boolean {
  if (line.startsWith('w ')) return addReason(line, sink);
  if (line.startsWith('e ')) return addEvent(line, sink);
  return group !== undefined && addSeries(line, group, numbers, sink);
}

/** Returns false if the line is invalid. */
function addReason(line: string, sink: CountedSink): boolean {
  const match = REASON.exec(line);
  if (match === null) return false;
  const [, route = '', reason = '', responses = ''] = match;
  sink.addReason(route === '-' ? '' : route, reason, Number(responses));
  return true;
}

/** Returns false if the line is invalid. */
function addEvent(line: string, sink: CountedSink): boolean {
  const [, route = '', name = '', count = ''] = EVENT.exec(line) ?? [];
  const event = EVENTS.find((each) => each === name);
  if (event === undefined) return false;
  sink.addEvent(route === '-' ? '' : route, event, Number(count));
  return true;
}

function groupOf(line: string): CountedGroup | undefined {
  const match = GROUP.exec(line);
  if (match === null) return undefined;
  const [route = '', service = '', canary = '', host = ''] = match.slice(1).map((each) => (each === '-' ? '' : each));
  return { route, service, canary, host };
}

/** Returns false if the line is invalid. */
function addSeries(line: string, group: CountedGroup, numbers: Float64Array, { add }: CountedSink): boolean {
  const match = SERIES.exec(line);
  if (match === null) return false;
  const [head, method = '', status = '', requests = ''] = match;
  if (!KNOWN_METHODS.has(method) || !STATUS.test(status)) return false;
  numbers.fill(0);
  numbers[0] = Number(requests);
  if (!Number.isSafeInteger(numbers[0]) || !readPairs(line, head.length, numbers)) return false;
  add(group, method, status, numbers);
  return true;
}

/**
 * Reads ` <place>=<number>` repeatedly, up to the end of the line. Returns false if the line does not have this form. A
 * loop over characters, because a busy NGINX sends tens of thousands of pairs per second.
 */
function readPairs(line: string, from: number, numbers: Float64Array): boolean {
  let at = from;
  while (at < line.length) {
    if (line.charCodeAt(at) !== SPACE) return false;
    const equals = endOfNumber(line, at + 1);
    const end = endOfNumber(line, equals + 1);
    if (equals === at + 1 || line.charCodeAt(equals) !== EQUALS || end === equals + 1) return false;
    const place = Number(line.slice(at + 1, equals));
    const number = Number(line.slice(equals + 1, end));
    if (place < 1 || place >= numbers.length || !Number.isSafeInteger(number)) return false;
    numbers[place] = number;
    at = end;
  }
  return true;
}

function endOfNumber(line: string, from: number): number {
  let at = from;
  for (let code = line.charCodeAt(at); code >= ZERO && code <= NINE; code = line.charCodeAt(at)) at += 1;
  return at;
}
