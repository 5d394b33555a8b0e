/** Determines which pod responds for a host; used by most cluster tests. */
import { requestOnce } from '../client/connection.ts';
import { until } from '../runner/instance.ts';
import { hostOf } from '../behaviour/site.ts';
import type { Pod } from './pod.ts';

/** Sends a request; returns the address of the pod that responded, or the status, or the reason why it failed. */
export async function answerOf(pod: Pod, site: string): Promise<string> {
  const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(site), path: '/' });
  if (exchange.kind !== 'answer') return `${exchange.kind}: ${exchange.detail}`;
  const { headers, status } = exchange.answer;
  return headers.get('echo-endpoint')?.split(':')[0] ?? String(status);
}

/** Waits until the result of a request to a site is one of these addresses or statuses. */
export async function untilAnswered(
  pod: Pod,
  site: string,
  wanted: readonly string[],
  timeout = 15_000,
): Promise<void> {
  let last = '';
  await until(
    `${site} answered by ${wanted.join(' or ')}`,
    async () => wanted.includes((last = await answerOf(pod, site))),
    timeout,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; last seen: ${last}\n${pod.controller.lines.slice(-30).join('\n')}`);
  });
}
