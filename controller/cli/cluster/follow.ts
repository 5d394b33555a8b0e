/** The cluster as it is and as it changes. Events wait until somebody takes them. */
import { referencesOf } from '../../app/assembly.ts';
import type { StaticOptions } from '../../app/assembly.ts';
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
  /** Told what keeps the first lists from coming. */
  readonly onWaiting: (problems: readonly Problem[]) => void;
  /** Told each event as it comes, whether it waits or not. */
  readonly noticed: (event: SnapshotEvent) => void;
  readonly signal: AbortSignal;
}

export interface Followed {
  readonly watch: ApiWatch;
  readonly first: SnapshotEvent | undefined;
  /** Hands over what has come since the first event, and all that comes. */
  readonly deliver: (to: (event: SnapshotEvent) => void) => void;
}

/** Undefined, with a line in the log, where the cluster cannot be watched, and where the signal came before. */
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
