/** Reads manifests once, for `render`, `check` and tests. */
import type { Locator, ObjectRef, Place, Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { listFiles } from './list-files.ts';
import { listingProblems, loadFiles } from './load.ts';
import { createLocator } from './locate.ts';
import { manifestProblems } from './problems.ts';
import { type FileContent, readFileContent } from './read-file.ts';
import { createStore } from './store.ts';

export interface ManifestSet {
  readonly snapshot: Snapshot;
  readonly problems: readonly Problem[];
  readonly locate: Locator;
}

export interface ManifestsOnce extends ManifestSet {
  readonly refused: readonly RefusedIngress[];
  /** The objects of `INSTALLED` kinds, as written. */
  readonly installed: readonly InstalledObject[];
}

/** An object that describes the installation of a controller, as written. */
export interface InstalledObject {
  readonly kind: string;
  readonly object: unknown;
}

export interface ReadingOptions {
  /** Content of files that are not on disk, by the name to show for them. */
  readonly given?: ReadonlyMap<string, Buffer>;
  /** The maximum number of bytes of a file. */
  readonly most?: number;
}

/** A malformed Ingress that is left out, with the annotations that could be read. */
export interface RefusedIngress {
  readonly ref: ObjectRef;
  readonly annotations: ReadonlyMap<string, { readonly value: string; readonly place: Place }>;
}

/**
 * Reads files, and folders recursively (`*.yaml`, `*.yml`, `*.json`; names with a leading dot are skipped). Never
 * throws because of their content. A missing path causes a Problem `path-not-found`, and all other paths are read.
 */
export async function readManifests(
  paths: readonly string[],
  { given = new Map(), most }: ReadingOptions = {},
): Promise<ManifestsOnce> {
  const listed = await listFiles(paths);
  const store = createStore();
  const contents = await loadFiles(listed.files, most);
  for (const [file, bytes] of given) contents.push(await readFileContent(file, bytes, undefined, most));
  store.apply(contents.map((content) => ({ file: content.file, content })));
  const problems = [...listingProblems(listed), ...manifestProblems(store)];
  const installed = contents.flatMap(({ others }) =>
    others.flatMap(({ kind, object }) => (object === undefined ? [] : [{ kind, object }])),
  );
  return {
    snapshot: store.snapshot(),
    problems,
    locate: createLocator(store, given),
    refused: refusedIngresses(contents),
    installed,
  };
}

function refusedIngresses(contents: readonly FileContent[]): RefusedIngress[] {
  return contents.flatMap(({ file, refused }) =>
    refused
      .filter(({ kind }) => kind === 'Ingress')
      .map(({ kind, key, annotations }) => {
        const [namespace = '', name = ''] = key.split('/');
        const placed = annotations.map((each) => {
          const place = { file, line: each.line, column: each.column };
          return [each.name, { value: each.value, place }] as const;
        });
        return { ref: { kind, namespace, name }, annotations: new Map(placed) };
      }),
  );
}
