/** Waits until an NGINX that somebody else starts, such as the kubelet, answers on the live API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { completeGeneration, newestConf } from './generation.ts';
import type { LiveApiAnswer, LiveApi, LiveState } from './live-api.ts';

const LOOK_EVERY_MS = 25;

/**
 * Resolves as soon as all workers of the newest generation have registered. After the timeout, or if interrupted,
 * resolves to a failure.
 */
export async function waitForAnswer(
  api: LiveApi,
  timeoutMs: number,
  interrupted: () => string | undefined,
): Promise<LiveApiAnswer<LiveState>> {
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
