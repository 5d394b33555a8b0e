/**
 * The driver of an NGINX that runs in another container, so that the driver can neither see its processes nor signal
 * them. The driver finds, reloads and watches NGINX through the live API. When NGINX ends, the kubelet restarts the
 * container, and the new NGINX serves from nginx.conf and live.data before this driver notices it.
 */
import type { Artifact } from '../types/artifact.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import { createDriver } from './driver.ts';
import { failed, NOT_RUNNING } from './failures.ts';
import { completeGeneration, newestConf } from './generation.ts';
import { putBack, readText, writeWhole } from './install.ts';
import type { DriverOptions } from './driver-options.ts';
import { createLiveApi } from './live-api.ts';
import type { LiveState } from './live-api.ts';
import { installAndReload } from './reload.ts';
import type { Reloaded } from './reload.ts';
import { prepareVolumes, runPaths } from './run-dir.ts';
import { sharedCalls } from './shared-calls.ts';
import { unlinkedSocket } from './unlinked-socket.ts';
import { waitForAnswer } from './wait-for-answer.ts';
import { watchAnswers } from './watch-answers.ts';

export interface SidecarOptions extends DriverOptions {
  /** Milliseconds between checks of whether the same NGINX still runs. */
  readonly lookEveryMs?: number;
  /** Milliseconds without a response after which NGINX is reported as lost. */
  readonly lostMs?: number;
}

/**
 * If a master was told to reload and is then idle for this many milliseconds, its reload has failed. The driver cannot
 * read the master's error log, but the live API reports whether the master is idle.
 */
const IDLE_MS = 500;

function idleFor(ms: number): (state: LiveState | undefined) => boolean {
  let since: number | undefined;
  return (state) => {
    since = state?.master.idle === true ? (since ?? performance.now()) : undefined;
    return since !== undefined && performance.now() - since >= ms;
  };
}

/** Throws if the name of the run directory cannot be used. Other errors make `open` reject. */
export function createSidecarNginx(options: SidecarOptions): Nginx {
  const paths = runPaths(options.runDir);
  const timeoutMs = options.apiTimeoutMs ?? 5000;
  const api = createLiveApi(paths.socket, timeoutMs, unlinkedSocket(paths.socket, timeoutMs));
  const driver = createDriver(options, { paths, api, checkPrefix: paths.check });
  const { live } = driver;
  const lostMs = options.lostMs ?? 10_000;
  const listeners: ((detail: string) => void)[] = [];
  let unwatch: (() => void) | undefined;
  let draining = false;
  let down: string | undefined = NOT_RUNNING;

  function report(detail: string): void {
    for (const listener of listeners) listener(detail);
  }

  /** Starts to watch NGINX. `master` is undefined if no NGINX runs yet. */
  function attach(master?: LiveState['master']): void {
    unwatch?.();
    down = master === undefined ? NOT_RUNNING : undefined;
    unwatch = watchAnswers({
      api,
      master,
      everyMs: options.lookEveryMs ?? 1000,
      lostMs,
      replaced(now, former) {
        void back(now);
        const before = former === undefined ? 'NGINX did not answer' : `NGINX (pid ${former.pid}) ended`;
        report(`${before}, and an NGINX with pid ${now.master.pid} has replaced it`);
      },
      lost(message) {
        down = `NGINX does not answer: ${message}`;
        driver.ended();
        report(`NGINX has not answered for ${lostMs} ms (${message})`);
      },
      returned: (now) => void back(now),
    });
  }

  /**
   * Called when a new NGINX answers. It started from the files, which may be older than the live data of the previous
   * NGINX.
   */
  async function back(state: LiveState): Promise<void> {
    down = undefined;
    live.verify(state);
    await driver.confOf(state);
    if (draining) await driver.drain();
  }

  function detach(reason: string): void {
    unwatch?.();
    unwatch = undefined;
    down = reason;
  }

  async function open(): ReturnType<Nginx['open']> {
    const started = performance.now();
    await driver.open(() => prepareVolumes(paths));
    const state = await api.state();
    if (!state.ok || state.value.workers.length === 0) return { kind: 'none' };
    const known = await driver.adopt(state.value);
    attach(state.value.master);
    live.connect(known);
    return { kind: 'adopted', master: state.value.master.pid, ms: performance.now() - started };
  }

  async function start(artifact: Artifact): Promise<Outcome> {
    const started = performance.now();
    const no = driver.refusal(undefined) ?? (await driver.startable(artifact));
    if (no !== undefined) return no;
    const answer = await api.state();
    const up = answer.ok && answer.value.workers.length > 0 ? await takeOver(answer.value) : await bringUp(artifact);
    if (typeof up === 'string') return failed(up, started);
    const unready = await driver.ready(artifact, started);
    if (unready !== undefined) return unready;
    const current = await inForceOrReload(artifact, up);
    if (!current.ok) return failed(current.message, started, current.errorLog);
    await driver.installed(artifact, current.state);
    return { kind: 'started', master: current.state.master.pid, ms: performance.now() - started };
  }

  /** Adopts an NGINX that is already running, with its live data. */
  async function takeOver(state: LiveState): Promise<LiveState> {
    if (unwatch === undefined) {
      const known = await driver.adopt(state);
      attach(state.master);
      live.connect(known);
    }
    live.verify(state);
    return state;
  }

  /**
   * Writes the files for an NGINX that does not run yet, and waits for it. If NGINX has to start with the previous
   * nginx.conf, because it fails with the new one or does not start in time, live.data still contains what the previous
   * nginx.conf needs.
   */
  async function bringUp(artifact: Artifact): Promise<LiveState | string> {
    detach(NOT_RUNNING);
    let former: string | undefined;
    try {
      await live.prime(live.held(), artifact.live);
      former = await readText(paths.nginxConf);
      await writeWhole(paths.nginxConf, artifact.conf);
    } catch (error) {
      live.connect(true);
      attach();
      return `the files for NGINX could not be written: ${String(error)}`;
    }
    const ms = options.startTimeoutMs ?? 30_000;
    const answer = await waitForAnswer(api, ms, driver.interrupted);
    if (!answer.ok) {
      await putBack(paths.nginxConf, former);
      live.connect(true);
      attach();
      return `NGINX did not start in its container: ${answer.message}; see the log of that container`;
    }
    attach(answer.value.master);
    live.connect(true);
    live.verify(answer.value);
    return answer.value;
  }

  /**
   * Reloads unless the new nginx.conf is in force: NGINX may have started from an older one while the new one was being
   * written.
   */
  async function inForceOrReload(artifact: Artifact, state: LiveState): Promise<Reloaded> {
    const generation = completeGeneration(state, artifact.confHash, new Set());
    const serves = generation !== undefined && newestConf(state) === artifact.confHash;
    if (serves && (await readText(paths.nginxConf)) === artifact.conf) return { ok: true, generation, state };
    return apply(artifact);
  }

  async function apply(artifact: Artifact): Promise<Reloaded> {
    const seenIdle = idleFor(IDLE_MS);
    const result = await installAndReload(artifact, {
      paths,
      api,
      master: {
        async reload(confHash) {
          const answer = await api.reload(confHash);
          return answer.ok ? undefined : `the live API did not reload it: ${answer.message}`;
        },
        givenUp: (_, state) =>
          Promise.resolve(seenIdle(state) ? 'its master is idle, and no new workers have registered' : undefined),
      },
      timeoutMs: options.reloadTimeoutMs ?? 20_000,
      interrupted: driver.interrupted,
    });
    return result.ok ? result : { ...result, message: `${result.message} (see the log of NGINX's container)` };
  }

  async function reload(artifact: Artifact): Promise<Outcome> {
    // Nothing to do if a restarted NGINX has already read this conf. That happens if the reload is requested while the
    // end of the previous NGINX is being handled.
    if (down === undefined && driver.inForce() === artifact.conf) return { kind: 'none' };
    return driver.reload(
      artifact,
      () => down,
      () => apply(artifact),
    );
  }

  async function giveBack(reason: string): Promise<void> {
    detach(reason);
    await driver.giveBack(reason);
  }

  async function drain(): Promise<void> {
    draining = true;
    await driver.drain();
  }

  return {
    ...sharedCalls(driver),
    open: () => driver.inTurn(open),
    start(artifact) {
      void driver.want(artifact);
      return driver.inTurn(() => start(artifact));
    },
    reload(artifact) {
      void driver.want(artifact);
      return driver.inTurn(() => reload(artifact));
    },
    drain,
    stop() {
      driver.stopping = true;
      return driver.inTurn(async () => {
        await drain();
        await giveBack('the run directory was released');
      });
    },
    release: () => driver.inTurn(() => giveBack('the run directory was released')),
    onExit(listener) {
      listeners.push(listener);
    },
  };
}
