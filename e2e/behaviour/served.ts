/** Determines which pod responds; used by most behaviour tests. */
import { requestOnce } from '../client/connection.ts';
import { until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { hostOf } from './site.ts';

/** Sends a request; returns the address of the pod that responded, or the status, or the reason why it failed. */
export async function podOf(instance: Instance, site: string, path = '/'): Promise<string> {
  const exchange = await requestOnce({ port: instance.httpPort, host: hostOf(site), path });
  if (exchange.kind !== 'answer') return `${exchange.kind}: ${exchange.detail}`;
  const endpoint = exchange.answer.headers.get('echo-endpoint');
  return endpoint?.split(':')[0] ?? String(exchange.answer.status);
}

/** Waits until the results of `times` successive requests to a site are among these addresses or statuses. */
export async function untilServed(
  instance: Instance,
  site: string,
  pods: readonly string[],
  options: { path?: string; times?: number; timeout?: number } = {},
): Promise<void> {
  const { path = '/', times = 1, timeout = 10_000 } = options;
  let inRow = 0;
  let last = '';
  await until(
    `${site} answered by ${pods.join(' or ')}`,
    async () => {
      last = await podOf(instance, site, path);
      inRow = pods.includes(last) ? inRow + 1 : 0;
      return inRow >= times;
    },
    timeout,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; last seen: ${last}\n${instance.lines.slice(-30).join('\n')}`);
  });
}
