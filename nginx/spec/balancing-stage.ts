/**
 * An NGINX with the endpoints a, b and c, which answer, and x, y and z, which by default close connections without an
 * answer.
 */
import { startEndpoint } from './balancing-endpoint.ts';
import type { Endpoint, EndpointState } from './balancing-endpoint.ts';
import { endpointStates } from './balancing-endpoint.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';
import type { Answer, RequestOptions } from './request.ts';
import type { LiveBackend } from '../../controller/types/live.ts';
import type { LiveRoute } from '../../controller/types/live-route.ts';

/** Id of the route. */
export const ID = '00000000000000be';

export interface Stage {
  readonly nginx: Fixture;
  /** The endpoints a, b and c. */
  readonly alive: readonly Endpoint[];
  /** The endpoints x, y and z, which close connections instead of answering. */
  readonly dead: readonly [Endpoint, Endpoint, Endpoint];
  /** Key of the current backend, without the prefix `b:`. */
  readonly backend: () => string;
  /** Switches to the backend `name`, or to a new backend if no name is given, and resets all endpoints' behaviour. */
  begin(backend?: string): void;
  /**
   * The entry of the backend in the live data. `names` has the letters of its endpoints, which may be followed by a
   * weight, as in `a5b`.
   */
  members(names: string): Record<string, LiveBackend>;
  /** Pushes the backend with the endpoints `names`, and the route to it. */
  serve(names: string, changes?: Partial<LiveRoute>): Promise<void>;
  send(options?: RequestOptions): Promise<Answer>;
  states(): Promise<Record<string, EndpointState>>;
  /** The letters of the endpoints that are left out. */
  out(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts NGINX and the endpoints. `http` is inserted into the http block of nginx.conf. */
export async function startStage(http = ''): Promise<Stage> {
  const alive = await Promise.all(['a', 'b', 'c'].map(startEndpoint));
  const dead = [await startEndpoint('x'), await startEndpoint('y'), await startEndpoint('z')] as const;
  const all = [...alive, ...dead];
  const nginx = await startFixture({ workers: 1, http });
  let number = 0;
  let backend = '';

  function portOf(name: string): number {
    const found = all.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no endpoint ${name}`);
    return found.port;
  }
  function members(names: string): Record<string, LiveBackend> {
    const pairs = [...names.matchAll(/([a-z])(\d*)/g)].map(
      ([, name = '', weight]) => [portOf(name), Number(weight || 1)] as const,
    );
    return { [`b:${backend}`]: endpoints(...pairs) };
  }
  const states = () => endpointStates(nginx, all, backend);
  return {
    nginx,
    alive,
    dead,
    backend: () => backend,
    begin: (named) => {
      number += 1;
      backend = named ?? `shop/web${number}/80`;
      for (const endpoint of alive) endpoint.behave(() => ({}));
      for (const endpoint of dead) endpoint.behave(() => ({ drop: true }));
    },
    members,
    serve: async (names, changes = {}) => {
      await nginx.api.push({ ...members(names), [`r:${ID}`]: route(backend, changes) });
    },
    send: (options = {}) => nginx.get('/', ID, options),
    states,
    out: async () => {
      const found = Object.entries(await states()).filter(([, state]) => state.out);
      return found.map(([name]) => name).join('');
    },
    stop: async () => {
      await nginx.stop();
      await Promise.all(all.map((endpoint) => endpoint.close()));
    },
  };
}
