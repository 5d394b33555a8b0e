import { expect, it } from 'vitest';
import { startEmulator } from '../../e2e/apiserver/emulator.ts';
import { ask } from './api-answer.ts';
import { apiClient } from './testing/api-client.ts';

it('ask() returns objects, refusals and missing responses as values, and does not throw', async () => {
  const emulator = await startEmulator();
  const api = apiClient(emulator.url);
  const path = '/api/v1/namespaces/default';
  expect(await ask(api, 'GET', path)).toMatchObject({ ok: true, value: { metadata: { name: 'default' } } });
  expect(await ask(api, 'GET', `${path}x`)).toEqual({
    ok: false,
    status: 404,
    message: expect.stringMatching(/^GET \/api\/v1\/namespaces\/defaultx: 404 .*not found/),
    retryable: false,
    retryAfterMs: 0,
  });
  emulator.fault({ kind: 'status', code: 429, retryAfter: 2, times: 1 });
  expect(await ask(api, 'GET', path)).toMatchObject({ status: 429, retryable: true, retryAfterMs: 2000 });
  emulator.fault({ kind: 'status', code: 403, times: 1 });
  expect(await ask(api, 'GET', path)).toMatchObject({ status: 403, retryable: false });
  emulator.fault({ kind: 'hang', times: 1 });
  expect(await ask(api, 'GET', path, { timeoutMs: 100 })).toMatchObject({ status: 0, retryable: true });
  await emulator.stop();
  expect(await ask(api, 'GET', path)).toMatchObject({ status: 0, retryable: true });
});

it('ask() shortens the response of a proxy that answers instead of the API server', async () => {
  const page = `<html>${'x'.repeat(5000)}`;
  const api = { request: () => Promise.resolve({ status: 502, body: page }) };
  const answer = await ask(api, 'GET', '/version');
  expect(answer).toMatchObject({ ok: false, retryable: true });
  expect(JSON.stringify(answer).length).toBeLessThan(600);
});
