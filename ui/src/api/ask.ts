/** Asks the inspection API, whose schema gives the types. The server that serves the page also answers. */
import type { z } from 'zod';
import type { AnswerOf, ENDPOINTS, EndpointName } from '../../../controller/inspect/schema/endpoints.ts';

/** What a question may contain; parameters that are undefined are not sent. */
export type QueryFor<N extends EndpointName> = z.input<(typeof ENDPOINTS)[N]['query']>;

/** An answer other than 200, or none at all (status 0). */
export class NotAnswered extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The URL of a question. */
export function questionUrl<N extends EndpointName>(name: N, query: QueryFor<N>): string {
  const parameters = new URLSearchParams();
  const given = Object.entries(query) as [string, string | number | undefined][];
  for (const [key, value] of given) if (value !== undefined) parameters.set(key, `${value}`);
  const text = parameters.toString();
  return text === '' ? `/v1/${name}` : `/v1/${name}?${text}`;
}

/** Throws NotAnswered, or an AbortError if the signal aborts. */
export async function ask<N extends EndpointName>(
  name: N,
  query: QueryFor<N>,
  signal: AbortSignal,
): Promise<AnswerOf<N>> {
  const response = await fetch(questionUrl(name, query), { signal }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new NotAnswered(0, 'The controller does not answer.');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as AnswerOf<N>;
  throw new NotAnswered(response.status, messageOf(body) ?? `The answer has the status ${response.status}.`);
}

function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('message' in body)) return undefined;
  return typeof body.message === 'string' ? sentence(body.message) : undefined;
}

/** Messages of the API begin with a lower-case letter and have no full stop. */
function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}
