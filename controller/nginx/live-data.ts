/**
 * The live data of one NGINX: the current document, the target document, and the file live.data from which NGINX
 * starts.
 */
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
  /** The current live data of NGINX, as far as it is known. */
  held(): LiveDocument;
  /** The current live data of NGINX or, if that is unknown, the content of the file live.data. */
  last(): Promise<LiveDocument>;
  /**
   * The listener receives the results of values that NGINX had refused, or had not accepted for a long time, after they
   * were sent again.
   */
  onRetry(listener: (answer: LiveAnswer) => void): void;
  /**
   * Sets live.data and the mirror to the data with which NGINX is about to start. If several parts contain a key, the
   * last one applies, and the target document takes precedence over all of them. From then on, calls wait until NGINX
   * is connected.
   */
  prime(...parts: readonly LiveDocument[]): Promise<void>;
  /**
   * Prepares live.data for workers with a dictionary of another size, which start empty and load that file. The file
   * contains all of the Artifact's live data, including values that did not fit into the previous dictionary. Calls
   * wait until NGINX is connected again.
   */
  startOver(artifact: Artifact): Promise<void>;
  /**
   * Adopts the file's content as the current live data of a running NGINX, if revision and digest match. Returns true
   * if the current live data is then known.
   */
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
   * Sets the mirror and live.data to the merged parts, as the next revision. Entries that cannot be sent are left out;
   * the writer reports them.
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
