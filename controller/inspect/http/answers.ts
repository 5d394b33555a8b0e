/** Computes the answers of the endpoints from the current state, as JSON text. */
import type { Plan } from '../../types/plan.ts';
import type { Steps } from '../../types/steps.ts';
import type { OutcomeHistory } from '../history/outcomes.ts';
import type { ProblemHistory } from '../history/problems.ts';
import { STEP_MS, type TrafficHistory } from '../history/traffic.ts';
import type { EndpointName, QueryOf } from '../schema/endpoints.ts';
import type { Inspected, InspectionSource } from '../source.ts';
import { type BackendNames, backendNames } from '../views/backend-names.ts';
import { backendItem, leftOutSeconds, selectedBackends } from '../views/backends.ts';
import { certificateItem, selectedCertificates } from '../views/certificates.ts';
import { confAnswer, logsAnswer } from '../views/conf.ts';
import { hostItem, problemsOfIngresses, selectedHostPlans } from '../views/hosts.ts';
import { namesAnswer } from '../views/names.ts';
import { pageText } from '../views/page.ts';
import { type Describe, problemItem, selectedProblems } from '../views/problems.ts';
import { routeItem, selectedRoutes } from '../views/routes.ts';
import { sessionsItem } from '../views/sessions.ts';
import { statusAnswer } from '../views/status.ts';
import { trafficAnswer } from '../views/traffic.ts';

export interface AnswersInput {
  readonly source: InspectionSource;
  readonly outcomes: OutcomeHistory;
  readonly problems: ProblemHistory;
  readonly traffic: TrafficHistory;
  readonly describe: Describe;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly started: number;
}

/** Why there is no answer. */
export interface NoAnswer {
  readonly status: 400 | 404 | 503;
  readonly error: string;
  readonly message: string;
}

/** The JSON text of an answer, or why there is none. */
export type AnswerText = string | NoAnswer;

/** An answer that is computed in steps, or a short one that is already complete. */
export type Begun = Steps<AnswerText> | AnswerText;

/** Begins an answer. If NGINX has to be asked, it is asked first. */
export type Answers = { readonly [N in EndpointName]: (query: QueryOf<N>) => Begun | Promise<Begun> };

const NOT_YET: NoAnswer = {
  status: 503,
  error: 'starting',
  message: 'no configuration has been built yet: the objects have not been read',
};

export function createAnswers(input: AnswersInput): Answers {
  const { source, outcomes, problems, traffic, describe, now, started } = input;
  const namesOf = new WeakMap<Plan['backendsOfService'], BackendNames>();

  function* backends({ backendsOfService }: Plan): Steps<BackendNames> {
    const names = namesOf.get(backendsOfService) ?? (yield* backendNames(backendsOfService, source.backendKey));
    namesOf.set(backendsOfService, names);
    return names;
  }

  /** An answer that needs a build. Before the first build, it is `NOT_YET`. */
  function built(answer: (current: Inspected) => Begun): Begun {
    const current = source.current();
    return current === undefined ? NOT_YET : answer(current);
  }

  return {
    status: async () => {
      const state = await source.nginxState();
      return JSON.stringify(statusAnswer({ source, outcomes, problems, state, now: now(), started }));
    },
    traffic: async () => {
      // The last counts are not older than the question. A failure is not an answer: what is known stays valid.
      await source.collectCounts().catch(() => undefined);
      return JSON.stringify(
        trafficAnswer({ history: traffic, bounds: source.durationBounds, stepSeconds: STEP_MS / 1000 }),
      );
    },
    hosts: (query) =>
      built(function* (current) {
        const found = yield* selectedHostPlans(current.plan, query);
        const facts = {
          current,
          problems: yield* problemsOfIngresses(problems.open()),
          traffic: traffic.hosts(),
          seconds: traffic.hostSeconds(),
        };
        return yield* pageText(found, query, (host) => hostItem(host, facts));
      }),
    routes: (query) =>
      built(function* ({ plan }) {
        const names = yield* backends(plan);
        const { redirectCode } = plan.live.settings;
        return yield* pageText(yield* selectedRoutes(plan, query), query, (route) =>
          routeItem(route, names, redirectCode),
        );
      }),
    backends: async (query) => {
      const leftOut = await source.leftOutEndpoints();
      return built(function* ({ plan, live }) {
        const names = yield* backends(plan);
        const seconds = leftOutSeconds(leftOut ?? []);
        const keys = yield* selectedBackends(plan, query, names);
        return yield* pageText(keys, query, (key) => backendItem(key, live, names, seconds), {
          health: leftOut !== undefined,
        });
      });
    },
    sessions: async (query) => {
      await source.collectCounts().catch(() => undefined);
      const entries = source.sessions();
      const found = (entries ?? []).filter(({ labels }) => (query.namespace ?? labels.namespace) === labels.namespace);
      return pageText(found, query, sessionsItem, { counted: entries !== undefined });
    },
    certificates: (query) =>
      built(function* ({ plan, keptCertificate }) {
        const found = yield* selectedCertificates(plan.live, query);
        return yield* pageText(found, query, (each) =>
          certificateItem(each, now(), source.defaultCertificate, keptCertificate),
        );
      }),
    problems: function* (query) {
      const seen = query.state === 'solved' ? problems.solved() : problems.open();
      const found = yield* selectedProblems(seen, source.current()?.plan, query);
      return yield* pageText(found, query, (each) => problemItem(each, describe));
    },
    outcomes: ({ limit }) => JSON.stringify({ items: outcomes.last(limit) }),
    conf: ({ host }) =>
      built(function* (current) {
        const found = yield* confAnswer(current, host);
        if (found !== undefined) return JSON.stringify(found);
        return { status: 404, error: 'unknown', message: `nginx.conf has no server block for ${JSON.stringify(host)}` };
      }),
    explain: (query) =>
      built(() => {
        const explained = source.explain(query);
        if ('explanation' in explained) return JSON.stringify(explained);
        const { refusal: message, slow } = explained;
        return slow === true ? { status: 503, error: 'busy', message } : { status: 400, error: 'query', message };
      }),
    names: () =>
      built(function* ({ plan }) {
        return JSON.stringify(yield* namesAnswer(plan));
      }),
    logs: () => built(({ artifact }) => JSON.stringify(logsAnswer(artifact.conf, source.nginxPrefix))),
  };
}
