/**
 * Problems that only requests reveal: an endpoint that refuses connections, a body that is larger than allowed. NGINX
 * counts the reasons for error responses of each Ingress (docs/reasons.md); a reason that occurs becomes a Problem of
 * the Ingress, which is solved once the reason has not occurred for some minutes.
 */
import type { Problem, Severity } from '../types/problem.ts';

export interface TrafficProblems {
  /** Records that requests of the Ingress `namespace/name` got an error response for this reason. */
  readonly add: (ingress: string, reason: string) => void;
  /** Removes Problems of Ingresses for which `isServed` returns false. */
  readonly retain: (isServed: (ingress: string) => boolean) => void;
  readonly close: () => void;
}

export interface TrafficProblemsOptions {
  /** Called whenever Problems appear or are solved. */
  readonly changed: (problems: readonly Problem[]) => void;
  /** Prefix of the annotations, without the slash. */
  readonly prefix: string;
  /** The annotations of an Ingress, with their full names. */
  readonly annotationsOf: (ingress: string) => Readonly<Record<string, string>>;
  /** A Problem is solved when its reason has not occurred for this many milliseconds. Default 5 min. */
  readonly calmMs?: number;
  /** Milliseconds between two checks for Problems that are solved. Default 10 s. */
  readonly everyMs?: number;
}

interface Advice {
  readonly severity: Severity;
  readonly message: string;
  /** The annotation that decides, and a value that helps. */
  readonly annotation: readonly [name: string, value: string];
  /** Other annotations that decide; the first one that the Ingress has is named. */
  readonly others?: readonly (readonly [name: string, value: string])[];
}

/** Reasons that a change to the Ingress or its backend can remove. Other reasons do not become Problems. */
const ADVICE: ReadonlyMap<string, Advice> = new Map(
  Object.entries<Advice>({
    'auth-failed': {
      severity: 'warning',
      message: 'the authentication service answers with a status other than 2xx, 401 or 403, so requests get 500',
      annotation: ['auth-url', 'http://auth.security.svc.cluster.local/verify'],
    },
    'auth-refused': {
      severity: 'notice',
      message:
        'requests get 401 or 403, because the authentication service refuses them; it decides by the headers of the request',
      annotation: ['auth-url', 'http://auth.security.svc.cluster.local/verify'],
    },
    'auth-unreachable': {
      severity: 'warning',
      message: 'the authentication service does not answer, so requests get 500 or 503',
      annotation: ['auth-url', 'http://auth.security.svc.cluster.local/verify'],
    },
    'backend-closed': {
      severity: 'warning',
      message:
        'endpoints close connections without an answer, speak a protocol other than backend-protocol, or send a header ' +
        'larger than proxy-buffer-size; requests get 502',
      annotation: ['proxy-buffer-size', '16k'],
    },
    'backend-connect-timeout': {
      severity: 'warning',
      message: 'endpoints do not accept connections within proxy-connect-timeout; requests get 504',
      annotation: ['proxy-connect-timeout', '10'],
    },
    'backend-refused': {
      severity: 'warning',
      message:
        'endpoints refuse connections, or their TLS handshake fails; requests get 502. The container must listen on the ' +
        'target port of the Service, and with backend-protocol HTTPS or GRPCS it must speak TLS there',
      annotation: ['backend-protocol', 'HTTP'],
    },
    'backend-timeout': {
      severity: 'warning',
      message: 'endpoints do not answer within proxy-read-timeout; requests get 504',
      annotation: ['proxy-read-timeout', '120'],
    },
    'body-too-large': {
      severity: 'warning',
      message: 'requests get 413, because their bodies are larger than proxy-body-size',
      annotation: ['proxy-body-size', '8m'],
    },
    'denied-by-list': {
      severity: 'notice',
      message: 'requests get 403, because the addresses of their clients are not on the list',
      annotation: ['allowlist-source-range', '10.0.0.0/8'],
      others: [
        ['whitelist-source-range', '10.0.0.0/8'],
        ['denylist-source-range', '192.0.2.0/24'],
      ],
    },
    'limited:connections': {
      severity: 'notice',
      message: 'requests are rejected, because their clients have more connections than limit-connections',
      annotation: ['limit-connections', '20'],
    },
    'limited:requests': {
      severity: 'notice',
      message: 'requests are rejected, because their clients send more of them than limit-rps or limit-rpm allows',
      annotation: ['limit-rps', '50'],
      others: [['limit-rpm', '300']],
    },
    'rewrite-target': {
      severity: 'warning',
      message: 'requests get 500, because matching their path with the pattern of rewrite-target takes too many steps',
      annotation: ['rewrite-target', '/$1'],
    },
  }),
);

const CALM_MS = 5 * 60_000;
const EVERY_MS = 10_000;

/** The reasons that become Problems. */
export const TRAFFIC_REASONS: readonly string[] = [...ADVICE.keys()];

function problemOf(
  ingress: string,
  reason: string,
  { severity, message, annotation, others = [] }: Advice,
  { prefix, annotationsOf }: Pick<TrafficProblemsOptions, 'prefix' | 'annotationsOf'>,
): Problem {
  const [namespace = '', name = ''] = ingress.split('/');
  const written = annotationsOf(ingress);
  const [key, value] =
    [annotation, ...others].find(([each]) => written[`${prefix}/${each}`] !== undefined) ?? annotation;
  return {
    code: `traffic-${reason.replace(':', '-')}`,
    severity,
    effect: 'none',
    object: { kind: 'Ingress', namespace, name },
    message,
    field: ['metadata', 'annotations', `${prefix}/${key}`],
    example: `${key}: "${value}"`,
  };
}

export function createTrafficProblems(options: TrafficProblemsOptions): TrafficProblems {
  const { changed, calmMs = CALM_MS, everyMs = EVERY_MS } = options;
  const current = new Map<string, { readonly ingress: string; readonly problem: Problem; last: number }>();

  function report(): void {
    changed([...current.values()].map(({ problem }) => problem));
  }

  /** Removes the Problems for which `isOver` returns true. */
  function remove(isOver: (each: { readonly ingress: string; readonly last: number }) => boolean): void {
    const before = current.size;
    for (const [key, each] of current) if (isOver(each)) current.delete(key);
    if (current.size < before) report();
  }

  const timer = setInterval(() => {
    const oldest = performance.now() - calmMs;
    remove(({ last }) => last < oldest);
  }, everyMs);
  timer.unref();

  return {
    add: (ingress, reason) => {
      const advice = ADVICE.get(reason);
      if (advice === undefined || ingress === '') return;
      const key = `${ingress} ${reason}`;
      const known = current.get(key);
      if (known !== undefined) {
        known.last = performance.now();
        return;
      }
      current.set(key, { ingress, problem: problemOf(ingress, reason, advice, options), last: performance.now() });
      report();
    },
    retain: (isServed) => remove(({ ingress }) => !isServed(ingress)),
    close: () => clearInterval(timer),
  };
}
