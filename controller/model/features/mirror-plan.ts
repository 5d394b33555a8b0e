/** The location that copies of an Ingress's requests go to, and what has the others send them there. */
import { literal, variable, word } from '../../types/conf-value.ts';
import { directive, type Directive } from '../../types/directive.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { LocationPlan } from '../../types/plan.ts';
import { backendKey } from '../contract/backend-key.ts';
import type { ObjectRef } from '../../types/problem.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import { keyOf } from '../contract/object-ref.ts';
import type { MirrorUrl } from '../values/mirror.ts';
import { passToUrl } from './url-pass.ts';

/** Where copies of requests go. */
export interface Mirror extends MirrorUrl {
  readonly hostHeader: string;
  readonly body: boolean;
}

export interface MirrorPlan {
  /** Of a location whose requests are mirrored. */
  readonly directives: readonly Directive[];
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

/** Whoever cannot be reached in a second gets no copy: a client waits for it with its next request. */
const CONNECT_MS = 1000;
const ANSWER_MS = 60_000;

/**
 * One for each host and Ingress: where to, but for the protocol, is live. With `secret` the Authorization header is one for
 * NGINX, which neither the backend nor anybody else is to get.
 */
export function planMirror(host: string, owner: ObjectRef, mirror: Mirror, secret: boolean): MirrorPlan {
  const { pass, directives: tls } = passToUrl(mirror.protocol, mirror.host, 'mirror');
  const id = fingerprint(
    JSON.stringify([host, 'mirror', keyOf(owner), pass, mirror.body, ...(secret ? ['secret'] : [])]),
  );
  const text = `/_mirror-${id}`;
  return {
    directives: [
      directive('mirror', literal(text)),
      ...(mirror.body ? [] : [directive('mirror_request_body', word('off'))]),
    ],
    location: {
      match: { kind: 'exact', text },
      directives: tls,
      pass,
      mirror: { body: mirror.body },
      upstreamHeaders: [
        ['Host', variable('tidegate_mirror_host')],
        ['Upgrade', 'removed'],
        ['Connection', 'removed'],
        ...(mirror.body ? [] : [['Content-Length', 'removed'] as const]),
        ...(secret ? [['Authorization', 'removed'] as const] : []),
      ],
      routeId: id,
      owner,
    },
    route: {
      backend: backendKey(mirror.backend),
      ingress: keyOf(owner),
      path: '/',
      tlsRedirect: 'never',
      timeouts: [CONNECT_MS, ANSWER_MS, ANSWER_MS],
      tries: 1,
      balance: 'round_robin',
      mirror: { host: mirror.hostHeader, uri: mirror.uri },
    },
  };
}
