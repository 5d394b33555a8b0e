/**
 * An endpoint whose behaviour a spec controls: how long it takes to answer, whether it answers at all, and whether it
 * listens.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import type { Answer } from './request.ts';

export interface Conduct {
  /** Delay before the answer, in milliseconds. */
  readonly delay?: number;
  /** Closes the connection instead of answering. */
  readonly drop?: boolean;
  readonly status?: number;
}

export interface Endpoint {
  readonly name: string;
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly id: string;
  /** Number of requests that the endpoint has not answered yet. */
  readonly busy: () => number;
  /** Number of requests since the last `behave`. */
  readonly count: () => number;
  /** Sets the behaviour from now on. `conduct` is called for each request with its number, which starts at 1. */
  behave(conduct: (request: number) => Conduct): void;
  /** Stops listening, so that connections are refused. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  open(): Promise<void>;
}

/** Starts an endpoint. Until `behave` is called, it answers at once. The body of its answers is its name. */
export async function startEndpoint(name: string): Promise<Endpoint> {
  let conduct: (request: number) => Conduct = () => ({});
  let busy = 0;
  let count = 0;
  let port = 0;
  const server = createServer((incoming, outgoing) => {
    busy += 1;
    count += 1;
    outgoing.on('close', () => (busy -= 1));
    const { delay = 0, drop = false, status = 200 } = conduct(count);
    void sleep(Number(incoming.headers['x-delay'] ?? delay)).then(() => {
      if (drop) return void incoming.socket.destroy();
      outgoing.writeHead(Number(incoming.headers['x-answer'] ?? status));
      return outgoing.end(name);
    });
  });
  async function open(): Promise<void> {
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    ({ port } = server.address() as AddressInfo);
  }
  await open();
  return {
    name,
    port,
    id: `127.0.0.1:${port}`,
    busy: () => busy,
    count: () => count,
    behave: (wanted) => {
      conduct = wanted;
      count = 0;
    },
    open,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/**
 * How often each endpoint answered, according to the bodies. Answers with a status other than 200 are counted by their
 * status.
 */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status === 200 ? body : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** One endpoint in the answer to `GET /v1/endpoints`. */
export interface EndpointState {
  readonly backend: string;
  readonly endpoint: string;
  readonly out: boolean;
  /** Seconds until the endpoint gets a trial request. */
  readonly probe: number;
  readonly fails: number;
  readonly inFlight: number;
  readonly score: number;
}

/**
 * The state of each endpoint of a backend; without a backend, of all endpoints that are left out. The keys are the
 * names in `known`.
 */
export async function endpointStates(
  nginx: Fixture,
  known: readonly Endpoint[],
  backend?: string,
): Promise<Record<string, EndpointState>> {
  const query = backend === undefined ? '' : `?backend=${encodeURIComponent(backend)}`;
  const { status, body } = await nginx.api.send('GET', `/v1/endpoints${query}`);
  if (status !== 200) throw new Error(`GET /v1/endpoints: ${status} ${body}`);
  const { endpoints } = JSON.parse(body) as { endpoints: EndpointState[] };
  const nameOf = (id: string) => known.find((each) => each.id === id)?.name ?? id;
  return Object.fromEntries(endpoints.map((state) => [nameOf(state.endpoint), state]));
}

/** Sends this number of requests, one after another. */
export async function oneByOne(requests: number, send: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < requests; i += 1) answers.push(await send());
  return answers;
}

/** Waits until the endpoints have this many unanswered requests in total. */
export async function underWay(endpoints: readonly Endpoint[], count: number): Promise<void> {
  await until(`${count} requests to be in progress`, () =>
    endpoints.reduce((sum, each) => sum + each.busy(), 0) === count ? true : undefined,
  );
}
