/** Reads manifests once, for `render`, `check` and tests. */
import path from 'node:path';
import type { Locator, ObjectRef, Place, Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { kustomizePatches } from './kustomize-patches.ts';
import { listFiles } from './list-files.ts';
import { listingProblems, loadFiles } from './load.ts';
import { createLocator } from './locate.ts';
import { manifestProblems } from './problems.ts';
import { type FileContent, type FileRules, readFileContent, skippedFile } from './read-file.ts';
import type { SetAside } from './set-aside.ts';
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
  readonly counts: ReadingCounts;
}

export interface ReadingCounts {
  readonly files: number;
  /** Objects of all kinds, including copies and malformed objects. */
  readonly objects: number;
  readonly ingresses: number;
  /** How many documents and files were skipped. */
  readonly setAside: Readonly<Record<SetAside, number>>;
}

/** An object that describes the installation of a controller, as written. */
export interface InstalledObject {
  readonly kind: string;
  readonly object: unknown;
}

export interface ReadingOptions extends FileRules {
  /** Content of files that are not on disk, by the name to show for them. */
  readonly given?: ReadonlyMap<string, Buffer>;
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
  { given = new Map(), ...rules }: ReadingOptions = {},
): Promise<ManifestsOnce> {
  const listed = await listFiles(paths, rules.repository);
  const store = createStore();
  const patches = rules.repository === true ? await kustomizePatches(listed.files.keys()) : new Set<string>();
  const isPatch = (file: string) => patches.has(path.resolve(file));
  const whole = new Map([...listed.files].filter(([file]) => !isPatch(file)));
  const contents = await loadFiles(whole, rules);
  for (const file of listed.files.keys()) if (isPatch(file)) contents.push(skippedFile(file, 'patch'));
  for (const [file, bytes] of given) contents.push(await readFileContent(file, bytes, undefined, rules));
  store.apply(contents.map((content) => ({ file: content.file, content })));
  const problems = [...listingProblems(listed), ...manifestProblems(store, rules.repository)];
  const installed = contents.flatMap(({ others }) =>
    others.flatMap(({ kind, object }) => (object === undefined ? [] : [{ kind, object }])),
  );
  return {
    snapshot: store.snapshot(),
    problems,
    locate: createLocator(store, given),
    refused: refusedIngresses(contents),
    installed,
    counts: countsOf(contents),
  };
}

function countsOf(contents: readonly FileContent[]): ReadingCounts {
  const read = contents.flatMap(({ claims, refused }) => [...claims, ...refused]);
  const reasons = contents.flatMap(({ setAside }) => setAside);
  const skipped = (reason: SetAside): number => reasons.filter((each) => each === reason).length;
  return {
    files: contents.length,
    objects: read.length + contents.reduce((sum, { others }) => sum + others.length, 0),
    ingresses: read.filter(({ kind }) => kind === 'Ingress').length,
    setAside: { foreign: skipped('foreign'), template: skipped('template'), patch: skipped('patch') },
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
