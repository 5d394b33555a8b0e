/**
 * The result of `explain`: what NGINX does with one request. `tidegate explain -o json` prints this structure;
 * docs/explain.md describes it.
 */
import type { FieldPath, ObjectRef, Severity } from '../types/problem.ts';
import type { SettingOrigin } from '../types/setting-origin.ts';

/** The steps of a request, by name. */
export type StepName =
  | 'request'
  | 'tls'
  | 'server'
  | 'location'
  | 'body-size'
  | 'loop'
  | 'blocked'
  | 'deny'
  | 'client-certificate'
  | 'snippet'
  | 'host-redirect'
  | 'app-root'
  | 'preflight'
  | 'redirect'
  | 'rewrite-redirect'
  | 'tls-redirect'
  | 'slash-redirect'
  | 'rate-limit'
  | 'connection-limit'
  | 'addresses'
  | 'password'
  | 'external-auth'
  | 'canary'
  | 'fallback'
  | 'rewrite'
  | 'backend'
  | 'error-page'
  | 'administrator';

/**
 * What a step does with the request. `passed`: the request continues. `answered`: NGINX answers, and no later step is
 * reached. `depends`: the request continues or is answered, depending on something that the manifests do not contain;
 * `outcomes` has both results.
 */
export type StepResult = 'passed' | 'answered' | 'depends';

export interface Step {
  readonly name: StepName;
  readonly result: StepResult;
  /** One sentence without a full stop. */
  readonly text: string;
}

/** An endpoint as `address:port`, IPv6 in brackets. */
type EndpointText = string;

/** A request that NGINX sends to a backend. */
export interface Passed {
  /** `namespace/service:port`, or the name and port of a host outside the cluster. */
  readonly service: string;
  /** `main`: the Service of the path. `error-page`: a Service that answers instead of the failed one. */
  readonly role: 'main' | 'canary' | 'fallback' | 'error-page';
  readonly protocol: string;
  /** Path and query, as the backend receives them. */
  readonly path: string;
  /** The endpoints, of which one receives the request. After a failure, another one may receive it. */
  readonly endpoints: readonly EndpointText[];
}

/** One possible result of the request. */
export interface RequestOutcome {
  /**
   * When this is the result, as a clause that follows "if". Absent for the result that applies if the conditions of all
   * other results are false.
   */
  readonly when?: string;
  /**
   * The share of requests that have this result, from 0 to 1, among those to which no condition applies. Present only
   * if weights decide.
   */
  readonly share?: number;
  /** Status of the response; null if the backend determines it, or if the connection is closed. */
  readonly status: number | null;
  /** Who answers. `unknown`: directives of the administrator or the state of the running NGINX decide. */
  readonly by: 'nginx' | 'backend' | 'authentication service' | 'closed' | 'unknown';
  /** The reason that the access log gives if NGINX answers: see docs/reasons.md. */
  readonly reason?: string;
  /** The header Location of a redirect. */
  readonly location?: string;
  readonly backend?: Passed;
}

/** A location that also matches the request, or that would exist if its path did not belong to an older Ingress. */
export interface Loser {
  /** `= /a`, `/a/`, `~* ^/a`. */
  readonly match: string;
  /** `namespace/name` of the Ingress; absent for a built-in location. */
  readonly ingress?: string;
  readonly path: string;
  /** Why another location is used, as a sentence without a full stop. */
  readonly why: string;
}

/** The server block that handles the request. */
export interface ChosenServer {
  /** Names as in `server_name`; patterns begin with `~`. */
  readonly names: readonly string[];
  /** Why NGINX chooses this server block, as a sentence without a full stop. */
  readonly why: string;
  /** `namespace/name` of the Ingresses of the host, oldest first. */
  readonly ingresses: readonly string[];
}

/** The location that handles the request. */
export interface ChosenLocation {
  readonly match: string;
  readonly ingress?: string;
  /** The path as written in the Ingress. */
  readonly path: string;
  readonly why: string;
  /** The Service of the path, as `namespace/service:port`; null if no request reaches a backend. */
  readonly service: string | null;
  /** The id of the location's live data: `r:<id>`. */
  readonly route: string;
}

/** A header that NGINX sets, adds or removes. */
export interface HeaderNote {
  readonly name: string;
  /** Absent if the header is removed. Variables are not expanded. */
  readonly value?: string;
}

/** A Problem of an Ingress of the host, or of a key of the ConfigMap. */
export interface Note {
  readonly severity: Severity;
  readonly code: string;
  readonly object?: ObjectRef;
  readonly field?: FieldPath;
  readonly message: string;
}

export interface Explanation {
  /** The request as NGINX understands it. */
  readonly request: {
    readonly method: string;
    readonly scheme: 'http' | 'https';
    /** The host without port, in lower case; empty if the request has none. */
    readonly host: string;
    /** The decoded path without dot segments or double slashes, by which locations are chosen. */
    readonly path: string;
    readonly query: string | null;
    /** The client's address, after trusted proxies are considered; null if it is not known. */
    readonly client: string | null;
  };
  /** `namespace/name` of the Secret of the certificate; null without TLS, or for the default certificate. */
  readonly certificate: string | null;
  /** Null if the request fails before a server block is chosen. */
  readonly server: ChosenServer | null;
  readonly location: ChosenLocation | null;
  readonly lost: readonly Loser[];
  readonly steps: readonly Step[];
  /** The possible results. The last one has no condition, unless several have a `share`. */
  readonly outcomes: readonly RequestOutcome[];
  readonly requestHeaders: readonly HeaderNote[];
  readonly responseHeaders: readonly HeaderNote[];
  readonly settings: readonly SettingOrigin[];
  readonly notes: readonly Note[];
}
