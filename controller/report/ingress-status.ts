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
import { addressesText, type StatusAddress } from './addresses.ts';
import { LONGEST_TIMER_MS } from '../time/alarm.ts';
import { backOffMs, halfRandom } from '../time/back-off.ts';
import { createContest } from './contested-status.ts';
import { createDueWrites } from './due-writes.ts';
import { createHandedOverIngresses, type ClassChange } from './handed-over-ingresses.ts';
import type { Log } from './logger.ts';
import { createStatusWrites, type PublishedIngress } from './status-writes.ts';
import { pause } from '../time/pause.ts';
import { eachInSlices } from '../time/slices.ts';

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
  /** Called when there is a change to the set of Ingresses whose status another controller keeps overwriting. */
  readonly onContested?: (problems: readonly Problem[]) => void;
  /** Average number of writes per second; a burst may have twice as many. Default 50. */
  readonly writesPerSecond?: number;
  /** Minimum time before the same content is written to the same Ingress again, in milliseconds. Default 10 s. */
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

/** The maximum number of writes in one round. After each round, the Ingresses and addresses are read again. */
const MOST_IN_A_ROUND = 200;
const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 30_000;
const LEAST_SPACING_MS = 50;
const GRACE_MS = 5_000;
const SETTLE_MS = 10_000;

export function createIngressStatus(options: IngressStatusOptions): IngressStatus {
  const { api, source, log } = options;
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
  const writes = createStatusWrites({
    api,
    log,
    perSecond: options.writesPerSecond ?? 50,
    wrote: (key, list) => {
      due.wrote(key, addressesText(list));
      contest.wrote(key);
    },
    failed: (key, list, retryAfterMs) => due.failed(key, addressesText(list), retryAfterMs),
  });

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
    outages = (await writes.writeAll(now.slice(0, MOST_IN_A_ROUND), list, signal)) ? 0 : outages + 1;
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
    clear: (timeoutMs) => {
      endTerm();
      // Write even if the status seems empty: the watch may not have shown a recent write yet.
      return writes.emptyAll(options.ingresses(), AbortSignal.timeout(timeoutMs));
    },
  };
}
