/** Finds the files that kustomize merges into other objects. On their own, they are incomplete objects. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { isRecord } from '../../types/is-record.ts';

const KUSTOMIZATION = /^kustomization\.ya?ml$/i;

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The paths of patches in the content of a kustomization, relative to its folder. */
function patchesOf(kustomization: unknown): readonly string[] {
  if (!isRecord(kustomization)) return [];
  const { patches, patchesStrategicMerge, patchesJson6902 } = kustomization;
  const paths = [...items(patches), ...items(patchesJson6902)].map((each) => (isRecord(each) ? each['path'] : each));
  return [...paths, ...items(patchesStrategicMerge)].filter((each) => typeof each === 'string');
}

/**
 * The absolute paths of all patches that the kustomizations among `files` and beside them name. A kustomization that
 * cannot be read names none: its patches are then reported as incomplete objects.
 */
export async function kustomizePatches(files: Iterable<string>): Promise<ReadonlySet<string>> {
  const candidates = new Set<string>();
  for (const file of files) {
    if (KUSTOMIZATION.test(path.basename(file))) candidates.add(path.resolve(file));
    // A hook passes single files: the kustomization of a patch is beside it or one folder above.
    for (const folder of ['.', '..']) candidates.add(path.resolve(path.dirname(file), folder, 'kustomization.yaml'));
  }
  const found = new Set<string>();
  for (const file of candidates) {
    let content: unknown;
    try {
      content = parse(await readFile(file, 'utf8'));
    } catch {
      continue;
    }
    for (const each of patchesOf(content)) found.add(path.resolve(path.dirname(file), each));
  }
  return found;
}
