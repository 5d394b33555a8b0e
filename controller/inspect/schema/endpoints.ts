/**
 * The endpoints of the inspection API. Server, client and docs/inspection-api.md are made from this table; a client
 * validates each answer with the schema of its endpoint.
 */
import { z } from 'zod';
import { BACKENDS } from './backends.ts';
import { CERTIFICATES, CERTIFICATES_QUERY } from './certificates.ts';
import { HOSTS, HOSTS_QUERY } from './hosts.ts';
import { OUTCOMES, OUTCOMES_QUERY } from './outcomes.ts';
import { CONF, CONF_QUERY, EXPLAIN_QUERY, EXPLANATION, LOGS, NAMES } from './pages.ts';
import { PAGE_QUERY } from './parts.ts';
import { PROBLEMS, PROBLEMS_QUERY } from './problems.ts';
import { ROUTES } from './routes.ts';
import { SESSIONS, SESSIONS_QUERY } from './sessions.ts';
import { STATUS } from './status.ts';
import { TRAFFIC } from './traffic.ts';

const NO_QUERY = z.strictObject({});

export const ENDPOINTS = {
  status: { about: 'Whether all is well, and the most important facts.', query: NO_QUERY, answer: STATUS },
  traffic: {
    about: 'How many requests NGINX served in the last ten minutes, with errors and durations.',
    query: NO_QUERY,
    answer: TRAFFIC,
  },
  hosts: { about: 'The hosts, each with what is most important about it.', query: HOSTS_QUERY, answer: HOSTS },
  routes: { about: 'Where each path of each host leads.', query: PAGE_QUERY, answer: ROUTES },
  backends: { about: 'The endpoints of each Service port.', query: PAGE_QUERY, answer: BACKENDS },
  sessions: {
    about: 'What NGINX has counted about each TCP or UDP service, and each host whose TLS is passed through.',
    query: SESSIONS_QUERY,
    answer: SESSIONS,
  },
  certificates: {
    about: 'The certificates that NGINX serves, in the order in which they expire. Private keys are never given out.',
    query: CERTIFICATES_QUERY,
    answer: CERTIFICATES,
  },
  problems: {
    about: 'What is wrong with objects, and what was wrong recently.',
    query: PROBLEMS_QUERY,
    answer: PROBLEMS,
  },
  outcomes: {
    about: 'The last changes to NGINX, up to 200, including those that failed.',
    query: OUTCOMES_QUERY,
    answer: OUTCOMES,
  },
  conf: { about: 'The server block of one host in nginx.conf.', query: CONF_QUERY, answer: CONF },
  explain: { about: 'What happens to one request.', query: EXPLAIN_QUERY, answer: EXPLANATION },
  names: { about: 'Names of hosts and namespaces, for completion in shells.', query: NO_QUERY, answer: NAMES },
  logs: { about: 'Where NGINX writes its logs.', query: NO_QUERY, answer: LOGS },
} as const;

export type EndpointName = keyof typeof ENDPOINTS;
export type QueryOf<N extends EndpointName> = z.output<(typeof ENDPOINTS)[N]['query']>;
export type AnswerOf<N extends EndpointName> = z.output<(typeof ENDPOINTS)[N]['answer']>;

/** The path of the stream of changes, which is not a single answer. */
export const CHANGES_PATH = '/v1/changes';

export function pathOf(name: EndpointName): string {
  return `/v1/${name}`;
}
