/** The client of the inspection API. It validates each answer, and limits how many bytes it reads. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { CHANGE, type ChangeEvent } from '../schema/changes.ts';
import { type AnswerOf, CHANGES_PATH, ENDPOINTS, type EndpointName, pathOf } from '../schema/endpoints.ts';
import { REFUSED_REQUEST } from '../schema/refusal.ts';

/** Why there is no answer. */
export interface Unanswered {
  readonly ok: false;
  /** `nobody`: no process listens on the socket. */
  readonly kind: 'nobody' | 'refused' | 'broken';
  readonly message: string;
}
export type Reached<T> = { readonly ok: true; readonly value: T } | Unanswered;

export type QueryTexts = Readonly<Record<string, string | number | undefined>>;

export interface InspectionClient {
  readonly get: <N extends EndpointName>(name: N, query?: QueryTexts) => Promise<Reached<AnswerOf<N>>>;
  /** Calls `each` for every change, until the signal aborts or the controller ends. */
  readonly changes: (each: (event: ChangeEvent) => void, signal: AbortSignal) => Promise<Reached<undefined>>;
}

const TIMEOUT_MS = 30_000;
/** An answer has at most 4 MB of text, which JSON may write with six bytes for each character. */
const ANSWER_MAX = 32 * 1024 * 1024;
/** Maximum length of an event of the stream, in characters. */
const EVENT_MAX = 1024 * 1024;

/** The path of the unix socket, or a function that opens a connection for each request. */
export type InspectionTarget = string | (() => Duplex);

export function createInspectionClient(target: InspectionTarget): InspectionClient {
  const where = typeof target === 'string' ? { socketPath: target } : { createConnection: target };
  async function begin(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const asked = request({ ...where, path, signal });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  }

  return {
    get: async (name, query = {}) => {
      const given = new URLSearchParams();
      for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, `${value}`);
      const parameters = given.toString();
      const path = parameters === '' ? pathOf(name) : `${pathOf(name)}?${parameters}`;
      try {
        const response = await begin(path, AbortSignal.timeout(TIMEOUT_MS));
        const text = await textOf(response);
        if (response.statusCode !== 200) return refusal(response.statusCode, text);
        const parsed = ENDPOINTS[name].answer.safeParse(parseJson(text));
        if (!parsed.success)
          return broken(`the answer to ${path} does not have the expected form: ${z.prettifyError(parsed.error)}`);
        // The schema belongs to this endpoint, but the compiler cannot derive that for a union of endpoints.
        return { ok: true, value: parsed.data as AnswerOf<typeof name> };
      } catch (error) {
        return failure(error);
      }
    },
    changes: async (each, signal) => {
      try {
        const response = await begin(CHANGES_PATH, signal);
        if (response.statusCode !== 200) return refusal(response.statusCode, await textOf(response));
        for await (const line of linesOf(response)) {
          if (!line.startsWith('data: ')) continue;
          const parsed = CHANGE.safeParse(parseJson(line.slice('data: '.length)));
          if (!parsed.success)
            return broken(`an event does not have the expected form: ${z.prettifyError(parsed.error)}`);
          each(parsed.data);
        }
        return broken('the controller has ended the stream');
      } catch (error) {
        return signal.aborted ? { ok: true, value: undefined } : failure(error);
      }
    },
  };
}

function broken(message: string): Unanswered {
  return { ok: false, kind: 'broken', message };
}

function failure(error: unknown): Unanswered {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return broken(
      `the connection was closed before the answer was complete (${message}): the controller has ended, or it serves ` +
        'too many connections; ask again',
    );
  const kind = code === 'ENOENT' || code === 'ECONNREFUSED' ? 'nobody' : 'broken';
  return { ok: false, kind, message: message ?? String(error) };
}

function refusal(status: number | undefined, text: string): Unanswered {
  const parsed = REFUSED_REQUEST.safeParse(parseJson(text));
  return {
    ok: false,
    kind: 'refused',
    message: parsed.success ? parsed.data.message : `the status of the answer is ${status}`,
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    // Leaving the loop closes the connection.
    if (bytes > ANSWER_MAX) throw new Error(`the answer is longer than ${ANSWER_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const part of response as AsyncIterable<string>) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > EVENT_MAX) throw new Error(`an event is longer than ${EVENT_MAX} characters`);
    yield* lines;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
