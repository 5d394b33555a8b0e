/** What a running NGINX reports about its live data; uses the client of the Lua specs, found by the run directory. */
import { join } from 'node:path';
import { apiClient } from '../../nginx/spec/live.ts';
import type { LiveState } from '../../nginx/spec/live.ts';

/** One request to the live API; never retried. */
export async function callLive(
  runDir: string,
  method: 'GET' | 'POST',
  path: string,
  body = '',
): Promise<{ status: number; text: string }> {
  const answer = await apiClient(join(runDir, 'run/api/live.sock')).send(method, path, body);
  return { status: answer.status, text: answer.body };
}

/** `GET /v1/state`; rejects unless it is answered with 200. */
export async function readState(runDir: string): Promise<LiveState> {
  return apiClient(join(runDir, 'run/api/live.sock')).state();
}
