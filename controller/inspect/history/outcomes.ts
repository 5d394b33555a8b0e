/** Remembers the last Outcomes. */
import type { Outcome } from '../../types/outcome.ts';
import type { OutcomeItem } from '../schema/outcomes.ts';

const MOST_OUTCOMES = 200;
const MOST_REASONS = 5;
const MOST_OWNERS = 20;
const MOST_CHARACTERS = 2000;

export interface OutcomeHistory {
  /**
   * Records an Outcome, unless it is about live data and nothing had to be sent. `reasons` say what changed; `sinceMs`
   * is the time since the change.
   */
  readonly record: (step: OutcomeItem['step'], outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** The last Outcomes, newest first. */
  readonly last: (limit: number) => OutcomeItem[];
  /** The last Outcome of a step. */
  readonly lastOf: (step: OutcomeItem['step']) => OutcomeItem | undefined;
  /** The number of reloads that were recorded. */
  readonly reloads: () => number;
}

/** `now`: milliseconds since 1970. `added` is called with each Outcome that is recorded. */
export function createOutcomeHistory(now: () => number, added: (item: OutcomeItem) => void): OutcomeHistory {
  const items: OutcomeItem[] = [];
  const newest = new Map<OutcomeItem['step'], OutcomeItem>();
  let reloads = 0;
  return {
    record: (step, outcome, reasons, sinceMs) => {
      // In a cluster, most changes to EndpointSlices do not concern any route.
      if (outcome.kind === 'none' && step === 'live') return;
      const item: OutcomeItem = {
        at: new Date(now()).toISOString(),
        step,
        kind: outcome.kind,
        reasons: reasons.slice(0, MOST_REASONS).map(shortened),
        moreReasons: Math.max(0, reasons.length - MOST_REASONS),
        ...(sinceMs !== undefined && { sinceMs: rounded(sinceMs) }),
        ...detailsOf(outcome),
      };
      if (item.kind === 'reload') reloads += 1;
      items.push(item);
      newest.set(step, item);
      if (items.length > MOST_OUTCOMES) items.shift();
      added(item);
    },
    last: (limit) => items.slice(-limit).toReversed(),
    lastOf: (step) => newest.get(step),
    reloads: () => reloads,
  };
}

function detailsOf(outcome: Outcome): Partial<OutcomeItem> {
  switch (outcome.kind) {
    case 'none':
      return {};
    case 'live': {
      const { set, removed, revision, ms } = outcome;
      return { set, removed, revision, ms: rounded(ms) };
    }
    case 'started':
    case 'adopted':
      return { ms: rounded(outcome.ms) };
    case 'reload': {
      const { generation, testMs, reloadMs } = outcome;
      return { generation, testMs: rounded(testMs), ms: rounded(reloadMs) };
    }
    case 'refused': {
      const { check, owners } = outcome;
      return {
        message: shortened(check.message),
        testMs: rounded(check.ms),
        owners: owners.slice(0, MOST_OWNERS).map(({ kind, namespace, name }) => ({ kind, namespace, name })),
      };
    }
    case 'failed':
      return { message: shortened([outcome.message, ...outcome.errorLog].join('\n')), ms: rounded(outcome.ms) };
  }
}

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
