/** Watches the cluster. Events are buffered until `deliver` is called. */
import { referencesOf } from '../../app/build.ts';
import type { StaticOptions } from '../../app/build.ts';
import { type ApiWatch, watchApi } from '../../cluster/index.ts';
import { API_SERVER } from '../../model/host/backends/endpoint-rules.ts';
import { keepingFor } from '../../model/ingress/keeping.ts';
import type { Log } from '../../report/logger.ts';
import type { Problem } from '../../types/problem.ts';
import type { SnapshotEvent } from '../../types/snapshot.ts';
import type { Arguments } from '../flag-values.ts';
import type { Identity } from './identity.ts';

export interface FollowOptions {
  readonly flags: Arguments<'controller'>;
  readonly api: Identity['api'];
  readonly options: StaticOptions;
  readonly log: Log;
  /** Called with Problems that delay the first lists of objects. */
  readonly onWaiting: (problems: readonly Problem[]) => void;
  /** Called with each event as it arrives, buffered or not. */
  readonly noticed: (event: SnapshotEvent) => void;
  readonly signal: AbortSignal;
}

export interface Followed {
  readonly watch: ApiWatch;
  /** The event of the first lists. */
  readonly first: SnapshotEvent | undefined;
  /** Calls `to` with all buffered events after the first one, and with all later events. */
  readonly deliver: (to: (event: SnapshotEvent) => void) => void;
}

function streamConfigMaps({ tcpServicesConfigmap, udpServicesConfigmap }: FollowOptions['flags']) {
  return [
    { key: tcpServicesConfigmap, flag: '--tcp-services-configmap', content: 'TCP services' },
    { key: udpServicesConfigmap, flag: '--udp-services-configmap', content: 'UDP services' },
  ].filter(({ key }) => key !== '');
}

/** Starts to watch the cluster. Resolves to undefined if that fails, which is logged, or if the signal aborts it. */
export async function followCluster(given: FollowOptions): Promise<Followed | undefined> {
  const { flags, options, log, signal } = given;
  const waiting: SnapshotEvent[] = [];
  let take = (event: SnapshotEvent): void => void waiting.push(event);
  const { watchNamespace, watchNamespaceSelector, configmap, defaultSslCertificate, defaultBackendService } = flags;
  const { hostOwnership, hostPolicyConfigmap, wildcardCertificatesNamespace, publishService } = flags;
  const named = (...names: readonly string[]) => new Set(names.filter((name) => name !== ''));
  // The addresses of these Services are reserved, whatever namespaces are watched. An installation for one namespace
  // may not have permission to read them.
  const reserved = watchNamespace === '' ? [API_SERVER, publishService] : [];
  const watch = await watchApi(
    given.api,
    {
      ...(watchNamespace !== '' && { watchNamespace }),
      ...(watchNamespaceSelector !== '' && { watchNamespaceSelector }),
      ...(configmap !== '' && { configMap: configmap }),
      ...(hostOwnership === 'configmap' && { hostPolicy: hostPolicyConfigmap }),
      streams: streamConfigMaps(flags),
      namespaces: hostOwnership === 'namespaces',
      ...(wildcardCertificatesNamespace !== '' && { certificates: wildcardCertificatesNamespace }),
      secrets: named(defaultSslCertificate),
      services: named(defaultBackendService, ...reserved),
      referencesOf: (snapshot, ingresses) => referencesOf(snapshot, options, ingresses),
      onWaiting: given.onWaiting,
      tuning: { keeping: keepingFor(options) },
      signal,
    },
    (event) => {
      given.noticed(event);
      take(event);
    },
  ).catch((error: unknown) => {
    if (!signal.aborted) log.error(`the cluster cannot be watched: ${String(error)}`);
  });
  if (watch === undefined) return undefined;
  return {
    watch,
    first: waiting.shift(),
    deliver: (to) => {
      take = to;
      for (const event of waiting) to(event);
    },
  };
}
