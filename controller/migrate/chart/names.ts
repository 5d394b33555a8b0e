/** The names that the chart derives from its release, and those of the old installation. */
import type { Workload } from '../old-controller.ts';
import { type ChartValue, value } from './chart-value.ts';

export interface OldNames {
  /** The prefix of all names. */
  readonly fullname: string;
  readonly namespace: string;
  /** The release of helm; empty if helm did not install the old controller. */
  readonly release: string;
  /** `namespace/name` of objects that have the name of the workload: its Service and its ConfigMap. */
  readonly key: string;
}

const SUFFIX = '-controller';

export function namesOf({ object: { namespace, name }, spec }: Workload): OldNames {
  const fullname = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  const release = spec.metadata?.labels?.['app.kubernetes.io/instance'] ?? '';
  return { fullname, namespace, release, key: `${namespace}/${name}` };
}

/** The chart's own name for everything of this release. */
function derived(release: string): string {
  return release.includes('ingress-nginx') ? release : `${release}-ingress-nginx`;
}

/** The value that gives our objects the names of the old ones, unless they get these names anyway. */
export function nameValues({ fullname, release }: OldNames): readonly ChartValue[] {
  if (release !== '' && derived(release) === fullname) return [];
  return [
    value('fullnameOverride', fullname, 'The names of the old objects do not follow from the name of the release.'),
  ];
}
