import type { Nginx } from '../types/nginx.ts';
import type { Base } from './base.ts';

/** What callers of every driver get straight from the base. */
export function sharedCalls(
  base: Base,
): Pick<Nginx, 'lastLive' | 'currentConf' | 'check' | 'anticipate' | 'push' | 'resync' | 'drain' | 'workers'> {
  return {
    lastLive: () => base.lastLive(),
    currentConf: () => base.inForce,
    check: (artifact, priority) => base.check(artifact, priority),
    anticipate: (artifact) => base.anticipate(artifact),
    push: (delta) => base.pusher.push(delta),
    resync: (document) => base.pusher.resync(document),
    drain: () => base.drain(),
    workers: () => base.workers(),
  };
}
