/** The identity of this replica, and the API server that it uses. */
import { type ApiConnection, type ApiOptions, loadApi } from '../../cluster/index.ts';
import type { AddressSource } from '../../report/address-source.ts';
import type { Log } from '../../report/logger.ts';
import { type OwnPod, readOwnPod } from '../../report/own-pod.ts';
import type { Arguments } from '../flag-values.ts';
import { addressSource } from './report.ts';
import { ownZone } from './zone.ts';

export interface Identity {
  readonly api: ApiConnection;
  /** From the environment; undefined outside a Pod. */
  readonly namespace: string | undefined;
  readonly podName: string | undefined;
  /** Undefined if it cannot be read. */
  readonly pod: OwnPod | undefined;
  /** Where the addresses for the status come from. */
  readonly source: AddressSource | { readonly obstacle: string };
  readonly zone: string | undefined;
}

/** How the API server is reached. */
export function apiOptions(flags: Arguments<'controller'>): ApiOptions {
  const { kubeconfig, apiserverHost, certificateAuthority } = flags;
  const all = Object.entries({ kubeconfig, apiserverHost, certificateAuthority });
  return Object.fromEntries(all.filter(([, value]) => value !== ''));
}

/** Reads all of it, or returns why the start must fail. */
export async function identify(flags: Arguments<'controller'>, log: Log): Promise<Identity | string> {
  const api = await loadApi(apiOptions(flags)).catch((error: unknown) => String(error));
  if (typeof api === 'string') return api;
  const { POD_NAMESPACE: namespace, POD_NAME: podName } = process.env;
  const own = namespace === undefined || podName === undefined ? undefined : await readOwnPod(api, namespace, podName);
  if (own?.ok === false)
    log.warn(`this pod, ${namespace}/${podName}, cannot be read, so no status is written: ${own.message}`);
  const pod = own?.ok === true ? own.value : undefined;
  const source = addressSource(api, flags, pod);
  if ('obstacle' in source && flags.updateStatus && pod !== undefined) return source.obstacle;
  const zone = await ownZone(flags, api, pod, (message) => log.warn(message));
  return { api, namespace, podName, pod, source, zone };
}
