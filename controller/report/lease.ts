/**
 * Leader election on a Lease by the rules of client-go, so that Tidegate and other implementations of these rules can
 * compete for one Lease. Only this process's monotonic clock is used: another holder's Lease has expired when this
 * replica has seen it unchanged for its `leaseDurationSeconds`.
 */
import type { ApiClient } from '../types/api.ts';
import { ask, type ApiServerFailure } from './api-answer.ts';
import { givenBack, heldBy, holderOf, type LeaseObject, newLease } from './lease-object.ts';
import type { Log } from './logger.ts';
import { pause } from '../time/pause.ts';

export interface ElectionOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates; the name of the pod is used. */
  readonly identity: string;
  /**
   * How long other candidates wait for a leader that does not renew, in milliseconds (`--election-ttl`); 0 or less
   * means 30 s.
   */
  readonly durationMs: number;
  readonly log: Log;
  /** Must not throw. */
  readonly onLead: () => void;
  /**
   * Called before another replica can lead: at this process's own deadline, or before the Lease is released. Must not
   * throw.
   */
  readonly onLose: () => void;
}

export interface Election {
  /**
   * Whether this pod is certainly the leader: its last renewal is recent enough. This is checked by the clock, so late
   * timers do not matter.
   */
  readonly leading: () => boolean;
  /** Steps down, releases the Lease if this pod holds it, and ends. */
  readonly stop: () => Promise<void>;
}

type Attempt =
  { readonly kind: 'held' | 'other' | 'lost-race' } | { readonly kind: 'failed'; readonly failure: ApiServerFailure };

const DEFAULT_MS = 30_000;
/**
 * The share of the duration for which a successful renewal proves leadership. The next renewal starts after a quarter
 * of the duration and may then take half the duration; the last quarter is a safety margin.
 */
export const PROOF_SHARE = 0.75;
/** As in client-go: candidates wait a random time between 1 and 2.2 retry periods. */
const JITTER = 1.2;

export function startElection(options: ElectionOptions): Election {
  const { api, namespace, name, identity, log } = options;
  const durationMs = options.durationMs > 0 ? options.durationMs : DEFAULT_MS;
  const retryMs = durationMs / 4;
  const proofMs = PROOF_SHARE * durationMs;
  const seconds = Math.ceil(durationMs / 1000);
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${collection}/${name}`;
  const ending = new AbortController();
  let observed: { lease: LeaseObject; spec: string; at: number } | undefined;
  let led = false;
  let ledUntil = -Infinity;
  let deadline: NodeJS.Timeout | undefined;
  let saidHolder = '';
  let saidStatus: number | undefined;

  const send = (method: 'GET' | 'PUT' | 'POST', to: string, body?: LeaseObject, signal = ending.signal) =>
    ask<LeaseObject>(api, method, to, { timeoutMs: retryMs, signal, ...(body !== undefined && { body }) });

  function observe(lease: LeaseObject): void {
    const spec = JSON.stringify(lease.spec);
    // A change to only the metadata is not a renewal.
    observed = { lease, spec, at: observed?.spec === spec ? observed.at : performance.now() };
    const holder = holderOf(lease);
    if (holder === saidHolder) return;
    saidHolder = holder;
    if (holder !== '' && holder !== identity) log.info(`leader election: ${holder} leads`);
  }

  function lead(until: number): void {
    ledUntil = until;
    clearTimeout(deadline);
    deadline = setTimeout(() => lose('the Lease could not be renewed in time'), until - performance.now());
    if (led) return;
    led = true;
    log.info(`leader election: this pod leads (Lease ${namespace}/${name})`);
    options.onLead();
  }

  function lose(why: string): void {
    clearTimeout(deadline);
    ledUntil = -Infinity;
    if (!led) return;
    led = false;
    log.info(`leader election: this pod no longer leads: ${why}`);
    options.onLose();
  }

  function failed(failure: ApiServerFailure): Attempt {
    return { kind: 'failed', failure };
  }

  async function write(lease: LeaseObject): Promise<Attempt> {
    const answer = await send('PUT', path, heldBy(lease, identity, seconds, new Date()));
    if (answer.ok) observe(answer.value);
    else return answer.status === 409 ? { kind: 'lost-race' } : failed(answer);
    return { kind: 'held' };
  }

  async function create(): Promise<Attempt> {
    const answer = await send('POST', collection, newLease(namespace, name, identity, seconds, new Date()));
    if (answer.ok) observe(answer.value);
    else return answer.status === 409 ? { kind: 'lost-race' } : failed(answer);
    return { kind: 'held' };
  }

  async function attempt(): Promise<Attempt> {
    if (led && observed !== undefined) {
      const renewed = await send('PUT', path, heldBy(observed.lease, identity, seconds, new Date()));
      if (renewed.ok) {
        observe(renewed.value);
        return { kind: 'held' };
      }
      // Another client changed or deleted the Lease, so read it again.
      if (renewed.status !== 409 && renewed.status !== 404) return failed(renewed);
    }
    const found = await send('GET', path);
    if (!found.ok) return found.status === 404 ? create() : failed(found);
    observe(found.value);
    const holder = holderOf(found.value);
    const record = found.value.spec?.leaseDurationSeconds;
    const aliveUntil = (observed?.at ?? 0) + (typeof record === 'number' ? record * 1000 : durationMs);
    if (holder !== '' && holder !== identity && performance.now() < aliveUntil) return { kind: 'other' };
    return write(found.value);
  }

  /** Logs consecutive failures with the same status only once. */
  function sayFailure(result: Attempt): void {
    const status = result.kind === 'failed' ? result.failure.status : undefined;
    if (result.kind === 'failed' && status !== saidStatus)
      log.warn(`leader election: ${result.failure.message}; will be retried`);
    saidStatus = status;
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      // The time before the request, because the record that other candidates see may be that old.
      const began = performance.now();
      const result = await attempt();
      if (ending.signal.aborted) return;
      sayFailure(result);
      if (result.kind === 'held' && performance.now() < began + proofMs) lead(began + proofMs);
      if (result.kind === 'other') lose(`${saidHolder} holds the Lease`);
      const period = led ? retryMs : retryMs * (1 + JITTER * Math.random());
      await pause(Math.max(retryMs / 4, period - (performance.now() - began)), ending.signal);
    }
  }

  /**
   * Releases the Lease. An aborted write may still have reached the server: then the first attempt conflicts, and the
   * second uses the Lease that was read again.
   */
  async function giveBack(): Promise<void> {
    let lease = observed?.lease;
    for (let tries = 0; tries < 2 && lease !== undefined && holderOf(lease) === identity; tries += 1) {
      const signal = AbortSignal.timeout(retryMs);
      const answer = await send('PUT', path, givenBack(lease, new Date()), signal);
      if (answer.ok) return;
      const again = await send('GET', path, undefined, signal);
      lease = again.ok ? again.value : undefined;
    }
  }

  const ended = run();
  let stopped: Promise<void> | undefined;
  return {
    leading: () => led && performance.now() < ledUntil,
    stop: () => {
      stopped ??= (async () => {
        ending.abort();
        lose('it is shutting down');
        await ended;
        await giveBack();
      })();
      return stopped;
    },
  };
}
