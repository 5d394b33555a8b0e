/**
 * Publishes addresses in `status.loadBalancer.ingress` of our Ingresses while this pod is the leader. An Ingress gets
 * addresses once the leader's own NGINX serves it, so that a published address works; other replicas use the same watch
 * and are not consulted. Published addresses are replaced with other addresses, but not removed when leadership is
 * lost, the API server fails, or the source has no addresses. They are removed only by `clear`, for the last pod of an
 * installation, and from an Ingress that changed to another class (handed-over-ingresses.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import type { ApiClient } from '../types/api.ts';
import type { Problem } from '../types/problem.ts';
import type { AddressSource } from './address-source.ts';
import { addressesForHumans, addressesText, type PresentAddress, type StatusAddress } from './addresses.ts';
import { type ApiServerFailure, ask } from './api-answer.ts';
import { LONGEST_TIMER_MS } from '../time/alarm.ts';
import { backOffMs, halfRandom } from '../time/back-off.ts';
import { createContest } from './contested-status.ts';
import { createDueWrites } from './due-writes.ts';
import { createHandedOverIngresses, type ClassChange } from './handed-over-ingresses.ts';
import type { Log } from './logger.ts';
import { pause } from '../time/pause.ts';
import { eachInSlices } from '../time/slices.ts';
import { TokenBucket } from './token-bucket.ts';

/** One of our Ingresses, and the addresses that its status contains now. */
export interface PublishedIngress {
  readonly namespace: string;
  readonly name: string;
  readonly present: readonly PresentAddress[];
  /** Whether NGINX serves the Ingress. Nothing is published before. */
  readonly served: boolean;
}

export interface IngressStatusOptions {
  readonly api: ApiClient;
  readonly source: AddressSource;
  /** Returns the current Ingresses; called before each round. */
  readonly ingresses: () => Iterable<PublishedIngress>;
  /**
   * Why an Ingress (`namespace/name`) that was in `ingresses` is no longer in it. Without this function, addresses are
   * never removed.
   */
  readonly classChangeOf?: (key: string) => ClassChange;
  readonly log: Log;
  /** Called when the address source has a Problem, and with `undefined` once the Problem is solved. */
  readonly onProblem: (problem: Problem | undefined) => void;
  /** Called when the set of Ingresses that another controller keeps overwriting changes. */
  readonly onContested?: (problems: readonly Problem[]) => void;
  /** Average number of writes per second; a burst may have twice as many. Default 50. */
  readonly writesPerSecond?: number;
  /** How long the same content is not written again to the same Ingress, in milliseconds. Default 10 s. */
  readonly settleMs?: number;
  /**
   * How long another controller has to replace the addresses of an Ingress that changed to its class, in milliseconds.
   * Default 5 s.
   */
  readonly graceMs?: number;
}

export interface IngressStatus {
  /** Called when this pod becomes the leader. */
  readonly lead: () => void;
  /** Called when this pod is no longer the leader: aborts pending writes and removes nothing. */
  readonly lose: () => void;
  /** Called when Ingresses or their status changed, or when NGINX serves more Ingresses. */
  readonly changed: () => void;
  /**
   * Empties the status of all Ingresses. For the last pod, while it is the leader. Resolves to the number of failures.
   */
  readonly clear: (timeoutMs: number) => Promise<number>;
}

const CONCURRENCY = 8;
/** The maximum number of writes in one round. After each round, the Ingresses and addresses are read again. */
const MOST_IN_A_ROUND = 200;
/** This many consecutive failures on different objects are attributed to the API server instead of the objects. */
const OUTAGE = 2 * CONCURRENCY;
const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 30_000;
const LEAST_SPACING_MS = 50;
const TIMEOUT_MS = 10_000;
const GRACE_MS = 5_000;
const SETTLE_MS = 10_000;

export function createIngressStatus(options: IngressStatusOptions): IngressStatus {
  const { api, source, log } = options;
  const perSecond = options.writesPerSecond ?? 50;
  const bucket = new TokenBucket(perSecond, 2 * perSecond);
  const due = createDueWrites(options.settleMs ?? SETTLE_MS);
  const handedOver = createHandedOverIngresses({
    api,
    log,
    classChangeOf: options.classChangeOf ?? (() => 'gone'),
    graceMs: options.graceMs ?? GRACE_MS,
  });
  let term: AbortController | undefined;
  /** The pause between two rounds. `early`: a change may end the pause. */
  let resting: { readonly end: AbortController; readonly early: boolean } | undefined;
  let dirty = false;
  let reading: { addresses: readonly StatusAddress[]; until: number } | undefined;
  let readFailures = 0;
  /** Consecutive rounds that failed because of the API server, not because of single objects. */
  let outages = 0;
  let said = '';
  const contest = createContest(() => reading?.addresses ?? [], options.settleMs ?? SETTLE_MS);
  let contested: readonly Problem[] = [];

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

  function complain(code: string, message: string): void {
    if (said === message) return;
    said = message;
    options.onProblem({
      code,
      severity: 'warning',
      effect: 'none',
      message: `${message}; the published addresses stay unchanged`,
      ...(source.object && { object: source.object }),
      ...(code === 'status-address-missing' && { example: '--publish-status-address=203.0.113.7' }),
    });
  }

  /** Returns the addresses, or undefined if there are none to publish now. */
  async function addresses(signal: AbortSignal): Promise<readonly StatusAddress[] | undefined> {
    if (reading === undefined || performance.now() >= reading.until) {
      const answer = await source.read(signal);
      if (signal.aborted) return undefined;
      readFailures = answer.ok ? 0 : readFailures + 1;
      if (!answer.ok) {
        complain('status-address-unreadable', `the addresses to publish cannot be read: ${answer.message}`);
        return undefined;
      }
      reading = { addresses: answer.value, until: performance.now() + source.refreshMs };
    }
    if (reading.addresses.length === 0) {
      complain('status-address-missing', `there is no address to publish (source: ${source.from})`);
      return undefined;
    }
    if (said !== '') options.onProblem(undefined);
    said = '';
    return reading.addresses;
  }

  function failed(ingress: PublishedIngress, wanted: string, failure: ApiServerFailure): void {
    // The Ingress has been deleted, which the watch will report.
    if (failure.status === 404) return;
    if (due.failed(`${ingress.namespace}/${ingress.name}`, wanted, failure.retryAfterMs) > 1) return;
    log.warn(
      `status of Ingress ${ingress.namespace}/${ingress.name} was not written: ${failure.message}; it will be retried`,
    );
  }

  /**
   * Writes `list` to these Ingresses. Resolves to false if it stopped because the API server does not accept writes.
   */
  async function writeAll(
    ingresses: readonly PublishedIngress[],
    list: readonly StatusAddress[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const wanted = addressesText(list);
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
          due.wrote(`${ingress.namespace}/${ingress.name}`, wanted);
          contest.wrote(`${ingress.namespace}/${ingress.name}`);
        } else failed(ingress, wanted, answer);
        failures = answer.ok || !answer.retryable ? 0 : failures + 1;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    const [first] = ingresses;
    const whom =
      first !== undefined && ingresses.length === 1
        ? `Ingress ${first.namespace}/${first.name}`
        : `${written} Ingresses`;
    if (written > 0) log.info(`status: ${addressesForHumans(list)} published on ${whom}`);
    return failures < OUTAGE;
  }

  function sayContested(): void {
    const now = contest.problems();
    if (isDeepStrictEqual(now, contested)) return;
    contested = now;
    options.onContested?.(now);
  }

  /** Checks all Ingresses once. Resolves to the milliseconds until the next check. */
  async function round(signal: AbortSignal): Promise<number> {
    const list = await addresses(signal);
    if (signal.aborted) return 0;
    const again =
      readFailures > 0 ? halfRandom(backOffMs(readFailures, FIRST_RETRY_MS, MOST_RETRY_MS)) : source.refreshMs;
    if (list === undefined) return again;
    const wanted = addressesText(list);
    const ours = new Map<string, PublishedIngress>();
    const differing = new Map<string, PublishedIngress>();
    await eachInSlices(options.ingresses(), (ingress) => {
      const key = `${ingress.namespace}/${ingress.name}`;
      ours.set(key, ingress);
      if (ingress.served && addressesText(ingress.present) !== wanted) differing.set(key, ingress);
    });
    if (signal.aborted) return 0;
    const leaving = await handedOver.follow(ours, list, signal);
    if (signal.aborted) return 0;
    contest.look((key) => ours.get(key)?.present, list);
    sayContested();
    due.keepOnly(differing);
    const now = [...differing]
      .filter(([key]) => due.isDue(key, wanted) && contest.isDue(key))
      .map(([, ingress]) => ingress)
      // Ingresses without any address are written first.
      .sort((a, b) => Math.sign(a.present.length) - Math.sign(b.present.length));
    outages = (await writeAll(now.slice(0, MOST_IN_A_ROUND), list, signal)) ? 0 : outages + 1;
    if (outages > 0) return halfRandom(backOffMs(outages, FIRST_RETRY_MS, MOST_RETRY_MS));
    return now.length > MOST_IN_A_ROUND ? 0 : Math.min(again, due.nextMs(), contest.nextMs(), leaving);
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      dirty = false;
      const ms = await round(signal);
      await pause(LEAST_SPACING_MS, signal);
      if (signal.aborted) return;
      // After an outage, changes do not shorten the pause.
      const early = outages === 0 && readFailures === 0;
      if (early && dirty) continue;
      resting = { end: new AbortController(), early };
      await pause(Math.min(ms, LONGEST_TIMER_MS), resting.end.signal);
      resting = undefined;
    }
  }

  function endTerm(): void {
    term?.abort();
    resting?.end.abort();
  }

  return {
    lead: () => {
      endTerm();
      term = new AbortController();
      reading = undefined;
      void run(term.signal);
    },
    lose: () => {
      endTerm();
      // The next leader starts without knowledge of earlier conflicts.
      contest.forgetAll();
      sayContested();
    },
    changed: () => {
      dirty = true;
      if (resting?.early === true) resting.end.abort();
    },
    clear: async (timeoutMs) => {
      endTerm();
      const signal = AbortSignal.timeout(timeoutMs);
      // Write even if the status seems empty: the watch may not have shown a recent write yet.
      const queue = [...options.ingresses()].values();
      let failures = 0;
      const worker = async () => {
        for (const ingress of queue) {
          const answer = await write(ingress, null, signal);
          if (answer.ok || answer.status === 404) continue;
          failures += 1;
          log.warn(`status of Ingress ${ingress.namespace}/${ingress.name} was not emptied: ${answer.message}`);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      return failures;
    },
  };
}
