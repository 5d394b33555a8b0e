/**
 * Compares explanations of requests with what the client and the backend saw, and counts the results. A request that
 * differs is accepted only if a rule below says why an explanation cannot know its result; every such request is
 * counted.
 */
import type { Explanation, RequestOutcome } from '../../controller/explain/explanation.ts';
import type { Endpoint } from './endpoints.ts';
import type { RequestSpec } from './scenario.ts';
import { receivedOf } from './seen.ts';
import type { Seen } from './seen.ts';

/** What happened to a request. */
export interface Observation {
  readonly spec: RequestSpec;
  /** The response, or an error message if there was none. */
  readonly seen: Seen | string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

interface Exclusion {
  readonly name: string;
  /** Why the explanation cannot know the result. */
  readonly why: string;
  readonly applies: (observation: Observation, explanation: Explanation) => boolean;
}

function asks(spec: RequestSpec, ...names: readonly string[]): boolean {
  return Object.keys(spec.headers).some((name) => names.includes(name.toLowerCase()));
}

function reachesBackend(outcomes: readonly RequestOutcome[]): boolean {
  return outcomes.some(({ by }) => by === 'backend');
}

const EXCLUSIONS: readonly Exclusion[] = [
  {
    name: 'no endpoint gives a response that NGINX can use, so NGINX answers 502 or 504',
    why: 'the manifests do not say whether a pod works, how fast it is, and which protocol and certificate it has',
    applies: ({ seen }, { outcomes }) =>
      typeof seen !== 'string' && [502, 504].includes(seen.status) && !isEcho(seen) && reachesBackend(outcomes),
  },
  {
    name: 'the backend cuts its response',
    why: 'echo-cut asks it to',
    applies: ({ spec, seen }, { outcomes }) =>
      typeof seen === 'string' && asks(spec, 'echo-cut') && reachesBackend(outcomes),
  },
  {
    name: 'the response does not describe the request',
    why: 'echo-stream asks the backend for a long body instead of its usual response',
    applies: ({ spec, seen }, { outcomes }) =>
      typeof seen !== 'string' && asks(spec, 'echo-stream') && reachesBackend(outcomes),
  },
  {
    name: 'the client and NGINX have no TLS parameters in common',
    why: 'versions, ciphers and groups are not evaluated',
    applies: ({ spec: { tls }, seen }) =>
      typeof tls === 'object' &&
      [tls.version, tls.ciphers, tls.groups].some((each) => each !== undefined) &&
      typeof seen === 'string' &&
      seen.includes('alert'),
  },
  {
    name: 'the client resumes a TLS session of another host',
    why: 'the result depends on the earlier handshake',
    applies: ({ spec: { tls } }) => typeof tls === 'object' && tls.resume !== undefined,
  },
  {
    name: 'a gRPC request is sent to a backend that does not speak gRPC',
    why: 'the manifests do not say which protocol a pod speaks',
    applies: ({ spec, seen }, { outcomes }) => spec.grpc && !isEcho(seen) && reachesBackend(outcomes),
  },
  {
    name: 'the ConfigMap has an invalid value, and the controller has run before',
    why: 'a running controller keeps an earlier value, which the manifests do not contain',
    applies: (_, { notes }) =>
      notes.some(({ code, object }) => code === 'invalid-setting' && object?.kind === 'ConfigMap'),
  },
];

/** The endpoint that answered; undefined if NGINX did. */
function endpointOf(seen: Seen | string): string | undefined {
  if (typeof seen === 'string') return undefined;
  const [, named] = /^{"endpoint":"([^"]+)"/.exec(seen.body.subarray(0, 200).toString()) ?? [];
  return seen.headers.get('echo-endpoint') ?? named;
}

function isEcho(seen: Seen | string): boolean {
  return endpointOf(seen) !== undefined;
}

/** Whether the backend of an outcome is the one that answered, and whether it got the path. */
function fitsBackend({ backend }: RequestOutcome, seen: Seen, { spec, endpoints }: Observation): boolean {
  const endpoint = endpointOf(seen);
  if (backend === undefined || endpoint === undefined) return false;
  // The manifests contain neither the addresses of a DNS name nor the address of a Service, but the Service's name.
  const service = endpoints.get(endpoint)?.service.replace(/ itself$/, '');
  const [, named] = /^(?:[^/]*\/)?(.*):[^:]*$/.exec(backend.service) ?? [];
  const there = backend.endpoints.includes(endpoint) || (service !== undefined && service === named);
  // With echo-recall, the response describes an earlier request.
  return there && (asks(spec, 'echo-recall') || fitsPath(backend.path, seen));
}

/** The path is not visible if the body of the response is compressed or absent, or with FastCGI. */
function fitsPath(path: string, seen: Seen): boolean {
  const received = receivedOf(seen);
  return received === undefined || received.method === '' || received.params !== undefined || received.path === path;
}

/** Whether the request had this outcome. */
export function fits(outcome: RequestOutcome, observation: Observation): boolean {
  const { seen } = observation;
  if (typeof seen === 'string') return outcome.by === 'closed';
  switch (outcome.by) {
    case 'unknown':
      return true;
    case 'closed':
      return false;
    case 'backend':
      return fitsBackend(outcome, seen, observation);
    case 'authentication service':
      return outcome.status === null ? seen.status >= 300 : outcome.status === seen.status;
    case 'nginx':
      if (isEcho(seen)) return false;
      return outcome.status === seen.status && outcome.location === seen.headers.get('location');
  }
}

interface Counts {
  /** The explanation has only one result, and it is right. */
  exact: number;
  /** One of several results is right; the others have a condition, or a share. */
  oneOfSeveral: number;
  /** No known result is right, but the explanation also lists an unknown one: the administrator's directives decide. */
  undecided: number;
  readonly excluded: Map<Exclusion, number>;
}

const counts: Counts = { exact: 0, oneOfSeveral: 0, undecided: 0, excluded: new Map() };

/** How a request differs from its explanation, in words; undefined if it does not. Counts the request. */
export function disagreement(observation: Observation, explanation: Explanation): string | undefined {
  const { outcomes, steps } = explanation;
  const known = outcomes.filter(({ by }) => by !== 'unknown');
  if (known.some((outcome) => fits(outcome, observation))) {
    if (outcomes.length === 1) counts.exact += 1;
    else counts.oneOfSeveral += 1;
    return undefined;
  }
  const rule = EXCLUSIONS.find(({ applies }) => applies(observation, explanation));
  if (rule !== undefined) {
    counts.excluded.set(rule, (counts.excluded.get(rule) ?? 0) + 1);
    return undefined;
  }
  if (known.length < outcomes.length) {
    counts.undecided += 1;
    return undefined;
  }
  const { seen } = observation;
  const saw =
    typeof seen === 'string'
      ? `no response (${seen.trim()})`
      : `${seen.status} ${seen.headers.get('location') ?? ''} from ${endpointOf(seen) ?? 'NGINX'}, path ${receivedOf(seen)?.path}`;
  return `explain: expected ${JSON.stringify(outcomes)}, got ${saw}; steps: ${JSON.stringify(steps)}`;
}

/** Lines for the report: how many requests were compared, and how many were not, with the reasons. */
export function agreementReport(): readonly string[] {
  const { exact, oneOfSeveral, undecided, excluded } = counts;
  const left = [...excluded.values()].reduce((sum, each) => sum + each, 0);
  return [
    `explain: of ${exact + oneOfSeveral + undecided + left} requests, ${exact} got the only result that was explained, ` +
      `${oneOfSeveral} got one of several, ${undecided} were decided by directives of the administrator, and ${left} ` +
      'were not compared:',
    ...[...excluded].map(([{ name, why }, count]) => `  ${count}: ${name} (${why})`),
  ];
}
