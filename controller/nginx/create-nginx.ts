/**
 * The driver of an NGINX on one run directory. The driver itself starts, signals and stops the processes of this NGINX.
 */
import type { Artifact } from '../types/artifact.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import { createDriver } from './driver.ts';
import type { DriverOptions } from './driver-options.ts';
import { failed, NOT_RUNNING } from './failures.ts';
import { createLiveApi } from './live-api.ts';
import { ownMaster, readMaster, signalMaster, waitForEnd } from './master.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { installAndReload } from './reload.ts';
import type { Reloaded } from './reload.ts';
import { prepareRunDir, runPaths } from './run-dir.ts';
import { sharedCalls } from './shared-calls.ts';
import { startMaster } from './start.ts';
import { watchEnd } from './watch-end.ts';

export interface NginxOptions extends DriverOptions {
  /** Path of nginx/start.sh. */
  readonly startCommand: string;
}

interface Running {
  readonly master: ProcessIdentity;
  readonly unwatch: () => void;
}

const TERM_MS = 5000;

/** Throws if the name of the run directory cannot be used. Other errors make `open` reject. */
export function createNginx(options: NginxOptions): Nginx {
  const paths = runPaths(options.runDir);
  const api = createLiveApi(paths.socket, options.apiTimeoutMs ?? 5000);
  const driver = createDriver(options, { paths, api, checkPrefix: paths.run });
  const { live, interrupted } = driver;
  const listeners: ((detail: string) => void)[] = [];
  let running: Running | undefined;

  function attach(master: ProcessIdentity, ended?: Promise<string>): void {
    const unwatch = watchEnd(master, ended, (detail) => {
      running = undefined;
      driver.ended();
      void live.disconnect(NOT_RUNNING);
      for (const listener of listeners) listener(`NGINX (pid ${master.pid}) ended: ${detail}`);
    });
    running = { master, unwatch };
  }

  async function open(): ReturnType<Nginx['open']> {
    const started = performance.now();
    await driver.open(() => prepareRunDir(paths, options.capabilities.user));
    const master = readMaster(paths.master);
    if (master === undefined) return { kind: 'none' };
    const state = await api.state();
    const known = state.ok && (await driver.adopt(state.value));
    attach(master);
    live.connect(known);
    return { kind: 'adopted', master: master.pid, ms: performance.now() - started };
  }

  async function start(artifact: Artifact): Promise<Outcome> {
    const started = performance.now();
    const no =
      driver.refusal(running === undefined ? undefined : 'NGINX is already running') ??
      (await driver.startable(artifact));
    if (no !== undefined) return no;
    await live.prime(artifact.live);
    const result = await startMaster(artifact, {
      paths,
      startCommand: options.startCommand,
      binary: options.capabilities.binary,
      api,
      timeoutMs: options.startTimeoutMs ?? 30_000,
      interrupted,
    });
    if (!result.ok) {
      await live.disconnect(NOT_RUNNING);
      return failed(result.message, started, result.errorLog);
    }
    attach(result.master, result.ended);
    live.connect(true);
    await driver.installed(artifact, result.state);
    return { kind: 'started', master: result.master.pid, ms: performance.now() - started };
  }

  async function signalAndProve(artifact: Artifact): Promise<Reloaded> {
    if (running === undefined) return { ok: false, message: NOT_RUNNING, errorLog: [] };
    return installAndReload(artifact, {
      paths,
      api,
      master: ownMaster(running.master, paths.errorLog, api.announce),
      timeoutMs: options.reloadTimeoutMs ?? 20_000,
      interrupted,
    });
  }

  function reload(artifact: Artifact): Promise<Outcome> {
    return driver.reload(
      artifact,
      () => (running === undefined ? NOT_RUNNING : undefined),
      () => signalAndProve(artifact),
    );
  }

  async function giveBack(reason: string): Promise<void> {
    running?.unwatch();
    running = undefined;
    await driver.giveBack(reason);
  }

  async function stop(graceMs: number): Promise<void> {
    const master = running?.master;
    running?.unwatch();
    await live.disconnect('NGINX is being stopped');
    if (master !== undefined && signalMaster(master, 'SIGQUIT') && !(await waitForEnd(master, graceMs))) {
      signalMaster(master, 'SIGTERM');
      if (!(await waitForEnd(master, TERM_MS)))
        driver.log(`NGINX (pid ${master.pid}) did not end within ${TERM_MS} ms after SIGTERM`);
    }
    driver.ended();
    await giveBack('NGINX was stopped');
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
    stop(graceMs) {
      driver.stopping = true;
      return driver.inTurn(() => stop(graceMs));
    },
    release: () => driver.inTurn(() => giveBack('the run directory was released')),
    onExit(listener) {
      listeners.push(listener);
    },
  };
}
