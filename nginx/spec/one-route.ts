/** An NGINX with one backend and one route to it, for specs of the live API. */
import { startBackend } from './backends.ts';
import type { Backend } from './backends.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';
import { expectRefusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';

/** Id of the route. */
export const ID = '00000000000000cc';

export interface OneRoute {
  readonly nginx: Fixture;
  readonly backend: Backend;
  /** Sends a delta, and checks that the delta is refused with `status` and changes nothing. */
  refused(body: string, status: number): Promise<Refusal>;
  /** The revision in force, on which a delta is based. */
  base(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts NGINX and the backend. The route `ID` leads to the backend `b:shop/web/80`. */
export async function startOneRoute(): Promise<OneRoute> {
  const backend = await startBackend('one');
  const nginx = await startFixture();
  await nginx.api.push({ 'b:shop/web/80': endpoints(backend.port), [`r:${ID}`]: route('shop/web/80') });
  return {
    nginx,
    backend,
    refused: (body, status) => expectRefusal(nginx, ID, body, status),
    base: async () => (await nginx.api.state()).revision,
    async stop() {
      await nginx.stop();
      await backend.close();
    },
  };
}
