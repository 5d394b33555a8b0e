/** Renders the chart with a real helm. */
import { spawnSync } from 'node:child_process';
import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

const root = join(import.meta.dirname, '..');

export const CHART = join(import.meta.dirname, 'tidegate');

export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface RenderOptions {
  /** Paths of values files, in order of precedence: the last one wins. */
  readonly files?: readonly string[];
  /** Values that override the files. */
  readonly values?: unknown;
  readonly release?: string;
  readonly namespace?: string;
  /** The Kubernetes version to render for. Default: 1.33, the first version that finds named ports of sidecars. */
  readonly kubeVersion?: string;
  /** Includes hooks: objects that exist only during an operation, and are not part of the release. */
  readonly hooks?: boolean;
  /** A chart other than charts/tidegate. */
  readonly chart?: string;
}

export interface HelmOutput {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

function findHelm(): string | undefined {
  const { status, stdout, stderr } = spawnSync('sh', [join(root, 'scripts/helm.sh'), '--find'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  console.warn(`The chart is NOT tested: ${stderr.trim()}`);
  return undefined;
}

/** The path of helm. Undefined if helm is missing; the reason has then been printed. scripts/helm.sh builds helm. */
export const helm = findHelm();

/**
 * A path for `--values`, relative to the working directory: helm splits the value at commas and removes quotes, which
 * the absolute path of a checkout may contain.
 */
export function valuesArgument(file: string): string {
  return relative(process.cwd(), file);
}

/** Runs helm. A failure of helm is returned, not thrown. */
export async function runHelm(args: readonly string[], input = ''): Promise<HelmOutput> {
  if (helm === undefined) throw new Error('helm is missing; see scripts/helm.sh');
  return execa(helm, args, { reject: false, input, timeout: 30_000 });
}

/** `helm template` of the chart, as text. */
export async function template(options: RenderOptions = {}): Promise<HelmOutput> {
  const { files = [], values = {}, release = 'ingress-nginx', namespace = 'ingress-nginx' } = options;
  const target = ['--namespace', namespace, '--kube-version', options.kubeVersion ?? '1.33.0'];
  if (options.hooks !== true) target.push('--no-hooks');
  const given = [...files.map(valuesArgument), '-'].flatMap((file) => ['--values', file]);
  return runHelm(['template', release, options.chart ?? CHART, ...target, ...given], stringify(values));
}

/** The rendered objects. Throws an error with helm's message if the chart rejects the values. */
export async function render(options: RenderOptions = {}): Promise<Rendered[]> {
  const { failed, stdout, stderr } = await template(options);
  if (failed) throw new Error(stderr);
  return objectsOf(stdout);
}

/** The objects of a stream of YAML documents. Throws on invalid YAML, and on a duplicate key. */
export function objectsOf(text: string): Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.map(String).join('\n'));
    const value = document.toJS() as Rendered | null;
    return value === null ? [] : [value];
  });
}

/** The only object of a kind and, if given, a name. Throws if there is none or more than one. */
export function only<T>(objects: readonly Rendered[], kind: string, name?: string): T {
  const found = objects.filter((o) => o.kind === kind && (name === undefined || o.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind} ${name ?? ''}, not one`);
  return found[0] as T;
}

/** The values files in cases/, by name. */
export function cases(): ReadonlyMap<string, string> {
  const folder = join(import.meta.dirname, 'cases');
  return new Map(readdirSync(folder).map((file) => [file.replace('.yaml', ''), join(folder, file)]));
}
