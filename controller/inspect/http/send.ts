/** Writes answers in JSON. */
import type { ServerResponse } from 'node:http';

/** Headers of every answer of the API: it is not stored, and pages of other sites cannot embed it. */
export const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export function sendJson(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text) + 1,
    ...ANSWER_HEADERS,
  });
  response.end(`${text}\n`);
}

/** Answers with an error: a status, the reason in one word, and a message. */
export function refuse(response: ServerResponse, status: number, error: string, message: string): void {
  // The rest of a request with a body is not read.
  response.setHeader('connection', 'close');
  sendJson(response, status, JSON.stringify({ error, message }));
}
