/** Writes addresses to the status of Ingresses, several at a time and at a bounded rate. */
import type { ApiClient } from '../types/api.ts';
import { pause } from '../time/pause.ts';
import { addressesForHumans, type PresentAddress, type StatusAddress } from './addresses.ts';
import { type ApiServerFailure, ask } from './api-answer.ts';
import type { Log } from './logger.ts';
import { TokenBucket } from './token-bucket.ts';

/** One of our Ingresses, and the addresses that its status contains now. */
export interface PublishedIngress {
  readonly namespace: string;
  readonly name: string;
  readonly present: readonly PresentAddress[];
  /** Whether NGINX serves the Ingress. Nothing is published before it does. */
  readonly served: boolean;
}

export interface StatusWritesOptions {
  readonly api: ApiClient;
  readonly log: Log;
  /** Average number of writes per second; a burst may have twice as many. */
  readonly perSecond: number;
  /** Called after the status of the Ingress `namespace/name` was written. */
  readonly wrote: (key: string, list: readonly StatusAddress[]) => void;
  /**
   * Called when the status of the Ingress `namespace/name` could not be written. Returns how many times in a row that
   * happened.
   */
  readonly failed: (key: string, list: readonly StatusAddress[], retryAfterMs: number) => number;
}

export interface StatusWrites {
  /**
   * Writes `list` to these Ingresses. Resolves to false if it stopped because the API server does not accept writes.
   */
  readonly writeAll: (
    ingresses: readonly PublishedIngress[],
    list: readonly StatusAddress[],
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Empties the status of these Ingresses, at full speed. Resolves to the number of failures. */
  readonly emptyAll: (ingresses: Iterable<PublishedIngress>, signal: AbortSignal) => Promise<number>;
}

const CONCURRENCY = 8;
/** This many consecutive failures on different objects are attributed to the API server instead of the objects. */
const OUTAGE = 2 * CONCURRENCY;
const TIMEOUT_MS = 10_000;

function keyOf({ namespace, name }: PublishedIngress): string {
  return `${namespace}/${name}`;
}

export function createStatusWrites({ api, log, perSecond, wrote, failed }: StatusWritesOptions): StatusWrites {
  const bucket = new TokenBucket(perSecond, 2 * perSecond);

  function write({ namespace, name }: PublishedIngress, ingress: readonly StatusAddress[] | null, signal: AbortSignal) {
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`;
    return ask(api, 'PATCH', path, {
      query: { fieldManager: 'tidegate' },
      body: { status: { loadBalancer: { ingress } } },
      contentType: 'application/merge-patch+json',
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  }

  function noteFailure(ingress: PublishedIngress, list: readonly StatusAddress[], failure: ApiServerFailure): void {
    // The Ingress has been deleted, which the watch will report.
    if (failure.status === 404) return;
    if (failed(keyOf(ingress), list, failure.retryAfterMs) > 1) return;
    log.warn(`status of Ingress ${keyOf(ingress)} was not written: ${failure.message}; it will be retried`);
  }

  async function writeAll(
    ingresses: readonly PublishedIngress[],
    list: readonly StatusAddress[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const queue = ingresses.values();
    let written = 0;
    let failures = 0;
    const worker = async () => {
      for (const ingress of queue) {
        while (!signal.aborted && !bucket.take()) await pause(bucket.waitMs(), signal);
        if (signal.aborted || failures >= OUTAGE) return;
        const answer = await write(ingress, list, signal);
        if (signal.aborted) return;
        if (answer.ok) {
          written += 1;
          wrote(keyOf(ingress), list);
        } else noteFailure(ingress, list, answer);
        failures = answer.ok || !answer.retryable ? 0 : failures + 1;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    const [first] = ingresses;
    const many = written === 1 ? '1 Ingress' : `${written} Ingresses`;
    const whom = first !== undefined && ingresses.length === 1 ? `Ingress ${keyOf(first)}` : many;
    if (written > 0) log.info(`status: ${addressesForHumans(list)} published on ${whom}`);
    return failures < OUTAGE;
  }

  async function emptyAll(ingresses: Iterable<PublishedIngress>, signal: AbortSignal): Promise<number> {
    const queue = [...ingresses].values();
    let failures = 0;
    const worker = async () => {
      for (const ingress of queue) {
        const answer = await write(ingress, null, signal);
        if (answer.ok || answer.status === 404) continue;
        failures += 1;
        log.warn(`status of Ingress ${keyOf(ingress)} was not cleared: ${answer.message}`);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    return failures;
  }

  return { writeAll, emptyAll };
}
