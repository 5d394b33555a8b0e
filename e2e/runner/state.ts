/** Calls the live API of a running NGINX, whose socket is in the run directory, with the client of the Lua specs. */
import { join } from 'node:path';
import { apiClient } from '../../nginx/spec/live.ts';
import type { LiveState } from '../../nginx/spec/live.ts';

/** Sends one request to the live API, without retries. */
export async function callLive(
  runDir: string,
  method: 'GET' | 'POST',
  path: string,
  body = '',
): Promise<{ status: number; text: string }> {
  const answer = await apiClient(join(runDir, 'run/api/live.sock')).send(method, path, body);
  return { status: answer.status, text: answer.body };
}

/** The response to `GET /v1/state`; rejects if its status is not 200. */
export async function readState(runDir: string): Promise<LiveState> {
  return apiClient(join(runDir, 'run/api/live.sock')).state();
}
