/** Reading manifests once: for `render`, `check` and the tests. */
import type { Locator, Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { listFiles } from './list-files.ts';
import { listingProblems, loadFiles } from './load.ts';
import { createLocator } from './locate.ts';
import { problemsOf } from './problems.ts';
import { createStore } from './store.ts';

export interface ManifestSet {
  readonly snapshot: Snapshot;
  readonly problems: readonly Problem[];
  readonly locate: Locator;
}

/**
 * Reads files, and folders with all below them (`*.yaml`, `*.yml`, `*.json`; names with a leading dot are left out).
 * Never throws for what the paths hold: a missing path is a Problem `path-not-found`, everything else is read.
 */
export async function readManifests(paths: readonly string[]): Promise<ManifestSet> {
  const listed = await listFiles(paths);
  const store = createStore();
  const contents = await loadFiles(listed.files);
  store.apply(contents.map((content) => ({ file: content.file, content })));
  const problems = [...listingProblems(listed), ...problemsOf(store)];
  return { snapshot: store.snapshot(), problems, locate: createLocator(store) };
}
