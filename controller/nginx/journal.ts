/**
 * Keeps live.data up to date with NGINX: batches that NGINX acknowledged are appended, and the file is rewritten when
 * it has grown to twice the size of its document. Sending live data never waits for the disk: if the disk is full, that
 * is reported, and the file is rewritten later.
 */
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setLine } from './batch.ts';
import { eachInSlices } from '../time/slices.ts';
import { MAGIC } from './replay.ts';

/** A document at one point in time; the entries must not change anymore. */
export interface JournalSnapshot {
  readonly entries: readonly (readonly [string, string])[];
  readonly revision: number;
  readonly digest: string;
}

export interface JournalOptions {
  readonly path: string;
  readonly snapshot: () => JournalSnapshot;
  /** Bytes of the current document as `set` lines. */
  readonly liveBytes: () => number;
  readonly log: (problem: string) => void;
  /** Pause before a failed write is retried, in milliseconds. */
  readonly retryMs: number;
}

export interface Journal {
  /** Queues the lines of an acknowledged batch. */
  append(lines: string): void;
  /** Queues a rewrite of the whole file. */
  rewrite(): void;
  /** Records that the file on disk is complete and has this length. */
  adopt(size: number): void;
  /** Resolves when nothing is queued, to whether the last write succeeded. */
  flush(): Promise<boolean>;
  /** Writes what is queued, and stops retrying failed writes. */
  close(): Promise<void>;
}

const COMPACT_FROM = 1024 * 1024;
const PIECE = 256 * 1024;

export function createJournal(options: JournalOptions): Journal {
  let queue: string[] = [];
  let whole = true;
  let size = 0;
  let failed = false;
  let closed = false;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;

  function run(): Promise<void> {
    running ??= work().finally(() => {
      running = undefined;
      // Changes may have been queued since the last check.
      if (!failed && (whole || queue.length > 0)) void run();
    });
    return running;
  }

  /**
   * Resolves when no run is active, not even one that the previous run started. A run that continued after `close`
   * would overwrite the newer file of the next controller.
   */
  async function idle(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== running;) {
      last = running;
      await last;
    }
  }

  async function work(): Promise<void> {
    try {
      for (;;) {
        if (whole) await writeWhole();
        else if (queue.length > 0) await appendQueue();
        else break;
      }
      failed = false;
    } catch (error) {
      // The last append may be truncated, so the whole file has to be rewritten.
      whole = true;
      queue = [];
      if (!failed)
        options.log(`${options.path}: ${String(error)}; NGINX is up to date, but would start with older data`);
      failed = true;
      if (!closed) retry = setTimeout(() => void run(), options.retryMs).unref();
    }
  }

  async function writeWhole(): Promise<void> {
    const snapshot = options.snapshot();
    whole = false;
    queue = [];
    size = await writeSnapshot(options.path, snapshot);
  }

  async function appendQueue(): Promise<void> {
    const text = queue.join('');
    queue = [];
    // O_CREAT is not used, because a deleted file has to be rewritten as a whole.
    const file = await open(options.path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    size += Buffer.byteLength(text);
    if (size > COMPACT_FROM && size > 2 * options.liveBytes()) whole = true;
  }

  return {
    append(lines) {
      // A pending rewrite will contain the batch.
      if (whole) return;
      queue.push(lines);
      void run();
    },
    rewrite() {
      whole = true;
      if (!failed) void run();
    },
    adopt(known) {
      whole = false;
      size = known;
    },
    async flush() {
      clearTimeout(retry);
      await running;
      await run();
      return !failed;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await idle();
      if (failed || queue.length > 0) await run();
      await idle();
      clearTimeout(retry);
    },
  };
}

/**
 * Writes a temporary file and renames it, so that a reader sees either the complete old or the complete new file.
 * Returns the size of the new file.
 */
async function writeSnapshot(path: string, snapshot: JournalSnapshot): Promise<number> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  let size = 0;
  try {
    let piece = `${MAGIC}\nbegin 0\n`;
    const pieces: string[] = [];
    await eachInSlices(snapshot.entries, ([key, value]) => {
      piece += setLine(key, value);
      if (piece.length > PIECE) {
        pieces.push(piece);
        piece = '';
      }
    });
    pieces.push(`${piece}end ${snapshot.revision} ${snapshot.digest}\n`);
    for (const text of pieces) size += await write(file, text);
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
  return size;
}

async function write(file: FileHandle, text: string): Promise<number> {
  await file.writeFile(text);
  return Buffer.byteLength(text);
}
