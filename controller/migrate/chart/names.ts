/** The names that the chart derives from its release, and those of the old installation. */
import type { Workload } from '../old-controller.ts';
import { type ChartValue, value } from './chart-value.ts';

export interface OldNames {
  /** The prefix of all names. */
  readonly fullname: string;
  readonly namespace: string;
  /** The release of helm; empty if helm did not install the old controller. */
  readonly release: string;
  /** The label app.kubernetes.io/name, which is part of selectors that cannot be changed. */
  readonly label: string;
  /** `namespace/name` of objects that have the name of the workload: its Service and its ConfigMap. */
  readonly key: string;
}

const STANDARD = 'ingress-nginx';
const SUFFIX = '-controller';

export function namesOf({ object: { namespace, name }, spec }: Workload): OldNames {
  const fullname = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  const labels = { ...spec.metadata?.labels, ...spec.spec?.selector?.matchLabels };
  return {
    fullname,
    namespace,
    release: labels['app.kubernetes.io/instance'] ?? '',
    label: labels['app.kubernetes.io/name'] ?? STANDARD,
    key: `${namespace}/${name}`,
  };
}

/** The values that give our objects the names and selectors of the old ones, unless they get them anyway. */
export function nameValues({ fullname, release, label }: OldNames): readonly ChartValue[] {
  const derived = release.includes(label) ? release : `${release}-${label}`;
  return [
    ...(label === STANDARD ? [] : [value('nameOverride', label)]),
    ...(release !== '' && derived === fullname
      ? []
      : [
          value(
            'fullnameOverride',
            fullname,
            'The names of the old objects do not follow from the name of the release.',
          ),
        ]),
  ];
}
