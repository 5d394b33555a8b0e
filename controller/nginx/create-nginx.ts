/** The driver of one NGINX on one run directory that starts, signals and stops NGINX itself. */
import type { Artifact } from '../types/artifact.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import { createBase, NOT_RUNNING } from './base.ts';
import { failed } from './failures.ts';
import type { DriverOptions } from './driver-options.ts';
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

/** Throws where the run directory's name cannot be used; everything else shows in `open`. */
export function createNginx(options: NginxOptions): Nginx {
  const paths = runPaths(options.runDir);
  const api = createLiveApi(paths.socket, options.apiTimeoutMs ?? 5000);
  const base = createBase(options, { paths, api, checkPrefix: paths.run });
  const { pusher, interrupted } = base;
  const listeners: ((detail: string) => void)[] = [];
  let running: Running | undefined;

  function attach(master: ProcessIdentity, ended?: Promise<string>): void {
    const unwatch = watchEnd(master, ended, (detail) => {
      running = undefined;
      base.inForce = undefined;
      void pusher.disconnect(NOT_RUNNING);
      for (const listener of listeners) listener(`NGINX (pid ${master.pid}) ended: ${detail}`);
    });
    running = { master, unwatch };
  }

  async function open(): ReturnType<Nginx['open']> {
    const started = performance.now();
    await base.open(() => prepareRunDir(paths, options.capabilities.user));
    const master = readMaster(paths.master);
    if (master === undefined) return { kind: 'none' };
    const state = await api.state();
    const known = state.ok && (await base.adopt(state.value));
    attach(master);
    pusher.connect(known);
    return { kind: 'adopted', master: master.pid, ms: performance.now() - started };
  }

  async function start(artifact: Artifact): Promise<Outcome> {
    const started = performance.now();
    const no =
      base.refusal(running === undefined ? undefined : 'NGINX runs already') ?? (await base.startable(artifact));
    if (no !== undefined) return no;
    await base.prime(artifact.live);
    const result = await startMaster(artifact, {
      paths,
      startCommand: options.startCommand,
      binary: options.capabilities.binary,
      api,
      timeoutMs: options.startTimeoutMs ?? 30_000,
      interrupted,
    });
    if (!result.ok) {
      await pusher.disconnect(NOT_RUNNING);
      return failed(result.message, started, result.errorLog);
    }
    attach(result.master, result.ended);
    pusher.connect(true);
    await base.installed(artifact, result.state);
    return { kind: 'started', master: result.master.pid, ms: performance.now() - started };
  }

  async function signalAndProve(artifact: Artifact): Promise<Reloaded> {
    if (running === undefined) return { ok: false, message: NOT_RUNNING, errorLog: [] };
    return installAndReload(artifact, {
      paths,
      api,
      master: ownMaster(running.master, paths.errorLog),
      timeoutMs: options.reloadTimeoutMs ?? 20_000,
      interrupted,
    });
  }

  function reload(artifact: Artifact): Promise<Outcome> {
    return base.reload(
      artifact,
      () => (running === undefined ? NOT_RUNNING : undefined),
      () => signalAndProve(artifact),
    );
  }

  async function giveBack(reason: string): Promise<void> {
    running?.unwatch();
    running = undefined;
    await base.giveBack(reason);
  }

  async function stop(graceMs: number): Promise<void> {
    const master = running?.master;
    running?.unwatch();
    await pusher.disconnect('NGINX is being stopped');
    if (master !== undefined && signalMaster(master, 'SIGQUIT') && !(await waitForEnd(master, graceMs))) {
      signalMaster(master, 'SIGTERM');
      if (!(await waitForEnd(master, TERM_MS)))
        base.log(`NGINX (pid ${master.pid}) did not end within ${TERM_MS} ms after SIGTERM`);
    }
    base.inForce = undefined;
    await giveBack('NGINX was stopped');
  }

  return {
    ...sharedCalls(base),
    open: () => base.inTurn(open),
    start: (artifact) => base.inTurn(() => start(artifact)),
    reload: (artifact) => base.inTurn(() => reload(artifact)),
    stop(graceMs) {
      base.stopping = true;
      return base.inTurn(() => stop(graceMs));
    },
    release: () => base.inTurn(() => giveBack('the run directory was given back')),
    onExit(listener) {
      listeners.push(listener);
    },
  };
}
