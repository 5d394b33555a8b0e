/** Checks the properties of every refusal of the live API. */
import { expect } from 'vitest';
import type { Fixture } from './fixture.ts';

export interface Refusal {
  readonly error: string;
  readonly message: string;
  readonly revision: number;
}

/**
 * Sends a delta and checks that it is refused with `status`, that nothing has changed, and that the route `id` is still
 * served. Returns the refusal.
 */
export async function expectRefusal(nginx: Fixture, id: string, body: string, status: number): Promise<Refusal> {
  const before = await nginx.api.state();
  const keys = await nginx.api.keys();
  const answer = await nginx.api.post(body);
  expect(answer.headers['content-type']).toBe('application/json');
  expect([answer.status, answer.body]).toEqual([status, expect.any(String)]);
  const refusal = JSON.parse(answer.body) as Refusal;
  expect(refusal.revision).toBe(before.revision);
  expect(await nginx.api.state()).toMatchObject({ revision: before.revision, digest: before.digest });
  expect(await nginx.api.keys()).toEqual(keys);
  expect((await nginx.get('/', id)).status).toBe(200);
  return refusal;
}
