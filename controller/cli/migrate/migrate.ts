/** `tidegate migrate`: reads a cluster or a dump, builds the configuration, and reports what would differ. */
import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { V1PodDisruptionBudget, V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { referencesOf } from '../../app/build.ts';
import { buildSafely } from '../../app/faults.ts';
import { type OldInstallation, writeValues } from '../../migrate/chart/write-values.ts';
import { createReport } from '../../migrate/create-report.ts';
import type { WrittenFlag } from '../../migrate/judge-settings.ts';
import { type Workload, workloadOf } from '../../migrate/old-controller.ts';
import { htmlReport } from '../../migrate/output/html.ts';
import { markdownReport } from '../../migrate/output/markdown.ts';
import { sarifReport } from '../../migrate/output/sarif.ts';
import { textReport } from '../../migrate/output/text.ts';
import type { MigrationReport } from '../../migrate/report.ts';
import { annotationProblems } from '../../model/ingress/annotation-problems.ts';
import { errorText } from '../../types/error-text.ts';
import { camelCase } from '../../types/flag.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { Arguments } from '../flag-values.ts';
import { flagsOf } from '../flags.ts';
import { IMAGE } from '../image-site.ts';
import { readOptions } from '../commands.ts';
import { buildWith, loadRender, renderOptions } from '../stages.ts';
import { UsageError } from '../usage-error.ts';
import { argumentsWith, writtenOf } from './old-flags.ts';
import { mayBeOfPlaceholder, withPlaceholders } from './placeholders.ts';
import { fromCluster, fromManifests, type Source, UnreadableSource } from './sources.ts';

export interface MigrateCall {
  /** As commander parsed them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The flags that are written on the command line. */
  readonly written: ReadonlySet<string>;
  readonly version: string;
}

/** Workers of NGINX if worker-processes is auto; no verdict depends on it. */
const PROCESSORS = 2;

export interface Migration {
  readonly report: MigrationReport;
  readonly installation: OldInstallation | undefined;
}

/** The workloads of ingress-nginx, the chosen one first. */
function workloadsOf({ installed }: Source, chosen: string): readonly Workload[] {
  const found = installed.flatMap(({ kind, object }) => workloadOf(kindOf(object) ?? kind, object) ?? []);
  const named = found.filter(({ object }) => `${object.namespace}/${object.name}` === chosen);
  if (chosen !== '' && named.length === 0) {
    const known = found.map(({ object }) => `${object.namespace}/${object.name}`).join(', ');
    throw new UsageError(
      `--old-controller: ${chosen} is not a Deployment or DaemonSet of ingress-nginx; found: ${known || 'none'}`,
    );
  }
  return [...named, ...found.filter((each) => !named.includes(each))];
}

function kindOf(object: unknown): string | undefined {
  const { kind } = (object ?? {}) as { readonly kind?: unknown };
  return typeof kind === 'string' ? kind : undefined;
}

/** The values of flags as they are written on the command line. */
function givenFlags({ options, written }: Omit<MigrateCall, 'version'>): ReadonlyMap<string, string> {
  const rows = flagsOf('migrate').filter(({ name }) => written.has(name));
  return new Map(rows.map(({ name }) => [name, String(options[camelCase(name)])]));
}

/** The Snapshot with only the Ingresses that the old controller watches. */
function watched(snapshot: Snapshot, flags: readonly WrittenFlag[]): Snapshot {
  const namespace = flags.find(({ name }) => name === 'watch-namespace')?.value ?? '';
  if (namespace === '') return snapshot;
  const inside = [...snapshot.Ingress].filter(([, each]) => each.metadata?.namespace === namespace);
  return { ...snapshot, Ingress: new Map(inside) };
}

/** The ConfigMaps that a build and the values file need. */
function wantedConfigMaps(given: Arguments<'migrate'>, workload: Workload | undefined): readonly ObjectKey[] {
  const { configmap, tcpServicesConfigmap, udpServicesConfigmap } = given;
  const { namespace = '', name = '' } = workload?.object ?? {};
  const fullname = `${namespace}/${name.replace(/-controller$/, '')}`;
  const headers = workload === undefined ? [] : ['add', 'proxy'].map((each) => `${fullname}-custom-${each}-headers`);
  return [configmap, tcpServicesConfigmap, udpServicesConfigmap, ...headers].filter((key) => key !== '');
}

function notesOf(workloads: readonly Workload[], flags: readonly WrittenFlag[]): readonly string[] {
  const [chosen, ...others] = workloads;
  const names = others.map(({ object }) => `${object.namespace}/${object.name}`).join(', ');
  return [
    ...(chosen === undefined
      ? [
          'The class nginx and the default flags are assumed; --ingress-class, --controller-class and --configmap change that.',
        ]
      : []),
    ...(others.length === 0
      ? []
      : [`There are other workloads of ingress-nginx: ${names}. --old-controller selects one of them.`]),
    ...(flags.some(({ name }) => name === 'watch-namespace-selector')
      ? ['--watch-namespace-selector is not evaluated: the report contains the Ingresses of all namespaces.']
      : []),
  ];
}

/** Builds the configuration for what was read, and reports about it. */
export async function migrate(source: Source, call: Omit<MigrateCall, 'version'>): Promise<Migration> {
  const given = givenFlags(call);
  const { oldController } = readOptions('migrate', call.options);
  const workloads = workloadsOf(source, oldController);
  const [workload] = workloads;
  const flags = workload === undefined ? [] : writtenOf(workload);
  const args = workload === undefined ? readOptions('migrate', call.options) : argumentsWith(flags, given);
  const site = { ...IMAGE, processors: PROCESSORS };
  const render = await loadRender(args, renderOptions(args, site), () => {});
  const build = buildWith(args, site, () => render);
  const references = await referencesOf(watched(source.snapshot, flags), build.options, undefined);
  const wanted = new Set([...references.configMaps, ...wantedConfigMaps(args, workload)]);
  const read = await source.withConfigMaps(wanted);
  const complete = watched(read.snapshot, flags);
  // The ConfigMap of the settings names other objects.
  const { secrets } = await referencesOf(complete, build.options, undefined);
  const { snapshot, added } = await withPlaceholders(complete, secrets, source.secrets, args.annotationsPrefix);
  const built = buildSafely(build, snapshot, { quarantine: new Map(), resolvedNames: new Map() });
  const options = { ...build.options, ...built.overrides };
  const ofMalformed = source.malformed.flatMap((each) => annotationProblems(each, snapshot, options));
  const problems = [...source.problems, ...built.problems, ...ofMalformed];
  const report = createReport({
    source: source.name,
    snapshot,
    options,
    plan: built.plan,
    problems: problems.filter((problem) => !mayBeOfPlaceholder(problem, added)),
    malformed: source.malformed,
    locate: source.locate,
    controller:
      workload === undefined
        ? null
        : {
            object: workload.object,
            image: workload.container.image ?? '',
            others: workloads.slice(1).map(({ object }) => object),
          },
    flags,
    notes: [...source.notes, ...read.notes, ...notesOf(workloads, flags)],
  });
  return {
    report,
    installation: workload === undefined ? undefined : installationOf(source, workload, flags, snapshot),
  };
}

function installationOf(
  { installed, services }: Source,
  workload: Workload,
  flags: readonly WrittenFlag[],
  snapshot: Snapshot,
): OldInstallation {
  const of = <T>(wanted: string): readonly T[] =>
    installed.filter(({ kind }) => kind === wanted).map(({ object }) => object as T);
  return {
    workload,
    flags,
    services,
    autoscalers: of<V2HorizontalPodAutoscaler>('HorizontalPodAutoscaler'),
    budgets: of<V1PodDisruptionBudget>('PodDisruptionBudget'),
    snapshot,
  };
}

function printed(report: MigrationReport, output: Arguments<'migrate'>['output'], version: string): string {
  switch (output) {
    case 'text':
      return textReport(report);
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'markdown':
      return markdownReport(report);
    case 'html':
      return htmlReport(report, (text) => hash('sha256', text, 'base64'));
    case 'sarif':
      return sarifReport(report, version);
  }
}

/** Writes a new file, and never replaces one. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new UsageError(`--write-values: ${file} exists already; name a new file`);
    throw new UsageError(`--write-values: ${file} cannot be written: ${errorText(error)}`);
  }
}

function exitCode({ summary: { counts } }: MigrationReport): number {
  return counts.closed > 0 ? 4 : counts.differs > 0 ? 3 : 0;
}

export async function migrateCommand(paths: readonly string[], call: MigrateCall): Promise<number> {
  const { kubeconfig, context, output, writeValues: file } = readOptions('migrate', call.options);
  if (paths.length > 0 && (kubeconfig !== '' || context !== ''))
    throw new UsageError('--kubeconfig and --context read a cluster; leave out the paths of manifests');
  let source: Source;
  try {
    source = paths.length > 0 ? await fromManifests(paths) : await fromCluster({ kubeconfig, context });
  } catch (error) {
    if (!(error instanceof UnreadableSource)) throw error;
    console.error(`error: ${error.message}`);
    return 1;
  }
  const { report, installation } = await migrate(source, call);
  if (file !== '') {
    if (installation === undefined)
      throw new UsageError(
        '--write-values: no Deployment or DaemonSet of ingress-nginx was found, so there is nothing to convert',
      );
    await writeNew(file, writeValues(installation, report));
  }
  process.stdout.write(printed(report, output, call.version));
  return exitCode(report);
}
