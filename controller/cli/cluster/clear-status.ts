/**
 * `tidegate clear-status`: removes the addresses of this installation from the status of Ingresses, before the
 * installation is removed. The last Pod cannot do that when it ends, because `helm uninstall` removes its permissions
 * at the same time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadApi } from '../../cluster/index.ts';
import { clearAddresses } from '../../report/clear-addresses.ts';
import { createLog, type Log } from '../../report/logger.ts';
import { readOwnPod } from '../../report/own-pod.ts';
import { takeLease } from '../../report/take-lease.ts';
import type { ApiClient } from '../../types/api.ts';
import type { Arguments } from '../flag-values.ts';
import { apiOptions } from './identity.ts';
import { addressSource } from './report.ts';

/** How long the Lease is held while the addresses are being removed, so that no replica becomes the leader. */
const HOLD_SECONDS = 300;
/** How long the Lease is held after that. Then a replica can lead again, in case the installation is kept after all. */
const AFTER_SECONDS = 30;
const MOST_MS = 90_000;

/**
 * Takes the flags of `tidegate controller`. Always returns 0, so that a failed cleanup does not block the removal of
 * the installation.
 */
export async function clearStatus(flags: Arguments<'controller'>): Promise<number> {
  const log = createLog(flags.logFormat, 'info');
  const obstacle = await clear(flags, log).catch(String);
  if (obstacle !== undefined) log.error(`addresses remain in the status of Ingresses: ${obstacle}`);
  return 0;
}

async function clear(flags: Arguments<'controller'>, log: Log): Promise<string | undefined> {
  const { POD_NAMESPACE: namespace = '', POD_NAME: name = '' } = process.env;
  if (namespace === '' || name === '') return 'POD_NAME and POD_NAMESPACE are not set';
  const api = await loadApi(apiOptions(flags));
  try {
    const lease = await takeLease(api, namespace, flags.electionId, name, HOLD_SECONDS);
    if (!lease.ok) return lease.message;
    const { holder, waitMs, hold } = lease.value;
    const signal = AbortSignal.timeout(MOST_MS);
    const own = await ownAddresses(api, flags, namespace, holder, signal);
    if (typeof own === 'string') return own;
    if (waitMs > 0) log.info(`waiting ${Math.ceil(waitMs / 1000)} s until ${holder} no longer writes status`);
    await sleep(waitMs);
    const cleared = await clearAddresses(api, flags.watchNamespace, own, log, signal);
    await hold(AFTER_SECONDS);
    if (!cleared.ok) return cleared.message;
    if (cleared.value > 0)
      return `${cleared.value === 1 ? '1 Ingress' : `${cleared.value} Ingresses`} could not be updated`;
    log.info('no Ingress has an address of this installation anymore');
    return undefined;
  } finally {
    await api.close();
  }
}

/**
 * The addresses that the replicas publish, or why they are unknown. If the replicas publish the addresses of their
 * nodes, the labels of the former leader's Pod are used to find all Pods.
 */
async function ownAddresses(
  api: ApiClient,
  flags: Arguments<'controller'>,
  namespace: string,
  holder: string,
  signal: AbortSignal,
) {
  const pod = holder === '' ? undefined : await readOwnPod(api, namespace, holder);
  const source = addressSource(api, flags, pod?.ok === true ? pod.value : undefined);
  if ('obstacle' in source) return source.obstacle;
  const read = await source.read(signal);
  return read.ok ? read.value : read.message;
}
