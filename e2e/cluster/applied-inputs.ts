/** The manifests of e2e/inputs in a form that an API server accepts. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import type { KubernetesObject } from '../runner/object.ts';
import { readScenarios } from '../runner/scenario.ts';
import type { Scenario } from '../runner/scenario.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A manifest of a tutorial that no API server accepts, so that it can only be read from a file. */
const REFUSED = 'demo-ingress-as-written.yaml';

/** The scenarios whose inputs can be applied, each with a DNS label for its host. */
export function inputScenarios(): (Scenario & { readonly id: string })[] {
  return readScenarios()
    .filter(({ file, inputs }) => file === 'inputs.yaml' && !inputs.includes(REFUSED))
    .map((scenario, i) => ({ ...scenario, id: `c${i}` }));
}

function isOld({ apiVersion }: KubernetesObject): boolean {
  return apiVersion.endsWith('v1beta1');
}

/**
 * The objects, of which those with removed API versions are converted by `tidegate convert`, as a user would do. The
 * files for it are written to `folder`.
 */
export function converted(folder: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  const old = objects.filter(isOld);
  if (old.length === 0) return [...objects];
  const file = join(folder, 'old.yaml');
  writeFileSync(file, old.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/tidegate.js', 'convert', file], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (status !== 0) throw new Error(`tidegate convert: ${status}\n${stderr}`);
  const made = parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
  return [...objects.filter((object) => !isOld(object)), ...made];
}
