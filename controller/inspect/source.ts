/** What the inspection API reads. The commands pass functions, which are called only when somebody asks. */
import type { Artifact } from '../types/artifact.ts';
import type { LiveDocument } from '../types/live.ts';
import type { LeftOutEndpoint, NginxState } from '../types/nginx.ts';
import type { BackendRef, Plan } from '../types/plan.ts';
import type { EntrySessions } from '../types/session-metrics.ts';
import type { ExplainQuery } from './schema/pages.ts';
import type { StatusAnswer } from './schema/status.ts';

/** The current state, as it was last built. */
export interface Inspected {
  readonly plan: Plan;
  readonly artifact: Artifact;
  /** The live data that NGINX should have; its endpoints may be newer than the Plan. */
  readonly live: LiveDocument;
  /** Why the last good certificate of a Secret (`namespace/name`) is served; undefined if it is not. */
  readonly keptCertificate: (secret: string) => string | undefined;
}

/** Facts about this process that do not change. */
export type InspectedProcess = Pick<
  StatusAnswer,
  'command' | 'versions' | 'controllerClass' | 'ingressClass' | 'namespace' | 'pod'
>;

export interface InspectionSource {
  readonly identity: InspectedProcess;
  /** Undefined before the first build. */
  readonly current: () => Inspected | undefined;
  /** Key of a backend in the live data, without its `b:`. */
  readonly backendKey: (ref: BackendRef) => string;
  /** `namespace/name` of the default certificate's Secret; null if there is none. */
  readonly defaultCertificate: string | null;
  /**
   * Explains a request; `refusal` says what is wrong with the description of the request, or that the explanation takes
   * too long (`slow`). There must have been a build.
   */
  readonly explain: (
    query: ExplainQuery,
  ) => { readonly explanation: object } | { readonly refusal: string; readonly slow?: true };
  /** Upper bounds of the buckets of durations, in seconds; undefined if requests are not counted. */
  readonly durationBounds: readonly number[] | undefined;
  /** Fetches from NGINX what it has counted since the last time. */
  readonly collectCounts: () => Promise<void>;
  /** What was counted about sessions of TCP and UDP; undefined if nothing is counted. */
  readonly sessions: () => readonly EntrySessions[] | undefined;
  readonly nginxState: () => Promise<NginxState | undefined>;
  readonly leftOutEndpoints: () => Promise<readonly LeftOutEndpoint[] | undefined>;
  /** How long the structural change in progress has taken so far, in ms; 0 if there is none. */
  readonly busyMs: () => number;
  /** Ingresses (`namespace/name`) that are left out, each with the message of nginx or of the exception. */
  readonly leftOut: () => Iterable<readonly [ingress: string, message: string]>;
  /** Milliseconds since the objects were last known to be current; undefined if they come from files. */
  readonly dataAgeMs: () => number | undefined;
  /** Whether this replica is the leader; undefined without an election. */
  readonly leads: () => boolean | undefined;
  /** The folder in which NGINX resolves relative paths; undefined if its files cannot be read here. */
  readonly nginxPrefix: string | undefined;
}
