/** Watches manifests that are edited while they are in use. */
import { normalize } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../types/problem.ts';
import type { SnapshotEvent } from '../../types/snapshot.ts';
import { createLocator } from './locate.ts';
import { manifestProblems } from './problems.ts';
import type { ManifestSet } from './read-manifests.ts';
import { createRefresher } from './refresh.ts';
import { createStore } from './store.ts';
import type { FileUpdate } from './store.ts';
import { watchFiles } from './watch-files.ts';

export interface WatchOptions {
  /**
   * How many ms content that looks half-written, or in which objects are missing, must stay the same before it is
   * applied. Default 50.
   */
  readonly restMs?: number;
  /** How often to check whether a root was replaced, in ms. Default 2000. */
  readonly rootCheckMs?: number;
  /**
   * How often all files are compared by modification time, size and inode, in case a signal was lost, in ms. Default
   * 60000.
   */
  readonly rescanMs?: number;
}

export interface ManifestWatch {
  current(): ManifestSet;
  /** After this resolves, there are no more events. */
  close(): Promise<void>;
}

/**
 * Reads manifests like `readManifests` and follows their changes. The first event is published before this resolves and
 * lists all objects in `changes`. Later changes are noticed within milliseconds. Objects that are equal after a change
 * stay the same objects. After broken edits and deleted roots, the last good version stays in use, with a Problem.
 * `onEvent` must not throw.
 */
export async function watchManifests(
  paths: string | readonly string[],
  onEvent: (event: SnapshotEvent) => void,
  { restMs = 50, rootCheckMs = 2000, rescanMs = 60_000 }: WatchOptions = {},
): Promise<ManifestWatch> {
  const roots = (typeof paths === 'string' ? [paths] : paths).map((path) => normalize(path).replace(/(?<=.)\/+$/, ''));
  const store = createStore();
  const locate = createLocator(store);
  let blind: string | undefined;
  let problems: readonly Problem[] = [];
  let first = true;

  function publish(updates: readonly FileUpdate[], pathProblems: readonly Problem[], noticedAt: number): void {
    const changes = store.apply(updates);
    const now = [...pathProblems, ...blindProblems(blind, rootCheckMs), ...manifestProblems(store)];
    if (!first && changes.length === 0 && isDeepStrictEqual(now, problems)) return;
    first = false;
    problems = now;
    onEvent({ snapshot: store.snapshot(), changes, problems, noticedAt });
  }

  const refresher = createRefresher(roots, store, restMs, publish);
  await refresher.readAll();
  const signals = {
    file: (path: string) => refresher.file(path),
    everything: () => refresher.everything(),
    blind(reason: string) {
      blind = reason;
      refresher.everything();
    },
  };
  const watch = await watchFiles(roots, signals, rootCheckMs);
  // Find changes that were made between the reading and the start of the watch.
  refresher.everything();
  await refresher.idle();

  let timer = setTimeout(rescan, rescanMs);
  function rescan(): void {
    refresher.everything();
    timer = setTimeout(rescan, blind === undefined ? rescanMs : rootCheckMs);
  }

  return {
    current: () => ({ snapshot: store.snapshot(), problems, locate }),
    async close() {
      clearTimeout(timer);
      await watch.close();
      await refresher.close();
    },
  };
}

function blindProblems(reason: string | undefined, everyMs: number): Problem[] {
  if (reason === undefined) return [];
  return [
    {
      code: 'watch-failed',
      severity: 'warning',
      effect: 'none',
      message:
        `the system does not report all changes to the manifests (${reason}); they are polled every ` +
        `${everyMs / 1000} s`,
      example: 'sysctl fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288',
    },
  ];
}
