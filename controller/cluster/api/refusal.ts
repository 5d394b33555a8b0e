/** Reads the body of a response with a status other than 200. */
import type { ApiStream } from './connection.ts';
import { deadline } from './deadline.ts';

/** Returns the parsed body; undefined if it is not JSON or does not arrive within `timeoutMs`. */
export async function bodyOf({ body }: ApiStream, timeoutMs: number): Promise<unknown> {
  const limit = deadline(timeoutMs);
  const cut = () => body.destroy(new Error(`no answer within ${timeoutMs} ms`));
  limit.signal.addEventListener('abort', cut, { once: true });
  try {
    return JSON.parse(Buffer.concat((await body.toArray()) as Uint8Array[]).toString('utf8'));
  } catch {
    return undefined;
  } finally {
    limit.clear();
  }
}
