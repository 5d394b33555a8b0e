/**
 * What endpoints received from requests that asked to be remembered: the responses to mirrored requests are discarded.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Received } from './received.ts';

const remembered = new Map<string, Received>();
const ATTEMPTS = 50;
const PAUSE_MS = 20;

export function remember(name: string, received: Received): void {
  remembered.set(`${received.endpoint} ${name}`, received);
}

/** What `endpoint` received under this name; returned once, after waiting up to a second. */
export async function recall(name: string, endpoint: string): Promise<Received | undefined> {
  const key = `${endpoint} ${name}`;
  for (let i = 0; i < ATTEMPTS && !remembered.has(key); i += 1) await sleep(PAUSE_MS);
  const found = remembered.get(key);
  remembered.delete(key);
  return found;
}
