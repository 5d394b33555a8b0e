/** The interface through which app/ and the commands control NGINX. Implemented in controller/nginx. */
import type { Artifact } from './artifact.ts';
import type { LiveDocument } from './live.ts';
import type { CheckResult, Outcome } from './outcome.ts';
import type { ConnectionCounts, CountedRequests, ProcessFigures, ReceivedCounts } from './request-metrics.ts';

/** What the installed NGINX supports; read once from `nginx -V` and the file system. */
export interface Capabilities {
  readonly binary: string;
  /** `1.22.1` */
  readonly version: string;
  /** Whether NGINX has the directive `http2 on;` (1.25.1 and later); if not, HTTP/2 is a parameter of `listen`. */
  readonly http2Directive: boolean;
  /** Whether NGINX supports `listen … quic` (it was built with http_v3_module). */
  readonly http3: boolean;
  /** Full paths of the modules to load, in order; empty if all of them are built in. */
  readonly modules: readonly string[];
  /** Full paths of the modules for brotli; undefined if they are not available. */
  readonly brotli: readonly string[] | undefined;
  /** Full paths of the modules for headers-more; undefined if they are not available. */
  readonly headersMore: readonly string[] | undefined;
  /** Full paths of the stream modules and of njs for streams; undefined if they are not available. */
  readonly stream?: readonly string[] | undefined;
  /**
   * Whether the stream module has the directive `pass` (1.25.5 and later), which hands a connection to another server.
   */
  readonly streamPass?: boolean;
  /** Whether IPv6 is enabled, so that `listen [::]:…` works. */
  readonly ipv6: boolean;
  /** The user that workers run as, if the master runs as root; otherwise null. */
  readonly user: string | null;
}

/** Software that must be installed before NGINX can be used; `packages` are names of Debian packages. */
export interface MissingSoftware {
  readonly missing: readonly string[];
  readonly packages: readonly string[];
}

/** Numbers about the current workers. */
export interface WorkerCounts {
  /** Workers of the newest generation. */
  readonly serving: number;
  /** Workers of older generations: they accept no new connections and finish their requests. */
  readonly draining: number;
  readonly drainingGenerations: number;
  /**
   * Connections that draining workers have closed early since the master started, because there were too many draining
   * workers.
   */
  readonly closedEarly: number;
  /** The size of the shared dictionary with live data, in bytes, and how much of it is free. */
  readonly live: { readonly capacity: number; readonly free: number };
}

/** What a running NGINX reports about itself. */
export interface NginxState {
  /** Process id of the master, in the PID namespace of NGINX. */
  readonly master: number;
  /** The newest generation of workers; each reload starts one. */
  readonly generation: number;
  /** Checksum of the nginx.conf that the newest workers run on. */
  readonly conf: string;
  /** Revision of the live data. */
  readonly revision: number;
  readonly workers: WorkerCounts;
}

/** An endpoint that a worker leaves out of balancing, because requests to it failed. */
export interface LeftOutEndpoint {
  /** `namespace/service/port` */
  readonly backend: string;
  /** `address:port`; an IPv6 address is in brackets. */
  readonly endpoint: string;
  /** Seconds until the worker tries the endpoint again. */
  readonly seconds: number;
}

/** The result of sending live data. */
export interface LiveAnswer {
  readonly outcome: Outcome;
  /** Keys whose values were sent. */
  readonly set: readonly string[];
  /** Keys that will be removed. */
  readonly remove: readonly string[];
}

/** The NGINX of one run directory, whether it runs already or is still to be started. */
export interface Nginx {
  /**
   * Locks the run directory and finds out whether an NGINX runs on it. A second controller fails with the pid of the
   * first. Returns `adopted` if NGINX runs, after comparing its live data with the copy in the run directory; otherwise
   * `none`.
   */
  open(): Promise<Extract<Outcome, { kind: 'adopted' | 'none' }>>;
  /**
   * The live data that this or another process last sent to NGINX; empty if there is none, or if it cannot be trusted.
   */
  lastLive(): Promise<LiveDocument>;
  /**
   * The text of the nginx.conf in force, which a restarted controller reads from the run directory. Undefined if no
   * nginx.conf is in force, or if the file there is not the one in force.
   */
  currentConf(): string | undefined;
  /** Runs `nginx -t` on the Artifact in a separate directory, without affecting the running NGINX. */
  check(artifact: Artifact, priority?: 'background'): Promise<CheckResult>;
  /** Announces that `reload` will probably be called with this Artifact soon, so that its check can begin. */
  anticipate(artifact: Artifact): void;
  /**
   * Writes conf, files and live data, starts NGINX detached, and waits until its workers have registered. An NGINX in
   * another container is not started: `start` waits until it is running. If NGINX is already running, it gets the
   * Artifact, and is reloaded only if its conf differs from that of the Artifact.
   */
  start(artifact: Artifact): Promise<Outcome>;
  /**
   * Rewrites nginx.conf if it differs from the conf of this Artifact only in comments that name objects. There is no
   * reload: what NGINX has read is the same.
   */
  replaceComments(artifact: Artifact): Promise<void>;
  /**
   * Calls `want`, checks and installs the conf, sends SIGHUP, and waits for the new generation of workers. After a
   * failure, the old conf is restored.
   */
  reload(artifact: Artifact): Promise<Outcome>;
  /**
   * Sets the live data of this Artifact as the target. Only keys that differ are sent. They are sent at once, even
   * during a check or a reload, and retried until NGINX has accepted them. Keys that the document lacks are removed
   * later: when the Artifact's conf is in force, a grace period has passed (requests in progress may still need the
   * keys), and older workers have ended (which takes at most their `worker_shutdown_timeout`).
   * Resolves when NGINX has accepted or refused every difference from the previous target.
   */
  want(artifact: Pick<Artifact, 'live' | 'confHash' | 'streamFiles'>): Promise<LiveAnswer>;
  /**
   * Registers a listener for the results of retries. Values that NGINX has refused, or has not accepted for a long
   * time, are sent again from time to time.
   */
  onRetry(listener: (answer: LiveAnswer) => void): void;
  /**
   * Makes NGINX's readiness probe answer 503, so that it gets no new traffic; requests that still arrive are served.
   * The effect lasts until NGINX restarts. If NGINX cannot be reached, that is logged.
   */
  drain(): Promise<void>;
  /** Counts the workers; undefined if NGINX does not answer. */
  workers(): Promise<WorkerCounts | undefined>;
  /** What NGINX reports about itself; undefined if it does not answer. */
  state(): Promise<NginxState | undefined>;
  /**
   * The endpoints that one of the workers, whichever answers, leaves out at present; undefined if no worker answers.
   */
  leftOutEndpoints(): Promise<readonly LeftOutEndpoint[] | undefined>;
  /**
   * Returns what the workers have counted about requests, and confirms what has been received before; undefined if
   * NGINX does not answer, or counts nothing.
   */
  countedRequests(received: ReceivedCounts | undefined): Promise<CountedRequests | undefined>;
  /** NGINX's own counters; undefined if NGINX does not answer, or nginx.conf turns metrics off. */
  connections(): Promise<ConnectionCounts | undefined>;
  /** Times and memory of NGINX's processes; undefined if NGINX does not answer. */
  processes(): Promise<ProcessFigures | undefined>;
  /**
   * Stops NGINX gracefully (SIGQUIT, then SIGTERM after `graceMs`) and unlocks the run directory. An NGINX in another
   * container is drained but keeps running until its container ends.
   */
  stop(graceMs: number): Promise<void>;
  /** Unlocks the run directory and leaves NGINX running. */
  release(): Promise<void>;
  /**
   * Registers a listener that is called when the master process has ended unexpectedly. For an NGINX in another
   * container, the listener is called when NGINX has been restarted, and when NGINX stops answering. In each case, the
   * caller has to call `start`.
   */
  onExit(listener: (detail: string) => void): void;
}
