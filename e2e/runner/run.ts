/** Sends the requests of a variant to an instance that has loaded the variant. */
import { setTimeout as sleep } from 'node:timers/promises';
import { differences, spreadDifferences } from './expect.ts';
import { sendHttp1 } from './http1.ts';
import { sendHttp2 } from './http2.ts';
import { makeJar } from './jar.ts';
import type { Destination, Jar } from './jar.ts';
import type { RequestSpec } from './scenario.ts';
import { receivedOf } from './seen.ts';
import type { Seen } from './seen.ts';
import { open } from './socket.ts';
import type { Ports, Sessions } from './socket.ts';
import { disagreement } from './agreement.ts';
import type { Observation } from './agreement.ts';
import { logDifferences, withId } from './logged.ts';
import type { LoggedRequest } from './logged.ts';
import type { Predictions } from './prediction.ts';
import { replaceTexts } from './variant.ts';
import type { Variant } from './variant.ts';

type Requests = Pick<Variant, 'requests' | 'endpoints' | 'jar'>;

/** State that the requests of a variant share. */
interface Client {
  readonly jar: Jar | undefined;
  readonly sessions: Sessions;
  /** The endpoint that answered the previous request. */
  last: string | undefined;
  /** Endpoint → the connection on which it received its previous request. */
  readonly connections: Map<string, number>;
  /** Explanations, with which each request is compared, besides the scenario's own expectations. */
  readonly predictions: Predictions | undefined;
  /** All requests so far. */
  readonly sent: Sent[];
}

/** Compares the connection to the endpoint with the previous one, and stores it for the next comparison. */
function connectionDifferences(spec: RequestSpec, seen: Seen, { connections }: Client): string[] {
  const received = receivedOf(seen);
  if (received === undefined) return [];
  const before = connections.get(received.endpoint);
  connections.set(received.endpoint, received.connection);
  const wanted = typeof spec.expect?.backend === 'object' ? spec.expect.backend.sameConnection : undefined;
  if (wanted === undefined || (before !== undefined && wanted === (before === received.connection))) return [];
  return [`backend: expected ${wanted ? 'the same' : 'another'} connection, ${received.connection} after ${before}`];
}

/** Sends one request on a new connection. */
export async function send(given: RequestSpec, ports: Ports, sessions?: Sessions): Promise<Seen> {
  const padding = given.padding === undefined ? {} : { 'X-Padding': 'p'.repeat(given.padding) };
  const spec = { ...given, headers: { ...given.headers, ...padding } };
  const socket = await open(spec, ports, sessions);
  return spec.http === '2' ? sendHttp2(socket, spec) : sendHttp1(socket, spec);
}

async function sendWithCookies(spec: RequestSpec, ports: Ports, { jar, sessions }: Client): Promise<Seen> {
  if (jar === undefined || spec.jar === false) return send(spec, ports, sessions);
  const to: Destination = { host: spec.host || '', path: spec.path, secure: spec.tls !== false };
  const own = Object.keys(spec.headers).find((name) => name.toLowerCase() === 'cookie') ?? 'Cookie';
  const cookies = [spec.headers[own], jar.cookiesFor(to)].filter((text) => text !== undefined);
  const headers = cookies.length === 0 ? spec.headers : { ...spec.headers, [own]: cookies.join('; ') };
  const seen = await send({ ...spec, headers }, ports, sessions);
  jar.store(to, seen.setCookies);
  return seen;
}

/** The cookies of the jar for a request. */
function cookiesOf(spec: RequestSpec, { jar }: Client): string | undefined {
  if (jar === undefined || spec.jar === false) return undefined;
  return jar.cookiesFor({ host: spec.host || '', path: spec.path, secure: spec.tls !== false });
}

/**
 * Compares all requests with their explanations, after the last one, so that scenarios about time are not slowed down.
 * Throws if one differs, so that the test fails even if a control is expected to differ from the scenario.
 */
async function compareWithExplanations({ predictions, sent }: Client): Promise<void> {
  if (predictions === undefined) return;
  const logged: LoggedRequest[] = [];
  for (const { observation, cookies, id } of sent) {
    const explanation = predictions.explain(observation.spec, cookies);
    const wrong = disagreement(observation, explanation);
    if (wrong !== undefined) throw new Error(wrong);
    if (id !== undefined && typeof observation.seen !== 'string') logged.push({ id, observation, explanation });
  }
  const differing = await logDifferences(logged, predictions.runDir);
  if (differing.length > 0) throw new Error(differing.join('\n'));
}

/** A request with what became of it, the cookies of the jar, and the id that marks it in the access log. */
interface Sent {
  readonly observation: Observation;
  readonly cookies: string | undefined;
  readonly id: string | undefined;
}

async function attempt(spec: RequestSpec, ports: Ports, client: Client): Promise<Seen | string> {
  return sendWithCookies(spec, ports, client).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
}

/** The request with an id for the access log, if explanations are compared; one line is enough for all repetitions. */
function marked(spec: RequestSpec, repetition: number, { predictions }: Client): ReturnType<typeof withId> {
  return predictions === undefined || repetition > 0 ? { spec, id: undefined } : withId(spec);
}

async function runRequest(given: RequestSpec, variant: Requests, ports: Ports, client: Client): Promise<string[]> {
  const found: string[] = [];
  const all: Seen[] = [];
  for (let i = 0; i < given.times; i += 1) {
    const { spec, id } = marked(given, i, client);
    const cookies = cookiesOf(spec, client);
    const seen = await attempt(spec, ports, client);
    if (client.predictions !== undefined)
      client.sent.push({ observation: { spec, seen, endpoints: variant.endpoints }, cookies, id });
    if (typeof seen === 'string') found.push(...(spec.refused ? [] : [`no response: ${seen}`]));
    else {
      all.push(seen);
      if (spec.refused) found.push(`expected no response, got status ${seen.status}`);
      else if (spec.expect) found.push(...differences(spec.expect, seen, variant.endpoints, client.last));
      found.push(...connectionDifferences(spec, seen, client));
      client.last = receivedOf(seen)?.endpoint ?? client.last;
    }
    if (found.length > 0) break;
  }
  if (found.length === 0 && given.expect) found.push(...spreadDifferences(given.expect, all));
  const scheme = given.tls === false ? 'http' : 'https';
  const title = given.about ?? `${given.method} ${scheme}://${given.host || '-'}${given.path}`;
  return found.map((difference) => `${title}: ${difference}`);
}

/** Milliseconds after which a request with `meanwhile` has surely been sent, and is waiting for its response. */
const UNDER_WAY_MS = 250;

/** The differences of all requests; empty if every expectation is met. With `one`, stops after the first difference. */
export async function runVariant(
  variant: Requests,
  ports: Ports,
  enough: 'one' | 'all',
  predictions?: Predictions,
): Promise<string[]> {
  const texts = { HTTP_PORT: String(ports.httpPort), HTTPS_PORT: String(ports.httpsPort) };
  const client: Client = {
    jar: variant.jar ? makeJar() : undefined,
    sessions: new Map(),
    last: undefined,
    connections: new Map(),
    predictions,
    sent: [],
  };
  const found: string[] = [];
  const underWay: Promise<string[]>[] = [];
  for (const spec of replaceTexts(variant.requests, texts)) {
    const differing = runRequest(spec, variant, ports, client);
    if (spec.meanwhile === true) {
      underWay.push(differing);
      await sleep(UNDER_WAY_MS);
      continue;
    }
    found.push(...(await differing));
    if (enough === 'one' && found.length > 0) break;
  }
  found.push(...(await Promise.all(underWay)).flat());
  await compareWithExplanations(client);
  return found;
}
