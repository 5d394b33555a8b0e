/** Finding out what NGINX really holds: by digests of the values, so that only what differs is sent. */
import { hash } from 'node:crypto';
import type { ApiFailure, LiveApi } from './live-api.ts';
import type { Mirror } from './mirror.ts';
import { answer } from './pending.ts';
import type { Pending } from './pending.ts';
import { inSlices } from './slices.ts';

export interface Comparison {
  readonly api: LiveApi;
  readonly mirror: Mirror;
  readonly pending: Pending;
  /** NGINX holds a key that nobody here asked for. */
  readonly onForeign: (key: string) => void;
}

export type Compared = { readonly ok: true; readonly digest: string } | ApiFailure;

/**
 * Brings the mirror in line with NGINX and leaves in `pending` what has to be sent. Sets that turn out to be in
 * NGINX already are answered. Pushes may arrive meanwhile. Answers the digest that NGINX has stored.
 */
export async function compareWithNginx({ api, mirror, pending, onForeign }: Comparison): Promise<Compared> {
  const state = await api.state();
  if (!state.ok) return state;
  const held = await api.keys();
  if (!held.ok) return held;
  for (const key of mirror.unknown) {
    if (!held.value.has(key)) mirror.vanished(key);
  }
  const ours = new Set(mirror.entries.keys());
  for (const set of pending.values()) ours.add(set.key);
  await inSlices(ours, (key) => {
    compareKey(key, held.value.get(key), mirror, pending);
  });
  for (const key of held.value.keys()) {
    if (ours.has(key) || mirror.entries.has(key)) continue;
    mirror.forget(key, true);
    if (pending.get(key) === undefined) onForeign(key);
  }
  mirror.revision = state.value.revision;
  return { ok: true, digest: state.value.digest };
}

function compareKey(key: string, held: string | undefined, mirror: Mirror, pending: Pending): void {
  const waiting = pending.get(key);
  const wanted = waiting?.value ?? mirror.entries.get(key);
  if (wanted === undefined) return;
  if (held === hash('md5', wanted, 'hex')) {
    mirror.learn(key, wanted);
    pending.delete(key);
    if (waiting !== undefined) answer([waiting], 'found');
    return;
  }
  mirror.forget(key, held !== undefined);
  if (waiting === undefined) pending.add(key, wanted, []);
}
