/** The cluster and its changes. Events are buffered until they are taken. */
import { referencesOf } from '../../app/build.ts';
import type { StaticOptions } from '../../app/build.ts';
import { type ApiWatch, watchApi } from '../../cluster/index.ts';
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
  /** Called with what delays the first lists. */
  readonly onWaiting: (problems: readonly Problem[]) => void;
  /** Called with each event as it arrives, buffered or not. */
  readonly noticed: (event: SnapshotEvent) => void;
  readonly signal: AbortSignal;
}

export interface Followed {
  readonly watch: ApiWatch;
  readonly first: SnapshotEvent | undefined;
  /** Passes on the events since the first one, and all later ones. */
  readonly deliver: (to: (event: SnapshotEvent) => void) => void;
}

/** Undefined, with a log line, if the cluster cannot be watched, or if the signal arrived first. */
export async function followCluster(given: FollowOptions): Promise<Followed | undefined> {
  const { flags, options, log, signal } = given;
  const waiting: SnapshotEvent[] = [];
  let take = (event: SnapshotEvent): void => void waiting.push(event);
  const { watchNamespace, watchNamespaceSelector, configmap, defaultSslCertificate, defaultBackendService } = flags;
  const named = (name: string) => new Set(name === '' ? [] : [name]);
  const watch = await watchApi(
    given.api,
    {
      ...(watchNamespace !== '' && { watchNamespace }),
      ...(watchNamespaceSelector !== '' && { watchNamespaceSelector }),
      ...(configmap !== '' && { configMap: configmap }),
      secrets: named(defaultSslCertificate),
      services: named(defaultBackendService),
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
