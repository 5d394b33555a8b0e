/** The driver of one NGINX on one run directory: joins the parts and keeps what is in force. */
import type { Artifact } from '../types/artifact.ts';
import type { Capabilities, Nginx } from '../types/nginx.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';
import { entryFault } from './batch.ts';
import { checkCandidate } from './check.ts';
import { documentDigest } from './digest.ts';
import { newestGeneration } from './generation.ts';
import { pruneFiles, readText, removeLeftovers } from './install.ts';
import { createJournal } from './journal.ts';
import { createLiveApi } from './live-api.ts';
import type { LiveState } from './live-api.ts';
import { acquireLock } from './lock.ts';
import type { Lock } from './lock.ts';
import { readMaster, signalMaster, waitForEnd } from './master.ts';
import { createMirror } from './mirror.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { createPusher } from './pusher.ts';
import { reloadMaster } from './reload.ts';
import { replayFile } from './replay.ts';
import { prepareRunDir, runPaths } from './run-dir.ts';
import { createSerialQueue } from './serial-queue.ts';
import { startMaster } from './start.ts';
import { watchEnd } from './watch-end.ts';

export interface NginxOptions {
  /** Absolute, or below the working directory; created where it is missing. */
  readonly runDir: string;
  /** Path of nginx/start.sh. */
  readonly startCommand: string;
  readonly capabilities: Capabilities;
  /** Told of what goes wrong without a caller who could be told: a full disk, an NGINX that stays unreachable. */
  readonly log?: (problem: string) => void;
  /** How long removals wait, milliseconds. */
  readonly removalGraceMs?: number;
  readonly checkTimeoutMs?: number;
  readonly startTimeoutMs?: number;
  readonly reloadTimeoutMs?: number;
  /** How long a push is tried before it is answered `failed`, milliseconds. */
  readonly pushTimeoutMs?: number;
  /** How long one request to the live API may take, milliseconds. */
  readonly apiTimeoutMs?: number;
  /** Pause before a failed write of live.data is tried again, milliseconds. */
  readonly journalRetryMs?: number;
}

interface Running {
  readonly master: ProcessIdentity;
  readonly unwatch: () => void;
}

type Opened = Awaited<ReturnType<Nginx['open']>>;

const NOT_RUNNING = 'NGINX is not running';
const TERM_MS = 5000;

/** Throws where the run directory's name cannot be used; everything else shows in `open`. */
export function createNginx(options: NginxOptions): Nginx {
  const paths = runPaths(options.runDir);
  const { binary } = options.capabilities;
  const log = options.log ?? ((): void => undefined);
  const api = createLiveApi(paths.socket, options.apiTimeoutMs ?? 5000);
  const mirror = createMirror();
  const journal = createJournal({
    path: paths.liveData,
    snapshot: () => ({ entries: [...mirror.entries], revision: mirror.revision, digest: mirror.digest() }),
    liveBytes: () => mirror.bytes(),
    log,
    retryMs: options.journalRetryMs ?? 5000,
  });
  const pusher = createPusher({
    api,
    mirror,
    journal,
    log,
    graceMs: options.removalGraceMs ?? 10_000,
    giveUpMs: options.pushTimeoutMs ?? 10_000,
  });
  const inTurn = createSerialQueue();
  const checking = new Set<Artifact>();
  const listeners: ((detail: string) => void)[] = [];
  let lock: Lock | undefined;
  let running: Running | undefined;
  let inForce: string | undefined;
  let stopping = false;

  function attach(master: ProcessIdentity, ended?: Promise<string>): void {
    const unwatch = watchEnd(master, ended, (detail) => {
      running = undefined;
      inForce = undefined;
      void pusher.disconnect(NOT_RUNNING);
      for (const listener of listeners) listener(`NGINX (pid ${master.pid}) ended: ${detail}`);
    });
    running = { master, unwatch };
  }

  async function open(): Promise<Opened> {
    const started = performance.now();
    await prepareRunDir(paths, options.capabilities.user);
    lock = await acquireLock(paths);
    await removeLeftovers(paths);
    const master = readMaster(paths.master);
    if (master === undefined) return { kind: 'none' };
    const state = await api.state();
    if (state.ok) await adoptState(state.value);
    attach(master);
    pusher.connect(state.ok && mirror.revision === state.value.revision && mirror.digest() === state.value.digest);
    return adopted(master, started) as Opened;
  }

  /** What runs is known only where the files agree with what the workers say. */
  async function adoptState(state: LiveState): Promise<void> {
    const conf = await readText(paths.nginxConf);
    const newest = newestGeneration(state);
    const hash = state.workers.find((worker) => worker.generation === newest)?.conf ?? state.conf;
    if (conf?.includes(hash) === true) inForce = conf;
    const file = await replayFile(paths.liveData);
    if (file === undefined || file.revision !== state.revision) return;
    mirror.replace(file.document, file.revision);
    mirror.seal(file.sum);
    if (mirror.digest() === state.digest) journal.adopt(file.size);
    else mirror.replace([], 0);
  }

  async function check(artifact: Artifact): Promise<CheckResult> {
    checking.add(artifact);
    try {
      return await checkCandidate(artifact, { binary, paths, timeoutMs: options.checkTimeoutMs ?? 30_000 });
    } finally {
      checking.delete(artifact);
    }
  }

  async function prune(former: string | undefined): Promise<void> {
    const needed = [inForce ?? '', former ?? '', ...[...checking].map((artifact) => artifact.conf)];
    await pruneFiles(paths, needed).catch((error: unknown) => log(`${paths.files}: ${String(error)}`));
  }

  async function start(artifact: Artifact): Promise<Outcome> {
    const started = performance.now();
    const no = refusal(running === undefined ? undefined : 'NGINX runs already');
    if (no !== undefined) return no;
    for (const [key, value] of artifact.live) {
      const fault = entryFault(key, value);
      if (fault !== undefined) return failed(fault, started);
    }
    const tested = await check(artifact);
    if (!tested.ok) return refused(tested, artifact);
    await pusher.disconnect(NOT_RUNNING);
    mirror.replace(artifact.live, mirror.revision + 1);
    pusher.hold();
    mirror.seal(await documentDigest(artifact.live));
    journal.rewrite();
    await journal.flush();
    const result = await startMaster(artifact, {
      paths,
      startCommand: options.startCommand,
      binary,
      api,
      timeoutMs: options.startTimeoutMs ?? 30_000,
      interrupted,
    });
    if (!result.ok) {
      await pusher.disconnect(NOT_RUNNING);
      return failed(result.message, started, result.errorLog);
    }
    inForce = artifact.conf;
    attach(result.master, result.ended);
    pusher.connect(true);
    pusher.verify(result.state);
    await prune(undefined);
    return { kind: 'started', master: result.master.pid, ms: performance.now() - started };
  }

  async function reload(artifact: Artifact): Promise<Outcome> {
    const started = performance.now();
    const no = refusal(running === undefined ? NOT_RUNNING : undefined);
    if (no !== undefined) return no;
    pusher.keep(artifact.live);
    const tested = await check(artifact);
    if (!tested.ok) return refused(tested, artifact);
    const missing = await pusher.pushMissing(artifact.live);
    if (missing.kind === 'failed')
      return failed(`the live data for it did not get into NGINX: ${missing.message}`, started);
    const unsent = await pusher.drained();
    if (unsent !== undefined) return failed(`live data asked for before did not get into NGINX: ${unsent}`, started);
    // A new generation with a dictionary of another size starts from the file.
    await journal.flush();
    if (running === undefined) return failed(NOT_RUNNING, started);
    const signalled = performance.now();
    const result = await reloadMaster(artifact, {
      paths,
      api,
      master: running.master,
      timeoutMs: options.reloadTimeoutMs ?? 20_000,
      interrupted,
    });
    if (!result.ok) return failed(result.message, started, result.errorLog);
    const former = inForce;
    inForce = artifact.conf;
    pusher.verify(result.state);
    await prune(former);
    return {
      kind: 'reload',
      generation: result.generation,
      testMs: tested.ms,
      reloadMs: performance.now() - signalled,
    };
  }

  function refusal(reason: string | undefined): Outcome | undefined {
    const why = lock === undefined ? 'the run directory is not open' : (interrupted() ?? reason);
    return why === undefined ? undefined : failed(why, performance.now());
  }

  function interrupted(): string | undefined {
    return stopping ? 'it is being stopped' : undefined;
  }

  async function giveBack(reason: string): Promise<void> {
    running?.unwatch();
    running = undefined;
    await pusher.disconnect(reason);
    await journal.close();
    await api.close();
    await lock?.release();
    lock = undefined;
  }

  async function stop(graceMs: number): Promise<void> {
    const master = running?.master;
    running?.unwatch();
    await pusher.disconnect('NGINX is being stopped');
    if (master !== undefined && signalMaster(master, 'SIGQUIT') && !(await waitForEnd(master, graceMs))) {
      signalMaster(master, 'SIGTERM');
      if (!(await waitForEnd(master, TERM_MS)))
        log(`NGINX (pid ${master.pid}) did not end within ${TERM_MS} ms after SIGTERM`);
    }
    inForce = undefined;
    await giveBack('NGINX was stopped');
  }

  return {
    open: () => inTurn(open),
    currentConf: () => inForce,
    check,
    start: (artifact) => inTurn(() => start(artifact)),
    reload: (artifact) => inTurn(() => reload(artifact)),
    push: (delta) => pusher.push(delta),
    resync: (document) => pusher.resync(document),
    stop(graceMs) {
      stopping = true;
      return inTurn(() => stop(graceMs));
    },
    release: () => inTurn(() => giveBack('the run directory was given back')),
    onExit(listener) {
      listeners.push(listener);
    },
  };
}

function adopted(master: ProcessIdentity, started: number): Outcome {
  return { kind: 'adopted', master: master.pid, ms: performance.now() - started };
}

function failed(message: string, started: number, errorLog: readonly string[] = []): Outcome {
  return { kind: 'failed', message, errorLog, ms: performance.now() - started };
}

function refused(check: Extract<CheckResult, { ok: false }>, artifact: Artifact): Outcome {
  return { kind: 'refused', check, owners: check.line === undefined ? [] : artifact.ownersOfLine(check.line) };
}
