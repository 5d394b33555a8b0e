/** The live data of one NGINX: what it holds, what it should hold, and the file that it starts from. */
import type { Artifact } from '../types/artifact.ts';
import type { LiveDocument } from '../types/live.ts';
import type { LiveAnswer } from '../types/nginx.ts';
import { entryFault } from './batch.ts';
import { documentDigest } from './digest.ts';
import type { DriverOptions } from './driver-options.ts';
import { NOT_RUNNING } from './failures.ts';
import { createJournal, type Journal } from './journal.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import { contentsOf, createMirror, noContents } from './mirror.ts';
import { replayFile } from './replay.ts';
import type { UnsentOptions } from './unsent.ts';
import { createWriter, type Writer } from './writer.ts';

export interface LiveDataOptions extends Pick<UnsentOptions, 'isInForce' | 'longestMs' | 'log'> {
  readonly api: LiveApi;
  /** Path of live.data. */
  readonly path: string;
  readonly times: Pick<DriverOptions, 'removalGraceMs' | 'pushTimeoutMs' | 'offerAgainMs' | 'journalRetryMs'>;
}

export interface LiveData extends Writer, Pick<Journal, 'flush'> {
  /** What NGINX holds, as far as is known. */
  held(): LiveDocument;
  /** What NGINX holds or, if that is unknown, live.data as it was left. */
  last(): Promise<LiveDocument>;
  /** Receives the results for values that NGINX refused or did not accept for long, once they were offered again. */
  onRetry(listener: (answer: LiveAnswer) => void): void;
  /**
   * Sets live.data and the mirror to what NGINX is about to start with: the later part if both have a key, and above
   * all what is wanted. From then on, calls wait.
   */
  prime(...parts: readonly LiveDocument[]): Promise<void>;
  /**
   * Workers with a dictionary of another size start from live.data, and hold what did not fit in the previous one.
   * Calls wait until they have started.
   */
  startOver(artifact: Artifact): Promise<void>;
  /** Adopts what a running NGINX holds, as far as the file agrees with it. Returns true if it is known. */
  adopt(state: LiveState): Promise<boolean>;
  close(reason: string): Promise<void>;
}

export function createLiveData(options: LiveDataOptions): LiveData {
  const { path, times, log } = options;
  const mirror = createMirror();
  const listeners: ((answer: LiveAnswer) => void)[] = [];
  const journal = createJournal({
    path,
    snapshot: () => ({ entries: [...mirror.entries], revision: mirror.revision, digest: mirror.digest() }),
    liveBytes: () => mirror.bytes(),
    log,
    retryMs: times.journalRetryMs ?? 5000,
  });
  const writer = createWriter({
    ...options,
    mirror,
    journal,
    graceMs: times.removalGraceMs ?? 10_000,
    giveUpMs: times.pushTimeoutMs ?? 10_000,
    retryMs: times.offerAgainMs ?? 5000,
    retried: (answer) => {
      for (const listener of listeners) listener(answer);
    },
  });

  /**
   * Sets the mirror and live.data to this, as the next revision. What cannot be sent is left out; the writer reports
   * it.
   */
  async function replace(parts: readonly LiveDocument[]): Promise<void> {
    const contents = await contentsOf(
      [...parts, writer.wanted() ?? new Map()],
      (key, value) => !entryFault(key, value),
    );
    const sum = await documentDigest(contents.entries);
    mirror.replace(contents, mirror.revision + 1);
    mirror.seal(sum);
    journal.rewrite();
    await journal.flush();
  }

  return {
    ...writer,
    flush: () => journal.flush(),
    held: () => mirror.entries,
    async last() {
      if (mirror.revision > 0) return mirror.entries;
      return (await replayFile(path))?.document ?? new Map();
    },
    onRetry: (listener) => void listeners.push(listener),
    async prime(...parts) {
      await writer.disconnect(NOT_RUNNING);
      await replace(parts);
      writer.hold();
    },
    async startOver({ live }) {
      await writer.pause();
      await replace([live]);
    },
    async adopt(state) {
      writer.seen(state);
      const file = await replayFile(path);
      if (file?.revision === state.revision) {
        mirror.replace(await contentsOf([file.document]), file.revision);
        mirror.seal(file.sum);
        if (mirror.digest() === state.digest) journal.adopt(file.size);
        else mirror.replace(noContents(), 0);
      }
      return mirror.revision === state.revision && mirror.digest() === state.digest;
    },
    async close(reason) {
      await writer.disconnect(reason);
      await journal.close();
    },
  };
}
