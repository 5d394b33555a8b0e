/** The most important facts, and whether all is well. */
import type { NginxState } from '../../types/nginx.ts';
import type { Plan } from '../../types/plan.ts';
import type { OutcomeHistory } from '../history/outcomes.ts';
import type { ProblemHistory } from '../history/problems.ts';
import type { StatusAnswer } from '../schema/status.ts';
import type { InspectionSource } from '../source.ts';
import { judgeHealth } from './health.ts';

export interface StatusInput {
  readonly source: InspectionSource;
  readonly outcomes: Pick<OutcomeHistory, 'lastOf' | 'reloads'>;
  readonly problems: Pick<ProblemHistory, 'counts'>;
  /** What NGINX reported; undefined if it does not answer. */
  readonly state: NginxState | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly started: number;
}

const MOST_QUARANTINED = 20;

export function statusAnswer({ source, outcomes, problems, state, now, started }: StatusInput): StatusAnswer {
  const current = source.current();
  const ageMs = source.dataAgeMs();
  const facts = {
    at: new Date(now).toISOString(),
    started: new Date(started).toISOString(),
    ...source.identity,
    leader: source.leads() ?? null,
    dataAgeSeconds: ageMs === undefined ? null : seconds(ageMs),
    conf: {
      wanted: current?.artifact.confHash ?? null,
      inForce: state?.conf ?? null,
      busySeconds: seconds(source.busyMs()),
    },
    nginx: nginxOf(state),
    counts: { ...sizesOf(current?.plan), ...problems.counts(), reloads: outcomes.reloads() },
    quarantined: leftOutOf(source),
    lastOutcomes: { structure: outcomes.lastOf('structure') ?? null, live: outcomes.lastOf('live') ?? null },
  };
  return { ...judgeHealth(facts), ...facts };
}

/** Seconds with one digit after the decimal point. */
function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function sizesOf(plan: Plan | undefined) {
  if (plan === undefined) return { hosts: 0, routes: 0, ingresses: 0, backends: 0, certificates: 0 };
  const { routes, backends, certificates } = plan.live;
  return {
    hosts: plan.static.hosts.size,
    routes: routes.size,
    ingresses: plan.ingresses.size,
    backends: backends.size,
    certificates: certificates.size,
  };
}

function leftOutOf(source: InspectionSource): StatusAnswer['quarantined'] {
  const leftOut = [...source.leftOut()];
  const items = leftOut.slice(0, MOST_QUARANTINED).map(([ingress, message]) => ({ ingress, message }));
  return { total: leftOut.length, items };
}

function nginxOf(state: NginxState | undefined): StatusAnswer['nginx'] {
  if (state === undefined) return null;
  const { master, generation, revision, workers } = state;
  const { serving, draining, drainingGenerations, closedEarly, live } = workers;
  return {
    master,
    generation,
    revision,
    serving,
    draining,
    drainingGenerations,
    closedEarly,
    liveDataBytes: live.capacity,
    liveDataFreeBytes: live.free,
  };
}
