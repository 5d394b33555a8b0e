/** A thread that sends reviews to the webhook, or events to the main thread, for `npm run bench admission`. */
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

export interface ReviewJob {
  readonly port: number;
  readonly ca: string;
  readonly bodies: readonly string[];
  /** How many reviews are sent at the same time. */
  readonly together: number;
}

export type ClientJob = { readonly reviews: ReviewJob } | { readonly eventEveryMs: number };

/**
 * What the thread sends to the main thread: the time of each event or, once all reviews are done, the milliseconds that
 * each of them took.
 */
export type ClientMessage = { readonly ms: readonly number[]; readonly warned: number } | { readonly sentAt: number };

async function post({ port, ca }: ReviewJob, agent: Agent, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request({ host: '127.0.0.1', port, servername: 'webhook.test', method: 'POST', headers, agent, ca });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { readonly statusCode?: number }];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode !== 200) throw new Error(`the webhook answers ${response.statusCode}: ${text}`);
  return text;
}

async function sendReviews(job: ReviewJob): Promise<ClientMessage> {
  const agent = new Agent({ keepAlive: true, maxSockets: job.together });
  const ms: number[] = [];
  let warned = 0;
  for (let at = 0; at < job.bodies.length; at += job.together) {
    await Promise.all(
      job.bodies.slice(at, at + job.together).map(async (body) => {
        const from = performance.now();
        const text = await post(job, agent, body);
        ms.push(performance.now() - from);
        if (!text.includes('"allowed":true}')) warned += 1;
      }),
    );
  }
  agent.destroy();
  return { ms, warned };
}

function tell(message: ClientMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
  parentPort?.postMessage(message);
}

const job = workerData as ClientJob;
if ('reviews' in job) tell(await sendReviews(job.reviews));
else
  for (;;) {
    tell({ sentAt: performance.timeOrigin + performance.now() });
    await sleep(job.eventEveryMs);
  }
