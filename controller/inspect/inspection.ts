/** The inspection API of a controller: what it remembers, and where it listens. */
import type { Outcome } from '../types/outcome.ts';
import type { Problem } from '../types/problem.ts';
import type { CountedResponses } from '../types/request-metrics.ts';
import { createOutcomeHistory } from './history/outcomes.ts';
import { createProblemHistory, type ProblemChanges } from './history/problems.ts';
import { createTrafficHistory } from './history/traffic.ts';
import { createAnswers } from './http/answers.ts';
import { createChangeStream } from './http/change-stream.ts';
import { createHandler } from './http/handler.ts';
import { type Listening, listenOnLoopback, listenOnSocket } from './http/listen.ts';
import type { OutcomeItem } from './schema/outcomes.ts';
import type { InspectionSource } from './source.ts';
import { type Describe, problemItem } from './views/problems.ts';

export interface Inspection {
  /** Has to be called with all current Problems whenever they may have changed. */
  readonly problems: (problems: readonly Problem[]) => void;
  /** Has to be called with each Outcome. */
  readonly outcome: (step: OutcomeItem['step'], outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** Has to be called with all responses that NGINX has counted. */
  readonly counted: (counted: CountedResponses) => void;
  readonly listen: (at: ListeningPlaces) => Promise<InspectionListening>;
  readonly close: () => Promise<void>;
}

export interface ListeningPlaces {
  /** Path of the socket; undefined: none. */
  readonly socket: string | undefined;
  /** The port on 127.0.0.1, which also serves the web page; undefined: none. */
  readonly port: number | undefined;
  /** Whether another port is chosen if this one is in use. */
  readonly orAnotherPort?: boolean;
}

export interface InspectionListening {
  /** What prevents listening, for each listener that fails. */
  readonly obstacles: readonly string[];
  /** The port on 127.0.0.1; undefined without one. */
  readonly port: number | undefined;
}

export interface InspectionOptions {
  readonly source: InspectionSource;
  readonly describe: Describe;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Name of the socket, in the folder of the run directory that only the controller uses. */
export const INSPECTION_SOCKET = 'controller/inspect.sock';

/** Maximum number of Problems of one report that are sent to the clients of the stream. */
const MOST_STREAMED = 200;

export function createInspection({ source, describe, now = Date.now }: InspectionOptions): Inspection {
  const started = now();
  const changes = createChangeStream(now);
  const outcomes = createOutcomeHistory(now, (outcome) => changes.publish({ type: 'outcome', outcome }));
  const problems = createProblemHistory(now, stream);
  const traffic = createTrafficHistory(now);
  const answers = createAnswers({ source, outcomes, problems, traffic, describe, now, started });
  const listeners: Listening[] = [];

  function stream({ appeared, solved }: ProblemChanges): void {
    if (!changes.isWatched()) return;
    const sent = [...appeared, ...solved].slice(0, MOST_STREAMED);
    for (const seen of sent) changes.publish({ type: 'problem', problem: problemItem(seen, describe) });
    if (appeared.length + solved.length === sent.length) return;
    const sentSolved = Math.max(0, sent.length - appeared.length);
    changes.publish({
      type: 'more',
      at: new Date(now()).toISOString(),
      appeared: Math.max(0, appeared.length - sent.length),
      solved: solved.length - sentSolved,
    });
  }

  return {
    problems: problems.report,
    outcome: outcomes.record,
    counted: traffic.add,
    listen: async ({ socket, port, orAnotherPort }) => {
      const handler = (checksHost: boolean) => createHandler({ answers, changes, checksHost });
      const begun = [
        ...(socket === undefined ? [] : [await listenOnSocket(socket, handler(false))]),
        ...(port === undefined ? [] : [await listenOnLoopback(port, handler(true), orAnotherPort)]),
      ];
      const listening = begun.filter((each) => 'close' in each);
      listeners.push(...listening);
      return {
        obstacles: begun.flatMap((each) => ('obstacle' in each ? [each.obstacle] : [])),
        port: listening.find((each) => each.port > 0)?.port,
      };
    },
    close: async () => {
      problems.close();
      changes.close();
      await Promise.all(listeners.map((each) => each.close()));
    },
  };
}
