/**
 * Stores the last good content of Secrets and ConfigMaps, in one file for each object and use. Only files whose content
 * changes are written, so the cost does not depend on the number of objects.
 */
import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kept, UseKey } from '../types/last-good.ts';

export interface Stored {
  readonly use: UseKey;
  readonly object: Kept;
  /**
   * When the entry expires, in ms since 1970. Null if the object is not used as a replacement yet, or if the entry does
   * not expire.
   */
  readonly until: number | null;
}

export interface KeptStore {
  /** What a previous process stored. Unreadable files are deleted and skipped. */
  readonly load: () => Promise<ReadonlyMap<UseKey, Stored>>;
  /** Stores an entry; returns before it is written. */
  readonly put: (stored: Stored) => void;
  readonly remove: (use: UseKey) => void;
}

export const NO_STORE: KeptStore = {
  load: () => Promise.resolve(new Map()),
  put: () => undefined,
  remove: () => undefined,
};

/** Creates a store in `folder` (mode 0700, files 0600, because the files contain private keys). */
export function createKeptStore(folder: string, failed: (message: string) => void): KeptStore {
  const waiting = new Map<UseKey, string | undefined>();
  /** The content that each file will have once all pending writes are done. */
  const asked = new Map<UseKey, string>();
  let writing = false;

  async function write(): Promise<void> {
    writing = true;
    for (let next = waiting.entries().next(); next.done !== true; next = waiting.entries().next()) {
      const [use, text] = next.value;
      waiting.delete(use);
      await save(use, text).catch((error: unknown) => {
        // Forget the entry, so that a later call with the same content writes it again.
        asked.delete(use);
        failed(`${folder}: ${String(error)}`);
      });
    }
    writing = false;
  }

  async function save(use: UseKey, text: string | undefined): Promise<void> {
    const file = join(folder, fileOf(use));
    if (text === undefined) return rm(file, { force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  function change(use: UseKey, text: string | undefined): void {
    if (asked.get(use) === text) return;
    if (text === undefined) asked.delete(use);
    else asked.set(use, text);
    waiting.set(use, text);
    if (!writing) void write();
  }

  return {
    load: async () => {
      const found = new Map<UseKey, Stored>();
      for (const name of await readdir(folder).catch(() => [])) {
        const text = await readFile(join(folder, name), 'utf8').catch(() => '');
        const stored = parsed(text);
        // The file name is a hash of the use and object. A file whose name does not match its content is removed.
        if (stored === undefined || fileOf(stored.use) !== name) await rm(join(folder, name), { force: true });
        else {
          found.set(stored.use, stored);
          asked.set(stored.use, text);
        }
      }
      return found;
    },
    put: (stored) => change(stored.use, textOf(stored)),
    remove: (use) => change(use, undefined),
  };
}

function fileOf(use: UseKey): string {
  return `${hash('sha256', use, 'hex').slice(0, 32)}.json`;
}

function textOf({ use, object, until }: Stored): string {
  return JSON.stringify({ use, until, object } satisfies Stored);
}

function parsed(text: string): Stored | undefined {
  try {
    const stored = JSON.parse(text) as Stored;
    return typeof stored.use === 'string' && typeof stored.object === 'object' ? stored : undefined;
  } catch {
    return undefined;
  }
}
