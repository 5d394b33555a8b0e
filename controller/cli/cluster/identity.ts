/**
 * The identity of this replica: its Pod, its zone, the addresses that it publishes, and its connection to the API
 * server.
 */
import { type ApiConnection, type ApiOptions, loadApi } from '../../cluster/index.ts';
import type { AddressSource } from '../../report/address-source.ts';
import type { Log } from '../../report/logger.ts';
import { type OwnPod, readOwnPod } from '../../report/own-pod.ts';
import type { Arguments } from '../flag-values.ts';
import { addressSource } from './report.ts';
import { ownZone } from './zone.ts';

export interface Identity {
  readonly api: ApiConnection;
  /** Value of POD_NAMESPACE; undefined outside a Pod. */
  readonly namespace: string | undefined;
  /** Value of POD_NAME; undefined outside a Pod. */
  readonly podName: string | undefined;
  /** Undefined if the Pod cannot be read. */
  readonly pod: OwnPod | undefined;
  /** Source of the addresses for the status of Ingresses, or why there is none. */
  readonly source: AddressSource | { readonly obstacle: string };
  /** Zone of the node; undefined if unknown, or without --enable-topology-aware-routing. */
  readonly zone: string | undefined;
}

/** Options for the connection to the API server, from the flags that are not empty. */
export function apiOptions(flags: Arguments<'controller'>): ApiOptions {
  const { kubeconfig, apiserverHost, certificateAuthority } = flags;
  const all = Object.entries({ kubeconfig, apiserverHost, certificateAuthority });
  return Object.fromEntries(all.filter(([, value]) => value !== ''));
}

/** Connects to the API server and reads the identity. If startup must be aborted, returns the reason as a string. */
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
