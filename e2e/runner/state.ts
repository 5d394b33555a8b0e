/** The live API, as docs/live-data.md describes it. */
import { request } from 'node:http';

export interface LiveState {
  readonly revision: number;
  readonly digest: string;
  readonly capacity: number;
  readonly free: number;
  readonly conf: string;
  readonly generation: number;
  readonly workers: readonly { pid: number; id: number; generation: number; conf: string; count: number }[];
}

/** One request to the live API; never retried. */
export async function callLive(
  runDir: string,
  method: 'GET' | 'POST',
  path: string,
  body = '',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socketPath = `${runDir}/run/api/live.sock`;
    const headers = { 'Content-Length': Buffer.byteLength(body) };
    const call = request({ socketPath, method, path, headers, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.on('timeout', () => call.destroy(new Error('the live API did not answer in 5 s')));
    call.end(body);
  });
}

/** `GET /v1/state`. */
export async function readState(runDir: string): Promise<LiveState> {
  const { status, text } = await callLive(runDir, 'GET', '/v1/state');
  if (status !== 200) throw new Error(`GET /v1/state: ${status} ${text}`);
  return JSON.parse(text) as LiveState;
}
