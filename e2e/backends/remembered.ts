/**
 * Stores descriptions of requests, so that a test can read what the target of mirrored requests received, although
 * NGINX discards its responses.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Received } from './received.ts';

const remembered = new Map<string, Received>();
const ATTEMPTS = 50;
const PAUSE_MS = 20;

export function remember(name: string, received: Received): void {
  remembered.set(`${received.endpoint} ${name}`, received);
}

/** Waits up to a second for the description that `endpoint` stored under this name, and removes it from the store. */
export async function recall(name: string, endpoint: string): Promise<Received | undefined> {
  const key = `${endpoint} ${name}`;
  for (let i = 0; i < ATTEMPTS && !remembered.has(key); i += 1) await sleep(PAUSE_MS);
  const found = remembered.get(key);
  remembered.delete(key);
  return found;
}
