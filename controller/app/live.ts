/** Keeps the live data that NGINX should have (the target), sends it to NGINX, and reports the result. */
import type { Artifact } from '../types/artifact.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { LiveDocument } from '../types/live.ts';
import type { LiveAnswer, Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { ObjectChange } from '../types/snapshot.ts';
import { finish } from '../types/steps.ts';
import { draftOf, tableOf } from '../types/table/table.ts';
import { liveReasons, unusedReasons } from './live-reasons.ts';
import { inSlices } from '../time/slices.ts';

export interface LiveOptions {
  readonly nginx: Pick<Nginx, 'want' | 'onRetry'>;
  readonly report: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
}

type Entry = readonly [key: string, text: string];

export interface Sending {
  /** Routes of the Plan, for the wording of the report. */
  readonly routes: ReadonlyMap<string, LiveRoute>;
  readonly changes: readonly ObjectChange[];
  /** `performance.now()` of the change. */
  readonly since: number;
  /** Whether to report only failures, because a structural change that follows will report success. */
  readonly quiet: boolean;
}

export interface Live {
  /** Sets the target. `newer` contains backends whose endpoints changed during the build. */
  readonly setTarget: (artifact: Artifact, newer: readonly Entry[]) => void;
  /** Replaces backends in the target; returns the ones that have changed. */
  readonly setBackends: (newer: readonly Entry[]) => readonly Entry[];
  readonly target: () => Artifact;
  /** Sends the differences between the target and the data in NGINX. */
  readonly send: (sending: Sending) => Promise<void>;
  readonly close: () => void;
}

const NOTHING: Artifact = {
  conf: '',
  confDigest: '',
  confHash: '',
  live: new Map(),
  files: new Map(),
  ownersOfLine: () => [],
  serverBlock: () => undefined,
  sectionsOf: () => [],
};

export function createLive({ nginx, report }: LiveOptions): Live {
  let target = NOTHING;
  let routes: Sending['routes'] = new Map();
  let closed = false;

  async function tell({ outcome, set, remove }: LiveAnswer, sinceMs?: number): Promise<void> {
    if (closed || outcome.kind === 'none') return;
    const reasons = await inSlices(liveReasons([...set, ...remove], routes));
    report(outcome, reasons, sinceMs);
  }

  nginx.onRetry((answer) => void tell(answer));

  function setBackends(newer: readonly Entry[]): readonly Entry[] {
    const changed = newer.filter(([key, text]) => target.live.get(key) !== text);
    if (changed.length > 0) target = { ...target, live: replaced(target.live, changed) };
    return changed;
  }

  return {
    setTarget: (artifact, newer) => {
      target = artifact;
      setBackends(newer);
    },
    setBackends,
    target: () => target,
    async send(sending) {
      ({ routes } = sending);
      const answer = await nginx.want(target);
      if (answer.outcome.kind === 'failed' || !sending.quiet) await tell(answer, performance.now() - sending.since);
      if (answer.outcome.kind === 'none' && !sending.quiet && sending.changes.length > 0 && !closed)
        report(answer.outcome, unusedReasons(sending.changes));
    },
    close: () => {
      closed = true;
    },
  };
}

function replaced(document: LiveDocument, entries: readonly Entry[]): LiveDocument {
  const draft = draftOf(tableOf(document));
  for (const [key, text] of entries) draft.set(key, text);
  return finish(draft.freeze());
}
