/**
 * What `createNginx` and `createSidecarNginx` share: the lock, the live data, the test of a configuration, and the
 * record of the configuration in force.
 */
import type { Artifact, ConfParts } from '../types/artifact.ts';
import type { Nginx } from '../types/nginx.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';
import { capDraining } from './cap-draining.ts';
import { createConfTests } from './conf-tests.ts';
import type { DriverOptions } from './driver-options.ts';
import { failed, refused } from './failures.ts';
import { createFigures, type Figures } from './figures.ts';
import { countWorkers, newestConf, summaryOf } from './generation.ts';
import { pruneFiles, readText, removeLeftovers, writeWhole } from './install.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { createLiveData, type LiveData } from './live-data.ts';
import { acquireLock } from './lock.ts';
import type { Lock } from './lock.ts';
import type { Reloaded } from './reload.ts';
import type { RunPaths } from './run-dir.ts';
import { createSerialQueue } from '../time/serial-queue.ts';
import { shutdownTimeoutMs } from './shutdown-timeout.ts';
import { createStreamWriter } from './stream-files.ts';

export interface DriverParts {
  readonly paths: RunPaths;
  readonly api: LiveApi;
  /** Prefix and working directory of `nginx -t`. */
  readonly checkPrefix: string;
}

/** The nginx.conf in force. */
interface InForce extends Pick<Artifact, 'conf' | 'confHash'> {
  /** Undefined if another process rendered it. */
  readonly parts: ConfParts | undefined;
}

/** The operations from which both drivers build their methods. */
export interface Driver {
  readonly live: LiveData;
  /** Sets live data and files for TCP and UDP connections as the target. See `Nginx.want`. */
  want(artifact: Parameters<Nginx['want']>[0]): ReturnType<Nginx['want']>;
  readonly figures: Figures;
  readonly log: (problem: string) => void;
  /** Runs `start`, `reload` and other calls one after another. */
  readonly inTurn: ReturnType<typeof createSerialQueue>;
  /** Text of the nginx.conf in force. */
  inForce(): string | undefined;
  /** Records that no configuration is in force anymore. */
  ended(): void;
  /** Set to true to abort calls that are running, and to refuse new ones. */
  stopping: boolean;
  /** Locks the run directory, after `prepare` has created it. */
  open(prepare: () => Promise<void>): Promise<void>;
  /** Why a running call has to be aborted, or undefined. */
  interrupted(): string | undefined;
  /**
   * Returns the outcome `failed` if the driver is not open or is being stopped, or if there is a `reason`; otherwise
   * undefined.
   */
  refusal(reason: string | undefined): Outcome | undefined;
  check(artifact: Artifact, priority?: 'background'): Promise<CheckResult>;
  /** Begins to test a configuration for which a reload is expected. */
  anticipate(artifact: Artifact): void;
  /** Tests an Artifact before a start. Returns undefined if it passes. */
  startable(artifact: Artifact): Promise<Outcome | undefined>;
  /**
   * Adopts a running NGINX. Its configuration and live data count as known only if the files match what NGINX reports.
   * Returns true if its live data is known.
   */
  adopt(state: LiveState): Promise<boolean>;
  /** Records the nginx.conf on disk as the one in force if the newest workers report its hash. */
  confOf(state: LiveState): Promise<void>;
  /**
   * Tests the configuration, waits until NGINX has the live data that it needs, then calls `apply`. `down` returns why
   * a reload is impossible, or undefined.
   */
  reload(artifact: Artifact, down: () => string | undefined, apply: () => Promise<Reloaded>): Promise<Outcome>;
  /** Waits until NGINX has the live data that an Artifact needs. Returns an outcome only if that fails. */
  ready(artifact: Artifact, started: number): Promise<Outcome | undefined>;
  /** See `Nginx.replaceComments`. */
  replaceComments(artifact: Artifact): Promise<void>;
  /** Records that an Artifact has taken effect. */
  installed(artifact: Artifact, state: LiveState): Promise<void>;
  drain(): Promise<void>;
  workers(): ReturnType<Nginx['workers']>;
  state(): ReturnType<Nginx['state']>;
  leftOutEndpoints(): ReturnType<Nginx['leftOutEndpoints']>;
  giveBack(reason: string): Promise<void>;
}

export function createDriver(options: DriverOptions, { paths, api, checkPrefix }: DriverParts): Driver {
  const { binary } = options.capabilities;
  const log = options.log ?? ((): void => undefined);
  let inForce: InForce | undefined;
  // The longer of the shutdown timeouts of the previous and the current conf. Until a conf is installed, the default.
  let longestMs = shutdownTimeoutMs('');
  const live = createLiveData({
    api,
    log,
    path: paths.liveData,
    times: options,
    longestMs: () => longestMs,
    isInForce: (confHash) => inForce?.confHash === confHash,
  });
  const streams = createStreamWriter({
    folder: paths.streams,
    log,
    graceMs: options.removalGraceMs ?? 10_000,
    retryMs: options.journalRetryMs ?? 5000,
  });
  const draining = capDraining({ api, log, most: options.maxDrainingWorkers });
  const tests = createConfTests({
    binary,
    paths,
    prefix: checkPrefix,
    timeoutMs: options.checkTimeoutMs ?? 30_000,
    running: () => inForce?.parts,
  });
  let lock: Lock | undefined;

  async function prune(former: string | undefined): Promise<void> {
    const needed = [inForce?.conf ?? '', former ?? '', ...tests.confs()];
    await pruneFiles(paths, needed).catch((error: unknown) => log(`${paths.files}: ${String(error)}`));
  }

  const driver: Driver = {
    live,
    async want(artifact) {
      streams.want(artifact);
      const answer = await live.want(artifact);
      await streams.settled();
      return answer;
    },
    figures: createFigures(api),
    log,
    inForce: () => inForce?.conf,
    ended: () => {
      inForce = undefined;
    },
    inTurn: createSerialQueue(),
    stopping: false,

    async open(prepare) {
      await prepare();
      lock = await acquireLock(paths);
      await removeLeftovers(paths);
    },

    interrupted: () => (driver.stopping ? 'NGINX is being stopped' : undefined),

    refusal(reason) {
      const why =
        lock === undefined
          ? 'this process does not hold the lock of the run directory'
          : (driver.interrupted() ?? reason);
      return why === undefined ? undefined : failed(why, performance.now());
    },

    check: tests.whole,

    anticipate(artifact) {
      if (driver.refusal(undefined) === undefined) tests.begin(artifact);
    },

    async startable(artifact) {
      const started = performance.now();
      const tested = await tests.whole(artifact);
      if (!tested.ok) return refused(tested, artifact);
      const unwritten = await streams.settled();
      return unwritten === undefined ? undefined : failed(unwritten, started);
    },

    async adopt(state) {
      draining.look();
      await driver.confOf(state);
      return live.adopt(state);
    },

    async confOf(state) {
      const confHash = newestConf(state);
      const conf = await readText(paths.nginxConf);
      inForce = conf?.includes(confHash) === true ? { conf, confHash, parts: undefined } : undefined;
      live.retire();
    },

    async reload(artifact, down, apply) {
      const started = performance.now();
      const no = driver.refusal(down());
      if (no !== undefined) return no;
      const tested = await tests.changed(artifact);
      if (!tested.ok) return refused(tested, artifact);
      const unready = await driver.ready(artifact, started);
      if (unready !== undefined) return unready;
      const gone = down();
      if (gone !== undefined) return failed(gone, started);
      const resized = inForce !== undefined && dictionarySize(inForce.conf) !== dictionarySize(artifact.conf);
      if (resized) await live.startOver(artifact);
      const signalled = performance.now();
      const result = await apply();
      if (resized) {
        live.connect(true);
        const now = await api.state();
        if (now.ok) live.verify(now.value);
      }
      if (!result.ok) {
        // NGINX read the whole configuration. A test of it shows whether it refused the configuration, and why.
        const whole = tested.partial === true ? await tests.whole(artifact) : tested;
        return whole.ok || whole.untested === true
          ? failed(result.message, started, result.errorLog)
          : refused(whole, artifact);
      }
      await driver.installed(artifact, result.state);
      const reloadMs = performance.now() - signalled;
      return { kind: 'reload', generation: result.generation, testMs: tested.ms, reloadMs };
    },

    async ready(artifact, started) {
      // A route that NGINX refused does not delay the others: its location answers 503.
      const unsettled = await live.settled(artifact.live);
      if (unsettled !== undefined) return failed(`NGINX did not receive its live data: ${unsettled}`, started);
      const unwritten = await streams.settled();
      if (unwritten !== undefined) return failed(unwritten, started);
      // If the size of the dictionary changes, the new generation loads its live data from the file.
      await live.flush();
      return undefined;
    },

    async replaceComments({ conf, confHash, parts }) {
      if (inForce?.confHash !== confHash || inForce.conf === conf || driver.refusal(undefined) !== undefined) return;
      await writeWhole(paths.nginxConf, conf).then(
        () => {
          inForce = { conf, confHash, parts };
        },
        (error: unknown) => log(`comments of ${paths.nginxConf} could not be updated: ${String(error)}`),
      );
    },

    async installed(artifact, state) {
      const former = inForce?.conf;
      inForce = { conf: artifact.conf, confHash: artifact.confHash, parts: artifact.parts };
      // The old workers keep the shutdown timeout of the conf with which they started.
      longestMs = Math.max(shutdownTimeoutMs(former ?? ''), shutdownTimeoutMs(artifact.conf));
      draining.look();
      live.verify(state);
      live.retire();
      await prune(former);
    },

    async workers() {
      const answer = await api.state();
      return answer.ok ? countWorkers(answer.value) : undefined;
    },

    async state() {
      const answer = await api.state();
      return answer.ok ? summaryOf(answer.value) : undefined;
    },

    async leftOutEndpoints() {
      const answer = await api.leftOutEndpoints();
      return answer.ok ? answer.value : undefined;
    },

    async drain() {
      const answer = await api.drain(true);
      if (!answer.ok) log(`NGINX could not be told to drain: ${answer.message}`);
    },

    async giveBack(reason) {
      draining.stop();
      await tests.end();
      await live.close(reason);
      await streams.close();
      await api.close();
      await lock?.release();
      lock = undefined;
    },
  };
  return driver;
}

/** Size of the shared dictionary for live data, as written in nginx.conf. */
function dictionarySize(conf: string): string | undefined {
  return /^\s*lua_shared_dict tidegate_live (\S+);/m.exec(conf)?.[1];
}
