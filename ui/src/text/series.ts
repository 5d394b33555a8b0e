/** The points of charts. Times are in seconds since 1970, as uPlot expects them. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';

type Traffic = AnswerOf<'traffic'>;
export type Column = readonly (number | null)[];

export interface Chart {
  readonly times: readonly number[];
  readonly columns: readonly Column[];
}

/** Periods that have ended: the last one grows while it is shown. */
function complete({ points }: Traffic): Traffic['points'] {
  return points.slice(0, -1);
}

function timesOf(points: Traffic['points']): readonly number[] {
  return points.map(({ at }) => Date.parse(at) / 1000);
}

/** Requests per second: all of them, refused ones (4xx) and errors (5xx). */
export function rateChart(traffic: Traffic): Chart {
  const points = complete(traffic);
  const perSecond = (count: number) => count / traffic.stepSeconds;
  return {
    times: timesOf(points),
    columns: [
      points.map(({ requests }) => perSecond(requests)),
      points.map(({ refused }) => perSecond(refused)),
      points.map(({ errors }) => perSecond(errors)),
    ],
  };
}

/** Durations in ms: 50 %, 95 % and 99 % of the requests. */
export function durationChart(traffic: Traffic): Chart {
  const points = complete(traffic);
  return {
    times: timesOf(points),
    columns: [points.map(({ p50Ms }) => p50Ms), points.map(({ p95Ms }) => p95Ms), points.map(({ p99Ms }) => p99Ms)],
  };
}

/** The newest duration of which 99 % of the requests took less; null without requests. */
export function newestP99({ points }: Traffic): number | null {
  return points.findLast(({ p99Ms }) => p99Ms !== null)?.p99Ms ?? null;
}

/** Times of reloads, in seconds since 1970. */
export function reloadTimes(outcomes: AnswerOf<'outcomes'>['items']): readonly number[] {
  return outcomes.filter(({ kind }) => kind === 'reload').map(({ at }) => Date.parse(at) / 1000);
}
