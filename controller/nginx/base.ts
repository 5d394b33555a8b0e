/** What every driver has, whoever starts NGINX: the lock, the live data, the test, what is in force. */
import type { Artifact } from '../types/artifact.ts';
import type { LiveDocument } from '../types/live.ts';
import type { Nginx } from '../types/nginx.ts';
import type { CheckResult, Outcome } from '../types/outcome.ts';
import { sendable } from './batch.ts';
import { capDraining } from './cap-draining.ts';
import { checkCandidate } from './check.ts';
import { documentDigest } from './digest.ts';
import type { DriverOptions } from './driver-options.ts';
import { createEarlyCheck } from './early-check.ts';
import { failed, isFailure, refused } from './failures.ts';
import { countWorkers, newestConf } from './generation.ts';
import { pruneFiles, readText, removeLeftovers } from './install.ts';
import { createJournal } from './journal.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { acquireLock } from './lock.ts';
import type { Lock } from './lock.ts';
import { type Contents, contentsOf, createMirror, noContents } from './mirror.ts';
import { createPusher } from './pusher.ts';
import type { Pusher } from './pusher.ts';
import type { Reloaded } from './reload.ts';
import { replayFile } from './replay.ts';
import type { RunPaths } from './run-dir.ts';
import { createSerialQueue } from './serial-queue.ts';
import { shutdownTimeoutMs } from './shutdown-timeout.ts';

export interface BaseParts {
  readonly paths: RunPaths;
  readonly api: LiveApi;
  /** Prefix of `nginx -t`. */
  readonly checkPrefix: string;
}

/** Turns of one driver: `start`, `reload`, … are taken one at a time. */
export interface Base {
  readonly pusher: Pusher;
  readonly log: (problem: string) => void;
  readonly inTurn: ReturnType<typeof createSerialQueue>;
  /** Bytes of the nginx.conf in force. */
  inForce: string | undefined;
  /** From now on whatever is under way ends early. */
  stopping: boolean;
  /** Takes the run directory after `prepare`. */
  open(prepare: () => Promise<void>): Promise<void>;
  interrupted(): string | undefined;
  /** `failed` where a call cannot be served: not open, being stopped, or for `reason`. */
  refusal(reason: string | undefined): Outcome | undefined;
  check(artifact: Artifact, priority?: 'background', signal?: AbortSignal): Promise<CheckResult>;
  /** Begins the test that a reload will ask for. */
  anticipate(artifact: Artifact): void;
  /** Checks an Artifact that is to be started on. */
  startable(artifact: Artifact): Promise<Outcome | undefined>;
  /** Live data as NGINX holds it, as far as is known. */
  held(): LiveDocument;
  /** The same; where nothing is known of it, live.data as it was left. */
  lastLive(): Promise<LiveDocument>;
  /**
   * live.data and the mirror become what NGINX is about to start on, the later part where both have a key; an entry that
   * cannot be sent is left out, and said. Calls wait from then on.
   */
  prime(...parts: readonly LiveDocument[]): Promise<void>;
  /** Takes over what a running NGINX holds, as far as the files agree with it. True where its live data is known. */
  adopt(state: LiveState): Promise<boolean>;
  /** `inForce` becomes the conf on disk where the workers say that it is theirs. */
  confOf(state: LiveState): Promise<void>;
  /** Check, live data that the conf needs, then `apply`. `down`: why there is nothing to reload. */
  reload(artifact: Artifact, down: () => string | undefined, apply: () => Promise<Reloaded>): Promise<Outcome>;
  /** Sends what a conf needs, so that it may come into force; a failure otherwise. */
  ready(artifact: Artifact, started: number): Promise<Outcome | undefined>;
  /** An Artifact came into force. */
  installed(artifact: Artifact, state: LiveState): Promise<void>;
  drain(): Promise<void>;
  workers(): ReturnType<Nginx['workers']>;
  giveBack(reason: string): Promise<void>;
}

export const NOT_RUNNING = 'NGINX is not running';

export function createBase(options: DriverOptions, { paths, api, checkPrefix }: BaseParts): Base {
  const { binary } = options.capabilities;
  const log = options.log ?? ((): void => undefined);
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
    longestMs: () => longestMs,
    giveUpMs: options.pushTimeoutMs ?? 10_000,
  });
  const draining = capDraining({ api, log, most: options.maxDrainingWorkers });
  // Until the first reload: of the conf that was there, or of none.
  let longestMs = shutdownTimeoutMs('');
  const checking = new Set<Artifact>();
  const early = createEarlyCheck((artifact, signal) => base.check(artifact, undefined, signal));
  let lock: Lock | undefined;

  async function prune(former: string | undefined): Promise<void> {
    const needed = [
      base.inForce ?? '',
      former ?? '',
      early.conf() ?? '',
      ...[...checking].map((artifact) => artifact.conf),
    ];
    await pruneFiles(paths, needed).catch((error: unknown) => log(`${paths.files}: ${String(error)}`));
  }

  /** Everything that can be sent; of a key in several parts the last value counts. */
  async function laidOut(parts: readonly LiveDocument[]): Promise<Contents> {
    const sound: LiveDocument[] = [];
    for (const part of parts) {
      const { document, faults } = await sendable(part);
      sound.push(document);
      for (const fault of faults) log(`${fault}; it is left out, and everything else is served`);
    }
    return contentsOf(...sound);
  }

  /** The mirror and live.data become this, as the next revision. */
  async function replaceBy(contents: Contents): Promise<void> {
    const sum = await documentDigest(contents.entries);
    mirror.replace(contents, mirror.revision + 1);
    mirror.seal(sum);
    journal.rewrite();
    await journal.flush();
  }

  /**
   * Workers with a dictionary of another size begin with live.data, and hold what had no room in the former one. Until
   * they have begun, calls wait.
   */
  async function startOver({ live }: Artifact): Promise<void> {
    await pusher.pause();
    // Endpoints may have changed since the Artifact was made.
    const newer = [...mirror.entries].filter(([key]) => key.startsWith('b:') && live.has(key));
    await replaceBy(await laidOut([live, new Map(newer)]));
  }

  const base: Base = {
    pusher,
    log,
    inTurn: createSerialQueue(),
    inForce: undefined,
    stopping: false,

    async open(prepare) {
      await prepare();
      lock = await acquireLock(paths);
      await removeLeftovers(paths);
    },

    interrupted: () => (base.stopping ? 'it is being stopped' : undefined),

    refusal(reason) {
      const why = lock === undefined ? 'the run directory is not open' : (base.interrupted() ?? reason);
      return why === undefined ? undefined : failed(why, performance.now());
    },

    async check(artifact, priority, signal) {
      checking.add(artifact);
      try {
        const timeoutMs = options.checkTimeoutMs ?? 30_000;
        return await checkCandidate(artifact, {
          binary,
          paths,
          prefix: checkPrefix,
          timeoutMs,
          background: priority === 'background',
          ...(signal !== undefined && { signal }),
        });
      } finally {
        checking.delete(artifact);
      }
    },

    anticipate(artifact) {
      if (base.refusal(undefined) === undefined) early.begin(artifact);
    },

    async startable(artifact) {
      const tested = await base.check(artifact);
      return tested.ok ? undefined : refused(tested, artifact);
    },

    held: () => mirror.entries,

    async lastLive() {
      if (mirror.revision > 0) return mirror.entries;
      return (await replayFile(paths.liveData))?.document ?? new Map();
    },

    async prime(...parts) {
      const contents = await laidOut(parts);
      await pusher.disconnect(NOT_RUNNING);
      await replaceBy(contents);
      pusher.hold();
    },

    async adopt(state) {
      pusher.seen(state);
      draining.look();
      await base.confOf(state);
      const file = await replayFile(paths.liveData);
      if (file?.revision === state.revision) {
        mirror.replace(await contentsOf(file.document), file.revision);
        mirror.seal(file.sum);
        if (mirror.digest() === state.digest) journal.adopt(file.size);
        else mirror.replace(noContents(), 0);
      }
      return mirror.revision === state.revision && mirror.digest() === state.digest;
    },

    async confOf(state) {
      const conf = await readText(paths.nginxConf);
      base.inForce = conf?.includes(newestConf(state)) === true ? conf : undefined;
    },

    async reload(artifact, down, apply) {
      const started = performance.now();
      const no = base.refusal(down());
      if (no !== undefined) return no;
      pusher.keep(artifact.live);
      const tested = (await early.take(artifact)) ?? (await base.check(artifact));
      if (!tested.ok) return refused(tested, artifact);
      const unready = await base.ready(artifact, started);
      if (unready !== undefined) return unready;
      const gone = down();
      if (gone !== undefined) return failed(gone, started);
      const resized = base.inForce !== undefined && dictionarySize(base.inForce) !== dictionarySize(artifact.conf);
      if (resized) await startOver(artifact);
      const signalled = performance.now();
      const result = await apply();
      if (resized) {
        pusher.connect(true);
        const now = await api.state();
        if (now.ok) pusher.verify(now.value);
      }
      if (!result.ok) return failed(result.message, started, result.errorLog);
      await base.installed(artifact, result.state);
      const reloadMs = performance.now() - signalled;
      return { kind: 'reload', generation: result.generation, testMs: tested.ms, reloadMs };
    },

    async ready(artifact, started) {
      const missing = await pusher.pushMissing(artifact.live);
      // A location whose route NGINX refused answers 503; it does not keep the others waiting.
      if (isFailure(missing)) return failed(`the live data for it did not get into NGINX: ${missing.message}`, started);
      const unsent = await pusher.drained();
      if (unsent !== undefined) return failed(`live data asked for before did not get into NGINX: ${unsent}`, started);
      // A new generation with a dictionary of another size starts from the file.
      await journal.flush();
      return undefined;
    },

    async installed(artifact, state) {
      const former = base.inForce;
      base.inForce = artifact.conf;
      // The old workers go by the conf they run on.
      longestMs = Math.max(shutdownTimeoutMs(former ?? ''), shutdownTimeoutMs(artifact.conf));
      draining.look();
      pusher.verify(state);
      await prune(former);
    },

    async workers() {
      const answer = await api.state();
      return answer.ok ? countWorkers(answer.value) : undefined;
    },

    async drain() {
      const answer = await api.drain(true);
      if (!answer.ok) log(`NGINX was not told that it is to get no more traffic: ${answer.message}`);
    },

    async giveBack(reason) {
      draining.stop();
      await early.end();
      await pusher.disconnect(reason);
      await journal.close();
      await api.close();
      await lock?.release();
      lock = undefined;
    },
  };
  return base;
}

/** As nginx.conf writes the size of the dictionary of live data. */
function dictionarySize(conf: string): string | undefined {
  return /^\s*lua_shared_dict tidegate_live (\S+);/m.exec(conf)?.[1];
}
