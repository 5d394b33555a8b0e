/**
 * Answers the requests of one listener. Few requests are answered at a time, and a client that does not take its answer
 * is disconnected, so that clients cannot make the controller hold much memory. Each listener has limits of its own:
 * clients of the port cannot keep out those of the socket.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Steps } from '../../types/steps.ts';
import { inSlices } from '../../time/slices.ts';
import { CHANGES_PATH, ENDPOINTS, type EndpointName, pathOf } from '../schema/endpoints.ts';
import type { Answers, Begun } from './answers.ts';
import type { ChangeStream } from './change-stream.ts';
import { requestObstacle } from './guard.ts';
import { webPage } from './page.ts';
import { readQuery } from './query.ts';
import { refuse, sendJson } from './send.ts';

export interface HandlerOptions {
  readonly answers: Answers;
  readonly changes: ChangeStream;
  /** Whether only requests for a name of this machine are answered. Needed for a listener that browsers can reach. */
  readonly checksHost: boolean;
  /** Milliseconds for an answer, from the request until the client has taken it. */
  readonly answerMs?: number;
}

/** The maximum number of answers that are being computed or that clients have not yet taken. */
const MOST_ANSWERS = 8;
const MOST_STREAMS = 16;
const ANSWER_MS = 30_000;

const NAMES: ReadonlyMap<string, EndpointName> = new Map(
  (Object.keys(ENDPOINTS) as EndpointName[]).map((name) => [pathOf(name), name]),
);
const PATHS = ['/', ...NAMES.keys(), CHANGES_PATH].join(', ');

/** The client has closed the connection, so nobody needs the answer. */
class ClientGone extends Error {}

function* unlessGone<T>(steps: Steps<T>, response: ServerResponse): Steps<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (response.closed) throw new ClientGone();
    yield;
  }
}

function isInSteps(begun: Begun): begun is Extract<Begun, { next: unknown }> {
  return typeof begun === 'object' && 'next' in begun;
}

export function createHandler(options: HandlerOptions): RequestListener {
  const { answers, changes, checksHost, answerMs = ANSWER_MS } = options;
  const page = webPage();
  let [open, streams] = [0, 0];

  async function compute<N extends EndpointName>(name: N, given: URLSearchParams, response: ServerResponse) {
    const read = readQuery(name, given);
    if (!read.ok) return refuse(response, 400, 'query', read.message);
    const begun = await answers[name](read.query);
    const answer = isInSteps(begun) ? await inSlices(unlessGone(begun, response)) : begun;
    if (typeof answer === 'string') sendJson(response, 200, answer);
    else refuse(response, answer.status, answer.error, answer.message);
  }

  async function limited(name: EndpointName, given: URLSearchParams, response: ServerResponse): Promise<void> {
    if (open >= MOST_ANSWERS) {
      response.setHeader('retry-after', '1');
      return refuse(response, 503, 'busy', `${MOST_ANSWERS} requests are being answered; try again`);
    }
    open += 1;
    const late = setTimeout(() => response.destroy(), answerMs);
    response.on('close', () => {
      clearTimeout(late);
      open -= 1;
    });
    await compute(name, given, response).catch((error: unknown) => {
      if (!(error instanceof ClientGone) && !response.headersSent) refuse(response, 500, 'failed', String(error));
    });
  }

  function stream(response: ServerResponse): void {
    if (streams >= MOST_STREAMS) return refuse(response, 503, 'busy', `there are ${MOST_STREAMS} streams already`);
    streams += 1;
    response.on('close', () => {
      streams -= 1;
    });
    changes.attach(response);
  }

  return (request, response) => {
    const refused = requestObstacle(request, checksHost);
    if (refused !== undefined) return refuse(response, ...refused);
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
    if (page.has(path)) return page.serve(path, response);
    if (path === CHANGES_PATH) return stream(response);
    const name = NAMES.get(path);
    if (name === undefined) return refuse(response, 404, 'path', `there is no such path; expected one of ${PATHS}`);
    void limited(name, new URLSearchParams(query), response);
    return undefined;
  };
}
