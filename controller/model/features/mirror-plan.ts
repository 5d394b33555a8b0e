/**
 * The location that sends copies of an Ingress's requests to its mirror target, and the directives that copy requests
 * to this location.
 */
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

/** Where mirrored requests go. */
export interface RequestMirror extends MirrorUrl {
  readonly hostHeader: string;
  readonly body: boolean;
}

export interface MirrorPlan {
  /** Directives of a location whose requests are mirrored. */
  readonly directives: readonly Directive[];
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

/**
 * A target that cannot be reached within a second gets no copy. The time is short, because the client's next request on
 * the connection waits for the copy.
 */
const CONNECT_MS = 1000;
const ANSWER_MS = 60_000;

/**
 * Plans one mirror location per host and Ingress. The protocol of the target is part of nginx.conf; the rest of the
 * target is live data. With `secret`, the Authorization header is meant for NGINX alone, so neither the backend nor the
 * mirror target gets it.
 */
export function planMirror(host: string, owner: ObjectRef, mirror: RequestMirror, secret: boolean): MirrorPlan {
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
