/**
 * Keeps the files up to date that njs reads for TCP and UDP connections. Each file is replaced atomically. A file that
 * is no longer wanted is removed after a grace period, because a connection may have begun with it.
 */
import { randomInt } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../types/artifact.ts';
import { errorText } from '../types/error-text.ts';
import type { LiveBackend, LiveCertificate } from '../types/live.ts';
import { NO_STREAM_FILES, type StreamFile, type StreamFiles } from '../types/stream.ts';
import { differingKeys } from '../types/table/diff.ts';
import { readText, writeWhole } from './install.ts';
import { type EndpointFiles, endpointFiles } from './stream-endpoints.ts';

export interface StreamFilesOptions {
  /** Folder of the files. */
  readonly folder: string;
  readonly log: (problem: string) => void;
  readonly graceMs: number;
  readonly retryMs: number;
}

export interface StreamWriter {
  /** Sets the target: the files of this Artifact, with the endpoints and certificates of its live document. */
  want(artifact: Pick<Artifact, 'live' | 'streamFiles'>): void;
  /** Resolves when all files of the target have been written, or to the reason why one of them could not be written. */
  settled(): Promise<string | undefined>;
  close(): Promise<void>;
}

type Target = Required<Pick<Artifact, 'live' | 'streamFiles'>>;

/** Names as `serverNameFile` in controller/types makes them. */
const SERVER_NAME_FILE = /^t[0-9a-f]{40}$/;
const MODE = 0o640;
const NOTHING: Target = { live: new Map(), streamFiles: NO_STREAM_FILES };

export function createStreamWriter({ folder, log, graceMs, retryMs }: StreamFilesOptions): StreamWriter {
  let target = NOTHING;
  /** Key in the live document → names of the files that are made from its entry. */
  const users = new Map<string, Set<string>>();
  /** Names of files that differ from the target. */
  const dirty = new Set<string>();
  /** Name of a file of the target → the names of all files that belong to it. */
  const held = new Map<string, readonly string[]>();
  /** Name of a file that is no longer wanted → when to remove it, by `performance.now()`. */
  const unwanted = new Map<string, number>();
  let running: Promise<string | undefined> = Promise.resolve(undefined);
  let busy = false;
  let closed = false;
  let adopted = false;
  let retry: NodeJS.Timeout | undefined;
  let sweep: NodeJS.Timeout | undefined;

  function note(before: StreamFiles, after: StreamFiles): void {
    for (const name of differingKeys(before, after)) {
      dirty.add(name);
      const [was, now] = [keyOf(before.get(name)), keyOf(after.get(name))];
      if (was === now) continue;
      if (was !== undefined) users.get(was)?.delete(name);
      if (now !== undefined) users.set(now, (users.get(now) ?? new Set<string>()).add(name));
    }
  }

  function pump(): void {
    if (busy || closed || (adopted && dirty.size === 0)) return;
    busy = true;
    clearTimeout(retry);
    running = writeAll().then((failure) => {
      busy = false;
      if (failure === undefined) pump();
      return failure;
    });
  }

  async function writeAll(): Promise<string | undefined> {
    try {
      if (!adopted) await adopt();
      adopted = true;
      // A file about a server name refers to others, so those are written first.
      for (const name of [...dirty].sort(byRank)) {
        dirty.delete(name);
        await write(name).catch((error: unknown) => {
          dirty.add(name);
          throw error;
        });
      }
      scheduleSweep();
      return undefined;
    } catch (error) {
      const message = `${folder}: files for TCP and UDP services cannot be written: ${errorText(error)}`;
      log(message);
      if (!closed) retry = setTimeout(pump, retryMs);
      return message;
    }
  }

  /** Files of an earlier process: what is not in the target is removed after the grace period. */
  async function adopt(): Promise<void> {
    for (const name of await readdir(folder)) await abandon(name);
  }

  async function write(name: string): Promise<void> {
    const file = target.streamFiles.get(name);
    const before = held.get(name) ?? [];
    const made = file === undefined ? undefined : await contentOf(name, file);
    if (made === undefined) {
      held.delete(name);
      for (const each of [name, ...before]) await abandon(each);
      return;
    }
    // The head is written last, because it refers to the groups.
    for (const [group, text] of made.groups) await replace(group, text);
    await replace(name, made.head);
    const now = [...made.groups.keys()];
    held.set(name, now);
    for (const each of before) if (!now.includes(each)) await abandon(each);
  }

  /** The file about a server name is removed at once, because its absence means that NGINX terminates TLS. */
  async function abandon(name: string): Promise<void> {
    const late = !SERVER_NAME_FILE.test(name) || (!adopted && target.streamFiles.has(name));
    if (late) unwanted.set(name, performance.now() + graceMs);
    else await rm(join(folder, name), { force: true });
  }

  async function replace(name: string, text: string): Promise<void> {
    unwanted.delete(name);
    const path = join(folder, name);
    if ((await readText(path)) !== text) await writeWhole(path, text, MODE);
  }

  async function contentOf(name: string, file: StreamFile): Promise<EndpointFiles | undefined> {
    if (file.kind === 'text') return { head: await withEndpoints(file), groups: new Map() };
    const text = target.live.get(file.key);
    if (file.kind === 'certificate') {
      if (text === undefined) return undefined;
      const { chain, key } = JSON.parse(text) as LiveCertificate;
      return { head: `${chain.trim()}\n${key.trim()}\n`, groups: new Map() };
    }
    const backend = text === undefined ? { endpoints: [] } : (JSON.parse(text) as LiveBackend);
    const present = await readText(join(folder, name));
    const revision = revisionOf(present);
    if (revision === undefined) return endpointFiles(name, file, backend, randomInt(2 ** 31));
    const same = endpointFiles(name, file, backend, revision);
    return same.head === present && (await allThere(same))
      ? same
      : endpointFiles(name, file, backend, (revision + 1) % Number.MAX_SAFE_INTEGER);
  }

  /** The text, followed by the endpoints whose file it names first. That file has been written before. */
  async function withEndpoints({ text, key }: Extract<StreamFile, { kind: 'text' }>): Promise<string> {
    if (key === undefined) return text;
    const [file = ''] = text.split(' ');
    return `${text}\n${(await readText(join(folder, file))) ?? ''}`;
  }

  async function allThere({ groups }: EndpointFiles): Promise<boolean> {
    for (const [name, text] of groups) if ((await readText(join(folder, name))) !== text) return false;
    return true;
  }

  function scheduleSweep(): void {
    if (unwanted.size === 0 || closed) return;
    sweep ??= setTimeout(() => {
      sweep = undefined;
      void removeUnwanted().catch((error: unknown) => log(`${folder}: ${errorText(error)}`));
    }, graceMs + 10);
  }

  async function removeUnwanted(): Promise<void> {
    const now = performance.now();
    for (const [name, at] of unwanted) {
      if (at > now) continue;
      unwanted.delete(name);
      await rm(join(folder, name), { force: true });
    }
    scheduleSweep();
  }

  return {
    want({ live, streamFiles = NO_STREAM_FILES }) {
      const before = target;
      target = { live, streamFiles };
      if (before.streamFiles.size > 0)
        for (const key of differingKeys(before.live, live)) for (const name of users.get(key) ?? []) dirty.add(name);
      note(before.streamFiles, streamFiles);
      pump();
    },
    async settled() {
      for (;;) {
        const current = running;
        const failure = await current;
        if (current === running) return failure;
      }
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      clearTimeout(sweep);
      await running;
    },
  };
}

function byRank(a: string, b: string): number {
  return Number(SERVER_NAME_FILE.test(a)) - Number(SERVER_NAME_FILE.test(b));
}

function keyOf(file: StreamFile | undefined): string | undefined {
  return file?.key;
}

function revisionOf(head: string | undefined): number | undefined {
  try {
    const { revision } = JSON.parse(head ?? '') as { readonly revision?: unknown };
    return typeof revision === 'number' && Number.isSafeInteger(revision) ? revision : undefined;
  } catch {
    return undefined;
  }
}
