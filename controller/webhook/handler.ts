/** Answers one request: checks its limits, reads its body, and lets `review` decide. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { nextTurn } from '../time/yield-to-event-loop.ts';
import type { AdmissionResult, BodyReader, Review, AdmissionVerdict } from '../types/admission.ts';
import { readEnvelope, writeEnvelope } from './envelope.ts';

export interface WebhookLimits {
  /** Maximum size of a body. The API server stores objects of up to 1.5 MiB, and sends two of them for an update. */
  readonly bodyBytes: number;
  /** Maximum size of all bodies that are being read or reviewed. */
  readonly allBytes: number;
  /** Maximum number of requests that are being read or reviewed. */
  readonly requests: number;
  /** Maximum time for a decision, after the body has been read: ms. */
  readonly reviewMs: number;
}

export const WEBHOOK_LIMITS: WebhookLimits = {
  bodyBytes: 4 * 1024 * 1024,
  allBytes: 64 * 1024 * 1024,
  requests: 256,
  reviewMs: 8_000,
};

export interface WebhookOptions {
  readonly review: Review;
  readonly newReader: () => BodyReader;
  /** Called for each answer. `seconds`: time since the request arrived. */
  readonly observe: (result: AdmissionResult, seconds: number) => void;
  /** Called with the status and the reason if there is no decision about a request. */
  readonly failed: (status: number, message: string) => void;
  readonly limits?: Partial<WebhookLimits>;
}

/** An answer without a decision; the `failurePolicy` of the webhook then decides. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The client has closed the connection, so that nobody needs the answer. */
class Gone extends Error {}

const TRY_AGAIN = new Set([429, 503]);
/** JSON is UTF-8 (RFC 8259); a body in another encoding would be misread. */
const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

function obstacle({ method, headers }: IncomingMessage, { bodyBytes }: WebhookLimits): Refusal | undefined {
  if (method !== 'POST') return new Refusal(405, 'send an AdmissionReview with POST');
  if (!JSON_TYPE.test(headers['content-type'] ?? ''))
    return new Refusal(415, 'send Content-Type: application/json, in UTF-8');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return new Refusal(415, 'send the body without Content-Encoding');
  return Number(headers['content-length'] ?? 0) > bodyBytes ? tooLarge(bodyBytes) : undefined;
}

function tooLarge(bodyBytes: number): Refusal {
  return new Refusal(413, `the body has more than ${bodyBytes} bytes`);
}

/** Sends a message as plain text, which the API server shows to the author of the object. */
function refuse(response: ServerResponse, { status, message }: Refusal): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${message}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...(status === 405 && { allow: 'POST' }),
    // The API server repeats such a request by itself.
    ...(TRY_AGAIN.has(status) && { 'retry-after': '1' }),
  });
  response.end(text);
  // The rest of the body is dropped as it arrives. If the connection were closed, a client that is still sending would
  // not see the answer.
  response.req.resume();
}

function send(response: ServerResponse, text: string): void {
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function resultOf({ denial, warnings }: AdmissionVerdict): AdmissionResult {
  if (denial !== undefined) return 'denied';
  return warnings.length === 0 ? 'admitted' : 'warned';
}

export function createWebhook(options: WebhookOptions): RequestListener {
  const { review, newReader, observe, failed } = options;
  const limits = { ...WEBHOOK_LIMITS, ...options.limits };
  let [requests, allBytes] = [0, 0];

  /** `taken` is called with the size of each chunk. */
  async function read(request: IncomingMessage, taken: (bytes: number) => void): Promise<string> {
    const reader = newReader();
    let bytes = 0;
    // If the iterator destroyed the request, its connection would be closed before the answer is sent.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
      taken(chunk.length);
      if (allBytes > limits.allBytes) throw new Refusal(429, 'too many bytes are being reviewed; try again');
      const refused = reader.push(chunk);
      if (refused !== undefined) throw new Refusal(400, refused);
    }
    return reader.end() ?? '';
  }

  /** Rejects if the decision takes too long, or if the client has gone. */
  async function decide(given: Parameters<Review>[0], response: ServerResponse): Promise<AdmissionVerdict | undefined> {
    const ending = new AbortController();
    const late = setTimeout(
      () => ending.abort(new Refusal(504, `there was no decision within ${limits.reviewMs} ms`)),
      limits.reviewMs,
    );
    const gone = (): void => ending.abort(new Gone());
    response.once('close', gone);
    try {
      return await review(given, ending.signal);
    } finally {
      clearTimeout(late);
      response.off('close', gone);
    }
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    taken: (bytes: number) => void,
  ): Promise<AdmissionResult> {
    const text = await read(request, taken);
    // Many bodies may arrive in one turn of the event loop; other events must not wait until all of them are parsed.
    await nextTurn();
    const asked = readEnvelope(text);
    if (asked.uid === undefined) throw new Refusal(400, asked.refusal);
    if (asked.review === undefined) {
      send(response, writeEnvelope(asked.uid, { warnings: [] }));
      return 'skipped';
    }
    const verdict = await decide(asked.review, response);
    if (verdict === undefined)
      throw new Refusal(503, 'the controller has just started and has not read the cluster yet; try again');
    send(response, writeEnvelope(asked.uid, verdict));
    return resultOf(verdict);
  }

  async function limited(request: IncomingMessage, response: ServerResponse, began: number): Promise<void> {
    if (requests >= limits.requests) throw new Refusal(429, `${requests} requests are being reviewed; try again`);
    requests += 1;
    let bytes = 0;
    try {
      const result = await answer(request, response, (more) => {
        bytes += more;
        allBytes += more;
      });
      observe(result, (performance.now() - began) / 1000);
    } finally {
      requests -= 1;
      allBytes -= bytes;
    }
  }

  function fail(error: unknown, response: ServerResponse, seconds: number): void {
    if (error instanceof Gone || response.destroyed) return observe('failed', seconds);
    const refusal = error instanceof Refusal ? error : new Refusal(500, `the review failed: ${String(error)}`);
    failed(refusal.status, refusal.message);
    observe('failed', seconds);
    refuse(response, refusal);
  }

  return (request, response) => {
    const began = performance.now();
    const since = (): number => (performance.now() - began) / 1000;
    // Errors of a connection end the reading of the body, or need no answer.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const refused = obstacle(request, limits);
    if (refused !== undefined) return fail(refused, response, since());
    limited(request, response, began).catch((error: unknown) => fail(error, response, since()));
    return undefined;
  };
}
