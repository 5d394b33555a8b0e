/** An endpoint whose behaviour a spec controls: how long it takes, whether it answers at all, whether it listens. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import type { Answer } from './request.ts';

export interface Conduct {
  /** Milliseconds before the answer. */
  readonly delay?: number;
  /** Ends the connection instead of answering. */
  readonly drop?: boolean;
  readonly status?: number;
}

export interface Endpoint {
  readonly name: string;
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly id: string;
  /** Requests being answered. */
  readonly busy: () => number;
  /** Requests so far. */
  readonly count: () => number;
  /** Sets its behaviour from now on; called with the number of the request, from 1 on. */
  behave(conduct: (request: number) => Conduct): void;
  /** Refuses connections. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  open(): Promise<void>;
}

/** Starts one that answers at once, with its name. */
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

/** How often each endpoint answered, by the bodies; a status other than 200 counts under its number. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status === 200 ? body : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The `GET /v1/endpoints` data of one endpoint. */
export interface EndpointState {
  readonly backend: string;
  readonly endpoint: string;
  readonly out: boolean;
  /** Seconds until it is tried once more. */
  readonly probe: number;
  readonly fails: number;
  readonly inFlight: number;
  readonly score: number;
}

/** The endpoints of a backend, by name of `known`; without a backend, those that are left out. */
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

/** Sends `requests` requests one after the other. */
export async function oneByOne(requests: number, send: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < requests; i += 1) answers.push(await send());
  return answers;
}

/** Waits until this many requests are at the endpoints in total. */
export async function underWay(endpoints: readonly Endpoint[], count: number): Promise<void> {
  await until(`${count} requests to be under way`, () =>
    endpoints.reduce((sum, each) => sum + each.busy(), 0) === count ? true : undefined,
  );
}
