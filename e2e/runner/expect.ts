/**
 * Compares a response with what a scenario expects. Returns each difference as a string; an empty list means success.
 */
import { receivedOf } from './seen.ts';
import type { Seen } from './seen.ts';
import type { Expectation, Textual } from './scenario.ts';
import type { Endpoint } from './endpoints.ts';

type Fields = ReadonlyMap<string, string>;

function fits(expected: Textual, actual: string | undefined): boolean {
  if (typeof expected === 'string') return actual === expected;
  return actual !== undefined && new RegExp(expected.match).test(actual);
}

function compare(what: string, expected: Textual | number | undefined, actual: string | number | undefined): string[] {
  if (expected === undefined) return [];
  if (typeof expected === 'number' ? expected === actual : fits(expected, actual?.toString())) return [];
  const wanted = typeof expected === 'object' ? `a match of /${expected.match}/` : JSON.stringify(expected);
  return [`${what}: expected ${wanted}, got ${actual === undefined ? 'none' : JSON.stringify(actual)}`];
}

function compareFields(what: string, wanted: Readonly<Record<string, Textual>> | undefined, actual: Fields): string[] {
  return Object.entries(wanted ?? {}).flatMap(([name, value]) =>
    compare(`${what} ${name}`, value, actual.get(name.toLowerCase())),
  );
}

function compareAbsent(what: string, names: readonly string[] | undefined, actual: Fields): string[] {
  return (names ?? []).flatMap((name) => {
    const value = actual.get(name.toLowerCase());
    return value === undefined ? [] : [`${what} ${name}: expected none, got ${JSON.stringify(value)}`];
  });
}

function collect(pairs: readonly (readonly [string, string])[]): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    fields.set(key, fields.has(key) ? `${fields.get(key)}, ${value}` : value);
  }
  return fields;
}

function compareAgain(wanted: boolean | undefined, endpoint: string, last: string | undefined): string[] {
  if (wanted === undefined || (last !== undefined && wanted === (endpoint === last))) return [];
  return [`backend: expected ${wanted ? 'the same endpoint again' : 'another endpoint'}, ${endpoint} after ${last}`];
}

function compareParams(
  wanted: Readonly<Record<string, Textual>> | undefined,
  actual: Readonly<Record<string, string>> | undefined,
): string[] {
  return Object.entries(wanted ?? {}).flatMap(([name, value]) => compare(`FastCGI ${name}`, value, actual?.[name]));
}

function compareBackend(
  expected: Expectation['backend'],
  seen: Seen,
  owners: ReadonlyMap<string, Endpoint>,
  last: string | undefined,
): string[] {
  const received = receivedOf(seen);
  if (expected === undefined) return [];
  if (expected === false) return received ? [`backend: expected none, ${received.endpoint} was asked`] : [];
  if (!received)
    return [`backend: expected one, none was asked; body ${JSON.stringify(seen.body.toString().slice(0, 200))}`];
  const headers = collect(received.headers);
  const tls = expected.tls ?? {};
  const agreed = received.tls ?? { sni: undefined, client: undefined, protocol: undefined, cipher: undefined };
  return [
    ...compare('backend service', expected.service, owners.get(received.endpoint)?.service ?? received.endpoint),
    ...compareAgain(expected.again, received.endpoint, last),
    ...compare('backend method', expected.method, received.method),
    ...compare('backend path', expected.path, received.path),
    ...compare('backend HTTP version', expected.http, received.http),
    ...compare('backend body length', expected.bodyLength, received.bodyLength),
    ...compareFields('backend header', expected.headers, headers),
    ...compareAbsent('backend header', expected.absent, headers),
    ...compareParams(expected.params, received.params),
    ...compareAbsent('FastCGI', expected.absentParams, collect(Object.entries(received.params ?? {}))),
    ...compare('backend SNI', tls.sni, agreed.sni),
    ...compare('backend client certificate', tls.client, agreed.client),
    ...compare('backend TLS', tls.protocol, agreed.protocol),
    ...compare('backend cipher', tls.cipher, agreed.cipher),
  ];
}

function compareHandshake({ certificate, tls = {} }: Expectation, seen: Seen): string[] {
  return [
    ...compare('certificate', certificate?.subject, seen.certificate?.subject),
    ...compare('issuer', certificate?.issuer, seen.certificate?.issuer),
    ...compare('TLS', tls.protocol, seen.tls?.protocol),
    ...compare('cipher', tls.cipher, seen.tls?.cipher),
    ...compare('session resumed', tls.resumed?.toString(), seen.tls?.resumed.toString()),
  ];
}

/**
 * The differences between one response and its expectation. `owners` has the Service of each endpoint; `last` is the
 * endpoint that answered the previous request.
 */
export function differences(
  expected: Expectation,
  seen: Seen,
  owners: ReadonlyMap<string, Endpoint>,
  last?: string,
): string[] {
  const { min = 0, max = Number.POSITIVE_INFINITY } = expected.time ?? {};
  const inTime = seen.ms >= min && seen.ms <= max;
  return [
    ...compare('status', expected.status, seen.status),
    ...compare('location', expected.location, seen.headers.get('location')),
    ...compareFields('header', expected.headers, seen.headers),
    ...compareAbsent('header', expected.absent, seen.headers),
    ...compare('body', expected.body, seen.body.toString()),
    ...compareHandshake(expected, seen),
    ...compareFields('trailer', expected.trailers, seen.trailers),
    ...compare('messages', expected.messages && JSON.stringify(expected.messages), JSON.stringify(seen.messages)),
    ...compareBackend(expected.backend, seen, owners, last),
    ...(inTime ? [] : [`time: expected ${min} to ${max} ms, took ${Math.round(seen.ms)} ms`]),
  ];
}

/** The differences that concern all responses to a request that was sent several times. */
export function spreadDifferences(expected: Expectation, all: readonly Seen[]): string[] {
  if (typeof expected.backend !== 'object') return [];
  const answered = new Set(all.map((seen) => receivedOf(seen)?.endpoint));
  return compare('different endpoints', expected.backend.endpoints, answered.size);
}
