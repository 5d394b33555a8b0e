/** The driver of NGINX, as used by app.ts and the commands. Implemented in controller/nginx. */
import type { Artifact } from './artifact.ts';
import type { LiveDocument } from './live.ts';
import type { CheckResult, Outcome } from './outcome.ts';

/** What the installed NGINX can do; read once from `nginx -V` and the file system. */
export interface Capabilities {
  readonly binary: string;
  /** `1.22.1` */
  readonly version: string;
  /** `http2 on;` as a directive (1.25.1 and later) instead of a parameter of `listen`. */
  readonly http2Directive: boolean;
  /** `listen … quic` (built with http_v3_module). */
  readonly http3: boolean;
  /** Full paths of the modules to load, in order; empty if they are built in. */
  readonly modules: readonly string[];
  /** Modules for brotli; undefined if they are not available. */
  readonly brotli: readonly string[] | undefined;
  /** Modules for headers-more; undefined if they are not available. */
  readonly headersMore: readonly string[] | undefined;
  /** IPv6 is enabled, so that `listen [::]:…` works. */
  readonly ipv6: boolean;
  /** User of the workers if the master is root, otherwise null. */
  readonly user: string | null;
}

/** What NGINX lacks; `packages` are names of Debian packages. */
export interface MissingSoftware {
  readonly missing: readonly string[];
  readonly packages: readonly string[];
}

/** The current workers. */
export interface WorkerCounts {
  /** In the newest generation. */
  readonly serving: number;
  /** In older ones: they accept no more connections and finish their requests. */
  readonly draining: number;
  readonly drainingGenerations: number;
  /**
   * Connections that draining workers closed because there were too many of these workers, since the master started.
   */
  readonly closedEarly: number;
  /** Bytes of the dictionary of live data, and how many are free. */
  readonly live: { readonly capacity: number; readonly free: number };
}

/** The result of sending live data. */
export interface LiveAnswer {
  readonly outcome: Outcome;
  /** Keys whose value NGINX was to be given. */
  readonly set: readonly string[];
  /** Keys that will be removed. */
  readonly remove: readonly string[];
}

/** The running (or to be started) NGINX of one run directory. */
export interface Nginx {
  /**
   * Takes the run directory (a second controller is refused with the pid of the first) and finds out whether an NGINX
   * runs on it. Returns `adopted`, after comparing its live data with `live`, or `none`.
   */
  open(): Promise<Extract<Outcome, { kind: 'adopted' | 'none' }>>;
  /** The live data that NGINX was last given, by any process; empty if there is none, or if it cannot be trusted. */
  lastLive(): Promise<LiveDocument>;
  /** Bytes of the nginx.conf in force (survives a restart of the controller); undefined before the first one. */
  currentConf(): string | undefined;
  /** Runs `nginx -t` on the Artifact, beside the one in force, without touching anything that runs. */
  check(artifact: Artifact, priority?: 'background'): Promise<CheckResult>;
  /** A `reload` with this Artifact will probably follow soon: its check may begin. */
  anticipate(artifact: Artifact): void;
  /**
   * Writes conf, files and live data, starts NGINX detached, and waits until its workers have registered. For an NGINX
   * in another container, waits until it is up; if it is already up, brings it to the Artifact, with a reload only if
   * its conf differs.
   */
  start(artifact: Artifact): Promise<Outcome>;
  /**
   * Rewrites nginx.conf if it differs from this Artifact's only in comments that name objects. NGINX, which has already
   * read the rest, is not told.
   */
  replaceComments(artifact: Artifact): Promise<void>;
  /** `want`, check, install, SIGHUP, wait for the new generation; after a failure the old conf is restored. */
  reload(artifact: Artifact): Promise<Outcome>;
  /**
   * Sets the live data of this Artifact as the target: only differing keys are sent, at once, even during a check or a
   * reload, and retried until NGINX holds them. Keys that the document lacks are removed once the Artifact's conf is in
   * force, after a grace period, so that requests under way still find what they chose, and after the end of older
   * workers, which takes at most their `worker_shutdown_timeout`.
   *
   * Resolves when NGINX holds, or has refused, every difference from the previous target.
   */
  want(artifact: Pick<Artifact, 'live' | 'confHash'>): Promise<LiveAnswer>;
  /**
   * Called with the results of values that NGINX had refused, or not accepted for long, each time they are offered
   * again.
   */
  onRetry(listener: (answer: LiveAnswer) => void): void;
  /**
   * Makes NGINX's readiness answer 503, so that no new traffic is sent to it; requests that still arrive are served. It
   * holds until NGINX restarts. If NGINX cannot be told, that is logged.
   */
  drain(): Promise<void>;
  /** Counts the workers; undefined if NGINX does not answer. */
  workers(): Promise<WorkerCounts | undefined>;
  /**
   * Stops NGINX gracefully (SIGQUIT, then SIGTERM after `graceMs`) and gives the run directory back. An NGINX in
   * another container is drained and keeps running: its own container ends it.
   */
  stop(graceMs: number): Promise<void>;
  /** Gives the run directory back and leaves NGINX running. */
  release(): Promise<void>;
  /**
   * Called when the master process ended unexpectedly. For another container: when a new start replaced it, and when it
   * stopped answering. In every case, `start` is the remedy.
   */
  onExit(listener: (detail: string) => void): void;
}
