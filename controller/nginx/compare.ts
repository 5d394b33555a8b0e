/** Asks NGINX for digests of all its live values, so that only the differences are sent. */
import { hash } from 'node:crypto';
import type { LiveApiFailure, LiveApi } from './live-api.ts';
import type { LiveDataMirror } from './mirror.ts';
import { eachInSlices } from '../time/slices.ts';
import type { Unsent } from './unsent.ts';

export interface Comparison {
  readonly api: LiveApi;
  readonly mirror: LiveDataMirror;
  readonly unsent: Pick<Unsent, 'target' | 'look'>;
}

export type Compared = { readonly ok: true; readonly digest: string } | LiveApiFailure;

/**
 * Corrects the mirror according to NGINX's response, and calls `unsent.look` for every key of the mirror, the target or
 * NGINX. The target may change meanwhile. Returns the digest of the document that NGINX has stored.
 */
export async function compareWithNginx({ api, mirror, unsent }: Comparison): Promise<Compared> {
  const state = await api.state();
  if (!state.ok) return state;
  const held = await api.keys();
  if (!held.ok) return held;
  for (const key of mirror.unknown) {
    if (!held.value.has(key)) mirror.vanished(key);
  }
  const [wanted, now] = [unsent.target?.live, performance.now()];
  await eachInSlices(new Set([...mirror.entries.keys(), ...(wanted?.keys() ?? []), ...held.value.keys()]), (key) => {
    const digest = held.value.get(key);
    const known = [wanted?.get(key), mirror.entries.get(key)].find(
      (text) => text !== undefined && hash('md5', text, 'hex') === digest,
    );
    if (known === undefined) mirror.forget(key, digest !== undefined);
    else mirror.learn(key, known);
    unsent.look(key, undefined, now);
  });
  mirror.revision = state.value.revision;
  return { ok: true, digest: state.value.digest };
}
