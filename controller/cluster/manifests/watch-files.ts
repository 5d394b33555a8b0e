/**
 * Signals that files may have changed. A signal is only a hint: reading the file shows whether its content has changed.
 */
import { stat } from 'node:fs/promises';
import { join, normalize, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { FSWatcher } from 'chokidar';
import { isManifestName } from './list-files.ts';
import { errorText } from '../../types/error-text.ts';

export interface FileSignals {
  /** This file may have been changed, created or deleted. */
  file(path: string): void;
  /** Any file may have changed. */
  everything(): void;
  /** From now on, changes may not be signalled, for this reason, so the files must be polled. */
  blind(reason: string): void;
}

export interface FileWatch {
  close(): Promise<void>;
}

/**
 * Watches files and folders, which may be deleted and created again. chokidar does not notice this for a root, so the
 * identity (device and inode) of each root is checked every `rootCheckMs`. Resolves once changes are signalled.
 */
export async function watchFiles(
  roots: readonly string[],
  signals: FileSignals,
  rootCheckMs: number,
): Promise<FileWatch> {
  let closed = false;
  let identities = await identify(roots);
  let watcher = await open(roots, signals);

  async function checkRoots(): Promise<void> {
    const now = await identify(roots);
    if (closed || now.join() === identities.join()) return;
    identities = now;
    await watcher.close();
    watcher = await open(roots, signals);
    signals.everything();
  }

  let checking = Promise.resolve();
  let timer = setTimeout(check, rootCheckMs);
  function check(): void {
    checking = checkRoots().finally(() => {
      if (!closed) timer = setTimeout(check, rootCheckMs);
    });
  }

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await checking;
      await watcher.close();
    },
  };
}

async function identify(roots: readonly string[]): Promise<string[]> {
  return Promise.all(
    roots.map(async (root) => {
      try {
        const { dev, ino } = await stat(root);
        return `${dev}:${ino}`;
      } catch {
        return 'missing';
      }
    }),
  );
}

function open(roots: readonly string[], signals: FileSignals): Promise<FSWatcher> {
  const watcher = watch([...roots], {
    ignoreInitial: true,
    atomic: false,
    ignored: (path) => hiddenStep(roots, path) !== undefined,
  });
  function hint(path: string): void {
    if (isManifestName(path) || roots.includes(path)) signals.file(path);
  }
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') signals.everything();
    else hint(normalize(path));
  });
  // chokidar drops the second of two changes within 50 ms, although the second is the one that completes a write.
  watcher.on('raw', (_event, name, details) => {
    const folder = String((details as { watchedPath?: string }).watchedPath);
    for (const path of new Set([normalize(folder), join(folder, name ?? '')])) {
      const hidden = hiddenStep(roots, path);
      // When a mounted ConfigMap changes, `..data` is replaced. The files beside it are links into `..data`.
      if (hidden?.startsWith('..')) signals.everything();
      else if (hidden === undefined) hint(path);
    }
  });
  watcher.on('error', (error) => signals.blind(errorText(error)));
  return new Promise((resolve) => {
    watcher.once('ready', () => resolve(watcher));
  });
}

/** The first path segment below its root that begins with a dot. */
function hiddenStep(roots: readonly string[], path: string): string | undefined {
  for (const root of roots) {
    const below = relative(root, path);
    if (below === '' || below === '..' || below.startsWith(`..${sep}`)) continue;
    return below.split(sep).find((step) => step.startsWith('.'));
  }
  return undefined;
}
