/** Reads files again, in batches, after signals that they may have changed, and passes on the changes. */
import { stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import type { Problem } from '../../types/problem.ts';
import { listFiles } from './list-files.ts';
import type { ListedFiles } from './list-files.ts';
import { listingProblems, loadBytes, loadFiles } from './load.ts';
import { hashBytes, readFileContent } from './read-file.ts';
import { createSettling, looksUnfinished } from './settle.ts';
import type { FileUpdate, Store } from './store.ts';

export interface Refresher {
  /** Reads everything for the first time, as one update. */
  readAll(): Promise<void>;
  file(path: string): void;
  everything(): void;
  /** Resolves when all signals received so far have been handled. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The number of files in one batch. Each batch is published as soon as it has been read, so that the first files need
 * not wait for the last ones.
 */
const BATCH = 32;

/**
 * If a file was read within this time after its last change, in ms, another change may have the same modification time
 * because of the clock's resolution. The next comparison of all files then reads the file again.
 */
const GRAIN_MS = 1000;

interface Seen {
  readonly stats: Stats;
  readonly readAt: number;
}

/** Calls `publish` with the files read. The list is empty if nothing but the Problems of the paths may have changed. */
export function createRefresher(
  roots: readonly string[],
  store: Store,
  restMs: number,
  publish: (updates: readonly FileUpdate[], pathProblems: readonly Problem[], noticedAt: number) => void,
): Refresher {
  const seen = new Map<string, Seen>();
  const dirty = new Map<string, number>();
  const settling = createSettling(restMs, file);
  let pathProblems: readonly Problem[] = [];
  let scanWanted = false;
  let closed = false;
  let running: Promise<void> | undefined;

  function file(path: string): void {
    if (!dirty.has(path)) dirty.set(path, performance.now());
    start();
  }

  function everything(): void {
    scanWanted = true;
    start();
  }

  /**
   * Starts the work after the current turn of the event loop, so that all calls of `file` and `everything` in this turn
   * are handled together.
   */
  function start(): void {
    running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(work).finally(() => {
      running = undefined;
    });
  }

  function wanted(): boolean {
    return !closed && (scanWanted || dirty.size > 0);
  }

  async function work(): Promise<void> {
    while (wanted()) {
      const scanned = scanWanted;
      if (scanned) await scan();
      const batch = [...dirty].slice(0, BATCH);
      for (const [path] of batch) dirty.delete(path);
      const updates: FileUpdate[] = [];
      for (const [path] of batch) {
        const update = await look(path);
        if (update !== undefined) updates.push(update);
      }
      const noticedAt = batch.length === 0 ? performance.now() : Math.min(...batch.map(([, at]) => at));
      if (!closed && (scanned || updates.length > 0)) publish(updates, pathProblems, noticedAt);
    }
  }

  async function scan(): Promise<void> {
    scanWanted = false;
    const listed = await listFiles(roots);
    pathProblems = describe(listed, store);
    const now = performance.now();
    for (const [path, stats] of listed.files)
      if (mayDiffer(seen.get(path), stats) && !dirty.has(path)) dirty.set(path, now);
    for (const path of store.files.keys()) {
      const rootGone = listed.missing.some((root) => isBelow(root, path));
      if (!rootGone && !listed.files.has(path) && !dirty.has(path)) dirty.set(path, now);
    }
  }

  async function look(path: string): Promise<FileUpdate | undefined> {
    const readAt = Date.now();
    const stats = await statOf(path);
    const previous = store.files.get(path);
    const bytes = stats?.isFile() ? await loadBytes(path, stats) : 'gone';
    if (stats === undefined || bytes === 'gone') return previous === undefined ? undefined : gone(path);
    if (!Buffer.isBuffer(bytes)) {
      seen.set(path, { stats, readAt });
      return { file: path, content: bytes };
    }
    const hash = hashBytes(bytes);
    const same = hash === previous?.hash;
    const content = same ? previous : await readFileContent(path, bytes, previous);
    if (!settling.accept(path, hash, !same && looksUnfinished(bytes, content, previous))) return undefined;
    seen.set(path, { stats, readAt });
    return same ? undefined : { file: path, content };
  }

  async function gone(path: string): Promise<FileUpdate | undefined> {
    if (!settling.accept(path, 'gone', true)) return undefined;
    const root = roots.find((one) => isBelow(one, path));
    // If a whole root is missing, its objects were probably not meant to be deleted, so they stay in use.
    if (root !== undefined && (await statOf(root)) === undefined) {
      scanWanted = true;
      return undefined;
    }
    seen.delete(path);
    return { file: path, content: undefined };
  }

  return {
    async readAll() {
      const noticedAt = performance.now();
      const readAt = Date.now();
      const listed = await listFiles(roots);
      const contents = await loadFiles(listed.files);
      for (const content of contents) {
        const stats = listed.files.get(content.file);
        if (stats !== undefined) seen.set(content.file, { stats, readAt });
      }
      pathProblems = describe(listed, store);
      publish(
        contents.map((content) => ({ file: content.file, content })),
        pathProblems,
        noticedAt,
      );
    },
    file,
    everything,
    async idle() {
      await running;
    },
    async close() {
      closed = true;
      settling.close();
      await running;
    },
  };
}

function mayDiffer(known: Seen | undefined, stats: Stats): boolean {
  if (known === undefined) return true;
  const { mtimeMs, size, ino } = known.stats;
  return mtimeMs !== stats.mtimeMs || size !== stats.size || ino !== stats.ino || mtimeMs > known.readAt - GRAIN_MS;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root === '/' ? root : root + sep) || root === '.';
}

function describe(listed: ListedFiles, store: Store): Problem[] {
  return listingProblems(listed).map((problem) => {
    const root = problem.code === 'path-not-found' ? problem.value : undefined;
    const held = [...store.files.keys()].some((path) => root !== undefined && isBelow(root, path));
    if (!held) return problem;
    return {
      ...problem,
      code: 'path-gone',
      effect: 'quarantined',
      message: `${root} is gone; its last content stays in use until it is back`,
    };
  });
}
