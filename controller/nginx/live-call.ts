/** Calls that wait until NGINX has acknowledged or refused the live data that they changed. */
import type { LiveAnswer } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';

export interface LiveCall {
  /** Number of keys that NGINX has neither acknowledged nor refused, plus one while the call is being registered. */
  open: number;
  /** The first failure among the call's keys. */
  failure: string | undefined;
  /** NGINX's first refusal of one of the call's keys; NGINX accepts the other keys nevertheless. */
  refusal: string | undefined;
  /** Number of keys that were sent. The others turned out to be in NGINX already. */
  sent: number;
  readonly set: string[];
  readonly remove: string[];
  /** Whether the call keeps waiting when NGINX accepts no live data for a long time, instead of failing. */
  readonly isPatient: boolean;
  readonly settle: () => void;
}

/** The result for a key: it was `sent`, it was `found` to be in NGINX already, or NGINX will not get it. */
export type Fate = 'sent' | 'found' | { readonly failure: string } | { readonly refusal: string };

export function newCall(revision: () => number, done: (answer: LiveAnswer) => void, isPatient = false): LiveCall {
  const started = performance.now();
  const call: LiveCall = {
    open: 1,
    failure: undefined,
    refusal: undefined,
    sent: 0,
    set: [],
    remove: [],
    isPatient,
    settle: () =>
      done({ outcome: outcomeOf(call, revision(), performance.now() - started), set: call.set, remove: call.remove }),
  };
  return call;
}

function outcomeOf({ failure, refusal, sent, remove }: LiveCall, revision: number, ms: number): Outcome {
  if (failure !== undefined) return { kind: 'failed', message: failure, errorLog: [], ms };
  if (refusal !== undefined) return { kind: 'failed', message: refusal, errorLog: [], ms, others: 'taken' };
  if (sent === 0 && remove.length === 0) return { kind: 'none' };
  return { kind: 'live', set: sent, removed: remove.length, revision, ms };
}

/** Records the result of one key in the calls that wait for it. */
export function answer(calls: readonly LiveCall[], fate: Fate): void {
  for (const call of calls) {
    if (fate === 'sent') call.sent += 1;
    else if (fate !== 'found' && 'failure' in fate) call.failure ??= fate.failure;
    else if (fate !== 'found') call.refusal ??= fate.refusal;
    close(call);
  }
}

export function close(call: LiveCall): void {
  call.open -= 1;
  if (call.open === 0) call.settle();
}

/** For each key, the calls that wait for it. */
export interface Waiting {
  readonly keys: () => Iterable<string>;
  readonly add: (key: string, calls: readonly LiveCall[]) => void;
  readonly take: (key: string) => LiveCall[];
  /**
   * Answers all calls with a failure. If `patient` is given, calls with `isPatient` are not answered and keep waiting,
   * and the call `patient` also waits for each key that no such call waits for.
   */
  readonly fail: (reason: string, patient?: LiveCall) => void;
}

export function createWaiting(): Waiting {
  const waiting = new Map<string, LiveCall[]>();
  return {
    keys: () => waiting.keys(),
    add: (key, calls) => {
      const known = waiting.get(key);
      if (known !== undefined) known.push(...calls);
      else if (calls.length > 0) waiting.set(key, [...calls]);
    },
    take: (key) => {
      const calls = waiting.get(key) ?? [];
      waiting.delete(key);
      return calls;
    },
    fail: (reason, patient) => {
      for (const [key, calls] of waiting) {
        const { left = [], stay = [] } = Object.groupBy(calls, ({ isPatient }) =>
          isPatient && patient !== undefined ? 'stay' : 'left',
        );
        if (patient !== undefined && stay.length === 0) {
          patient.open += 1;
          patient.set.push(key);
          stay.push(patient);
        }
        if (stay.length > 0) waiting.set(key, stay);
        else waiting.delete(key);
        answer(left, { failure: reason });
      }
    },
  };
}
