/** Writes values.yaml for the chart in charts/ from the objects of an installation of ingress-nginx. */
import type { V1PodDisruptionBudget, V1Service, V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import { Document, isMap, Scalar } from 'yaml';
import type { Snapshot } from '../../types/snapshot.ts';
import type { WrittenFlag } from '../judge-settings.ts';
import type { Workload } from '../old-controller.ts';
import type { MigrationReport } from '../report.ts';
import { type ChartPart, type ChartValue, value } from './chart-value.ts';
import { configValues } from './config-values.ts';
import { flagChartValues } from './flag-values.ts';
import { nameValues, namesOf, type OldNames } from './names.ts';
import { serviceValues } from './service-values.ts';
import { type Attached, workloadValues } from './workload-values.ts';

export interface OldInstallation {
  readonly workload: Workload;
  readonly flags: readonly WrittenFlag[];
  readonly services: readonly V1Service[];
  readonly autoscalers: readonly V2HorizontalPodAutoscaler[];
  readonly budgets: readonly V1PodDisruptionBudget[];
  readonly snapshot: Snapshot;
}

const ISOLATION = value(
  'controller.isolateNamespaces',
  false,
  'As in ingress-nginx, Ingresses may affect hosts of other namespaces. Set true once no Ingress has the warning ' +
    'other-namespace about something that is intended (docs/migrating.md).',
);

function attachedTo({ workload, autoscalers, budgets }: OldInstallation, { namespace }: OldNames): Attached {
  const { name } = workload.object;
  const isHere = ({ metadata }: V2HorizontalPodAutoscaler | V1PodDisruptionBudget): boolean =>
    metadata?.namespace === namespace && metadata.name === name;
  return { autoscaler: autoscalers.find(isHere), budget: budgets.find(isHere) };
}

/** Breaks a string into lines of comments; the second and later lines of a list item are indented. */
function commented(text: string): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    const indent = paragraph.startsWith('- ') ? '  ' : '';
    let line = '';
    for (const word of paragraph.split(/\s+/)) {
      if (line !== '' && line.length + word.length > 110) {
        lines.push(line);
        line = `${indent}${word}`;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line) => ` ${line}`).join('\n');
}

/** Ports are keys of maps, and texts that look like numbers must stay texts. */
function add(document: Document, { path, value: content, comment }: ChartValue): void {
  document.setIn(path, content);
  if (comment === undefined) return;
  const parent: unknown = document.getIn(path.slice(0, -1), true) ?? document.contents;
  const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === path.at(-1)) : undefined;
  if (pair === undefined) return;
  const key = new Scalar(path.at(-1));
  key.commentBefore = commented(comment);
  pair.key = key;
}

/** values.yaml as text. It contains what differs from the defaults of the chart. */
export function writeValues(installation: OldInstallation, report: MigrationReport): string {
  const { workload, flags, services, snapshot } = installation;
  const names = namesOf(workload);
  const parts: readonly ChartPart[] = [
    { values: [...nameValues(names), ISOLATION], leftOut: [] },
    workloadValues(workload, attachedTo(installation, names)),
    flagChartValues(flags, snapshot.IngressClass, names),
    { values: serviceValues(services, names), leftOut: [] },
    configValues({ report, flags, names, configMaps: snapshot.ConfigMap }),
  ];
  const document = new Document({});
  for (const each of parts.flatMap(({ values }) => values)) add(document, each);
  const { kind, namespace, name } = workload.object;
  const left = parts.flatMap(({ leftOut }) => leftOut).map(({ what, why }) => `- ${what}: ${why}`);
  document.commentBefore = commented(
    [
      `Values for the chart of Tidegate, written by tidegate migrate from ${kind} ${namespace}/${name}.`,
      `helm upgrade ${names.release === '' ? names.fullname : names.release} ./charts/tidegate --namespace ${namespace} --values FILE`,
      ...(left.length === 0 ? [] : ['', 'Left out:', ...left]),
    ].join('\n'),
  );
  return document.toString({ lineWidth: 0, singleQuote: true });
}
