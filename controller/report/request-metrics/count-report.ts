/**
 * Reads a report of NGINX's workers (nginx/lua/tidegate/metrics/README.md). The data plane is not trusted: a line that
 * does not follow the format is ignored and counted, and no label has more than a limited length.
 */
import { LOWEST_SCHEMA, METHODS, type NativeSetting } from '../../types/request-metrics.ts';
import { SESSION_WIDTH } from '../../types/session-metrics.ts';
import type { CountedBuckets } from './native-buckets.ts';

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

export interface CountedSeries {
  /** In the order of `slotsOf`. */
  readonly numbers: Float64Array;
  /** The native histograms, by the place of their sum among the numbers. */
  readonly natives: ReadonlyMap<number, CountedBuckets>;
}

export interface CountedSink {
  /** Identifies what the workers measure; a report that was counted with other buckets is ignored. */
  readonly digest: string;
  /** How many numbers a series has. */
  readonly width: number;
  /** What the workers were told about native histograms; undefined if they count none. */
  readonly native: NativeSetting | undefined;
  /** `counted` is valid only during the call. */
  readonly add: (group: CountedGroup, method: string, status: string, counted: CountedSeries) => void;
  /** Adds error responses by their reason (docs/reasons.md); `route` is empty if the requests had no location. */
  readonly addReason: (route: string, reason: string, responses: number) => void;
  /** Adds events; `route` is empty if the requests had no location. */
  readonly addEvent: (route: string, event: CountedEvent, count: number) => void;
  /** Adds sessions of TCP, UDP and TLS passthrough; `numbers`: `SESSION_NUMBERS`, and then the buckets of durations. */
  readonly addSessions: (entry: string, status: string, numbers: readonly number[]) => void;
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
  /** Sessions that a worker has not counted by entry, because there were too many. */
  readonly dropped: number;
}

/** A worker writes less than this. */
const LONGEST_REPORT = 64 * 1024;
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);
const STATUS = /^(?:[1-5]\d\d|[1-5]xx|other)$/;
const GROUP =
  /^g (-|[0-9a-f]{16}) (-|[A-Za-z0-9.-]{1,300}\/[A-Za-z0-9.-]{1,300}\/[A-Za-z0-9.-]{1,300}) (-|[A-Za-z0-9._-]{1,900}) (-|[A-Za-z0-9._:[\]-]{1,253})$/;
const REASON = /^w (-|[0-9a-f]{16}) ([a-z][a-z0-9:.-]{0,99}) (\d{1,15})$/;
const EVENT = /^e (-|[0-9a-f]{16}) ([a-z-]{1,20}) (\d{1,15})$/;
const SESSIONS = /^s ([A-Za-z0-9/._-]{1,400}) ([1-5]\d\d)((?: \d{1,16})+)$/;
const LEFT_OUT = /^l (\d{1,15}) (\d{1,15})$/;
const FOLDED = /^f (\d{1,15})$/;
const SERIES = /^c (\S{1,10}) (\S{1,5}) (\d{1,16})(?= |$)/;
const [SPACE, ZERO, NINE, EQUALS] = [0x20, 0x30, 0x39, 0x3d];
const NO_NATIVES: ReadonlyMap<number, CountedBuckets> = new Map();
/** A native histogram of a series: the place of its sum, its schema, and its buckets. */
const NATIVE = / n(\d{1,4}):(-?\d)((?: (?:z|-?\d{1,5})=\d{1,16})+)/gy;

export function readCountReport(report: string, sink: CountedSink): ReadResult {
  if (report.length > LONGEST_REPORT) return { folded: 0, refused: 1, dropped: 0 };
  const [version, ...lines] = report.split('\n');
  if (version !== `v 1 ${sink.digest}`) return { folded: 0, refused: 1, dropped: 0 };
  const numbers = new Float64Array(sink.width);
  let group: CountedGroup | undefined;
  let folded = 0;
  let refused = 0;
  let dropped = 0;
  for (const line of lines) {
    if (line.startsWith('g ')) {
      group = groupOf(line);
      if (group === undefined) refused += 1;
    } else if (line.startsWith('f ')) {
      folded += Number(FOLDED.exec(line)?.[1] ?? 0);
    } else if (line.startsWith('l ')) {
      const [, malformed = 1, notCounted = 0] = LEFT_OUT.exec(line) ?? [];
      refused += Number(malformed);
      dropped += Number(notCounted);
    } else if (line !== '' && !added(line, group, numbers, sink)) {
      refused += 1;
    }
  }
  return { folded, refused, dropped };
}

/** Adds what a line counts. Returns false if the line is invalid. */
function added(line: string, group: CountedGroup | undefined, numbers: Float64Array, sink: CountedSink): boolean {
  if (line.startsWith('w ')) return addReason(line, sink);
  if (line.startsWith('e ')) return addEvent(line, sink);
  if (line.startsWith('s ')) return addSessions(line, sink);
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

/** Returns false if the line is invalid. */
function addSessions(line: string, sink: CountedSink): boolean {
  const [, entry = '', status = '', text = ''] = SESSIONS.exec(line) ?? [];
  const numbers = text.slice(1).split(' ').map(Number);
  if (numbers.length !== SESSION_WIDTH || !numbers.every(Number.isSafeInteger)) return false;
  sink.addSessions(entry, status, numbers);
  return true;
}

function groupOf(line: string): CountedGroup | undefined {
  const match = GROUP.exec(line);
  if (match === null) return undefined;
  const [route = '', service = '', canary = '', host = ''] = match.slice(1).map((each) => (each === '-' ? '' : each));
  return { route, service, canary, host };
}

/** Returns false if the line is invalid. */
function addSeries(line: string, group: CountedGroup, numbers: Float64Array, sink: CountedSink): boolean {
  const match = SERIES.exec(line);
  if (match === null) return false;
  const [head, method = '', status = '', requests = ''] = match;
  if (!KNOWN_METHODS.has(method) || !STATUS.test(status)) return false;
  numbers.fill(0);
  numbers[0] = Number(requests);
  const end = line.indexOf(' n', head.length);
  if (!Number.isSafeInteger(numbers[0]) || !readPairs(line, head.length, end, numbers)) return false;
  const natives = end < 0 ? NO_NATIVES : readNatives(line.slice(end), sink);
  if (natives === undefined) return false;
  sink.add(group, method, status, { numbers, natives });
  return true;
}

/** Reads native histograms up to the end of the text. Returns undefined if they are invalid or not expected. */
function readNatives(text: string, { native, width }: CountedSink): ReadonlyMap<number, CountedBuckets> | undefined {
  const natives = new Map<number, CountedBuckets>();
  let end = 0;
  for (const match of text.matchAll(NATIVE)) {
    const [whole, place = '', schema = '', pairs = ''] = match;
    const counted = bucketsOf(Number(schema), pairs);
    if (native === undefined || counted === undefined || counted.schema > native.schema) return undefined;
    if (Number(place) >= width) return undefined;
    natives.set(Number(place), counted);
    end += whole.length;
  }
  return end === text.length ? natives : undefined;
}

/** `pairs`: ` <bucket>=<number>` repeatedly, in which the bucket `z` contains the values that are 0. */
function bucketsOf(schema: number, pairs: string): CountedBuckets | undefined {
  const buckets = new Map<number, number>();
  let zero = 0;
  for (const pair of pairs.slice(1).split(' ')) {
    const [bucket = '', number = ''] = pair.split('=');
    const count = Number(number);
    if (!Number.isSafeInteger(count)) return undefined;
    if (bucket === 'z') zero = count;
    else buckets.set(Number(bucket), count);
  }
  return schema < LOWEST_SCHEMA ? undefined : { schema, zero, buckets };
}

/**
 * Reads ` <place>=<number>` repeatedly, up to `end` (negative for the end of the line). Returns false if the line does
 * not have this form. A loop over characters, because a busy NGINX sends tens of thousands of pairs per second.
 */
function readPairs(line: string, from: number, end: number, numbers: Float64Array): boolean {
  const stop = end < 0 ? line.length : end;
  let at = from;
  while (at < stop) {
    if (line.charCodeAt(at) !== SPACE) return false;
    const equals = endOfNumber(line, at + 1);
    const next = endOfNumber(line, equals + 1);
    if (equals === at + 1 || line.charCodeAt(equals) !== EQUALS || next === equals + 1) return false;
    const place = Number(line.slice(at + 1, equals));
    const number = Number(line.slice(equals + 1, next));
    if (place < 1 || place >= numbers.length || !Number.isSafeInteger(number)) return false;
    numbers[place] = number;
    at = next;
  }
  return true;
}

function endOfNumber(line: string, from: number): number {
  let at = from;
  for (let code = line.charCodeAt(at); code >= ZERO && code <= NINE; code = line.charCodeAt(at)) at += 1;
  return at;
}
