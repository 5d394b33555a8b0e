/** The driver of NGINX, as app.ts and the commands see it. Implemented in controller/nginx. */
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
  /** Full paths of the modules to load, in order; empty where they are built in. */
  readonly modules: readonly string[];
  /** The same for brotli; undefined where it cannot be had. */
  readonly brotli: readonly string[] | undefined;
  /** The same for headers-more. */
  readonly headersMore: readonly string[] | undefined;
  /** IPv6 is on, so that `listen [::]:…` works. */
  readonly ipv6: boolean;
  /** User for the workers when the master is root, else null. */
  readonly user: string | null;
}

/** What is missing before NGINX can be used; `packages` are names of Debian packages. */
export interface MissingSoftware {
  readonly missing: readonly string[];
  readonly packages: readonly string[];
}

/** Workers there are at a moment. */
export interface WorkerCounts {
  /** Of the newest generation. */
  readonly serving: number;
  /** Of older ones: they accept nothing more and finish what they have. */
  readonly draining: number;
  readonly drainingGenerations: number;
  /** Connections that draining workers closed because there were too many of these workers, since the master started. */
  readonly closedEarly: number;
  /** Bytes of the dictionary of live data, and what is left of it. */
  readonly live: { readonly capacity: number; readonly free: number };
}

/** What became of live data. */
export interface LiveAnswer {
  readonly outcome: Outcome;
  /** Keys with a value that NGINX was to be given. */
  readonly set: readonly string[];
  /** Keys that will be removed. */
  readonly remove: readonly string[];
}

/** The running (or to be started) NGINX of one run directory. */
export interface Nginx {
  /**
   * Takes the run directory (a second controller on it is refused with the pid of the first) and finds out
   * whether an NGINX runs on it. Answers `adopted` with the live data it holds compared to `live`, or `none`.
   */
  open(): Promise<Extract<Outcome, { kind: 'adopted' | 'none' }>>;
  /** Live data as NGINX was given it last, by whatever process; empty where there is none, or it cannot be trusted. */
  lastLive(): Promise<LiveDocument>;
  /** Bytes of the nginx.conf in force (survives a restart of the controller); undefined before the first one. */
  currentConf(): string | undefined;
  /** `nginx -t` on the Artifact, beside the one in force, touching nothing that runs. */
  check(artifact: Artifact, priority?: 'background'): Promise<CheckResult>;
  /** A `reload` with this Artifact is likely to follow soon: its check may begin. */
  anticipate(artifact: Artifact): void;
  /**
   * Writes conf, files and live data, starts NGINX detached, waits until its workers registered. An NGINX of another
   * container is waited for; one that is up already is brought to the Artifact, with a reload only where its conf is
   * another one.
   */
  start(artifact: Artifact): Promise<Outcome>;
  /**
   * Writes nginx.conf anew where it is this Artifact's but for comments that name objects. NGINX, which has read the rest,
   * is not told.
   */
  replaceComments(artifact: Artifact): Promise<void>;
  /** `want`, check, install, SIGHUP, wait for the new generation; on failure the old conf is put back. */
  reload(artifact: Artifact): Promise<Outcome>;
  /**
   * From now on NGINX is to hold the live data of this Artifact: only keys that differ are sent, at once, also while a check
   * or a reload runs, and again for as long as NGINX does not hold them. What the document lacks is removed once the
   * Artifact's conf is in force, after a grace period, so that requests under way still find what they chose, and after the
   * end of workers that are older than that, at most their `worker_shutdown_timeout`.
   *
   * Resolves when NGINX holds, or has refused, all that differs from what was wanted before.
   */
  want(artifact: Pick<Artifact, 'live' | 'confHash'>): Promise<LiveAnswer>;
  /** Called with what became of values that NGINX had refused, or not taken for long, each time they were offered again. */
  onRetry(listener: (answer: LiveAnswer) => void): void;
  /**
   * Makes NGINX's readiness answer 503, so that no new traffic is sent to it; what comes is served. It holds until
   * NGINX starts anew. Where NGINX cannot be told, that is logged.
   */
  drain(): Promise<void>;
  /** Counts the workers now; undefined where NGINX does not answer. */
  workers(): Promise<WorkerCounts | undefined>;
  /**
   * Stops NGINX gracefully (SIGQUIT, then SIGTERM after `graceMs`) and gives the run directory back. An NGINX of
   * another container is drained and goes on: its own container ends it.
   */
  stop(graceMs: number): Promise<void>;
  /** Gives the run directory back and leaves NGINX running. */
  release(): Promise<void>;
  /**
   * Called when the master process ended without being asked to. Of another container: when it was replaced by a new
   * start, and when it stopped answering. `start` is the remedy in every case.
   */
  onExit(listener: (detail: string) => void): void;
}
