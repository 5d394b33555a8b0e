import type { Nginx } from '../types/nginx.ts';
import type { Driver } from './driver.ts';

/** The methods that both kinds of NGINX pass unchanged to their driver. */
export function sharedCalls(
  driver: Driver,
): Pick<
  Nginx,
  | 'lastLive'
  | 'currentConf'
  | 'replaceComments'
  | 'check'
  | 'anticipate'
  | 'want'
  | 'onRetry'
  | 'drain'
  | 'workers'
  | 'countedRequests'
  | 'connections'
  | 'processes'
  | 'state'
  | 'leftOutEndpoints'
> {
  return {
    lastLive: () => driver.live.last(),
    currentConf: () => driver.inForce(),
    replaceComments: (artifact) => driver.inTurn(() => driver.replaceComments(artifact)),
    check: (artifact, priority) => driver.check(artifact, priority),
    anticipate: (artifact) => driver.anticipate(artifact),
    want: (artifact) => driver.want(artifact),
    onRetry: (listener) => driver.live.onRetry(listener),
    drain: () => driver.drain(),
    workers: () => driver.workers(),
    countedRequests: (received) => driver.figures.countedRequests(received),
    connections: () => driver.figures.connections(),
    processes: () => driver.figures.processes(),
    state: () => driver.state(),
    leftOutEndpoints: () => driver.leftOutEndpoints(),
  };
}
