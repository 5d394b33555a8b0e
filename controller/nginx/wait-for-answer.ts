/** Waits for an NGINX that another process starts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { completeGeneration, newestConf } from './generation.ts';
import type { ApiAnswer, LiveApi, LiveState } from './live-api.ts';

const LOOK_EVERY_MS = 25;

/** Resolves as soon as all workers of a generation answer for it, or with the last obstacle. */
export async function waitForAnswer(
  api: LiveApi,
  timeoutMs: number,
  interrupted: () => string | undefined,
): Promise<ApiAnswer<LiveState>> {
  const started = performance.now();
  for (;;) {
    const answer = await api.state();
    const whole = answer.ok && completeGeneration(answer.value, newestConf(answer.value), new Set()) !== undefined;
    if (whole) return answer;
    const reason = interrupted();
    if (reason !== undefined) return { ok: false, kind: 'unreachable', message: reason };
    if (performance.now() - started >= timeoutMs) {
      const last = answer.ok ? 'not all of its workers have registered' : answer.message;
      return { ok: false, kind: 'unreachable', message: `no answer within ${timeoutMs} ms: ${last}` };
    }
    await sleep(LOOK_EVERY_MS);
  }
}
