/** Reads what `tidegate migrate` reports about, from manifests or from a cluster. */
import type { V1Ingress } from '@kubernetes/client-node';
import {
  type ClusterSurvey,
  type InstalledObject,
  loadApi,
  readConfigMaps,
  readManifests,
  surveyCluster,
} from '../../cluster/index.ts';
import { workloadOf } from '../../migrate/old-controller.ts';
import { errorText } from '../../types/error-text.ts';
import type { Locator, Problem } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { malformedIngress } from '../malformed-ingress.ts';
import { filesAmong, readStandardInput, shownPath } from '../standard-input.ts';
import { UsageError } from '../usage-error.ts';

/** What was read, whether from manifests or from a cluster. */
export interface Source {
  /** As in the report: a URL or paths. */
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly problems: readonly Problem[];
  readonly locate: Locator;
  readonly malformed: readonly V1Ingress[];
  readonly installed: readonly InstalledObject[];
  readonly services: ClusterSurvey['services'];
  /** Secrets that exist; undefined: that is not known. */
  readonly secrets: ReadonlySet<ObjectKey> | undefined;
  readonly notes: readonly string[];
  /** Adds the ConfigMaps that were not read yet. */
  readonly withConfigMaps: (keys: ReadonlySet<ObjectKey>) => Promise<{
    readonly snapshot: Snapshot;
    readonly notes: readonly string[];
  }>;
}

/** The objects could not be read: exit code 1. */
export class UnreadableSource extends Error {}

/** A dump of a cluster may be much larger than a file of manifests. */
const MOST_BYTES = 512 * 1024 * 1024;

export async function fromManifests(paths: readonly string[]): Promise<Source> {
  const given = await readStandardInput(paths);
  const read = await readManifests(filesAmong(paths), { given, most: MOST_BYTES });
  const missing = read.problems.find(({ code }) => code === 'path-not-found');
  if (missing !== undefined) throw new UsageError(missing.message);
  const { snapshot, installed } = read;
  return {
    name: paths.map(shownPath).join(', '),
    snapshot,
    problems: read.problems,
    locate: read.locate,
    malformed: read.refused.map(malformedIngress),
    installed,
    services: [...snapshot.Service.values()],
    secrets: snapshot.Secret.size === 0 ? undefined : new Set(snapshot.Secret.keys()),
    notes: snapshot.Secret.size === 0 ? [ASSUMED] : [],
    withConfigMaps: () => Promise.resolve({ snapshot, notes: [] }),
  };
}

const ASSUMED =
  'Secrets were not read: this report assumes that each Secret that an Ingress names exists and can be used.';
const NAMES_ONLY = 'Of Secrets, only the names were read: this report assumes that each existing Secret can be used.';

function unreadNotes(unread: ClusterSurvey['unread']): readonly string[] {
  return unread.map(({ what, why }) => `${what} could not be read: ${why}. This report is made without them.`);
}

export async function fromCluster(options: { readonly kubeconfig: string; readonly context: string }): Promise<Source> {
  let connection;
  try {
    connection = await loadApi({ ...options, ofUser: true });
  } catch (error) {
    throw new UsageError(errorText(error));
  }
  const api = connection;
  const isOurs = (object: unknown): boolean => workloadOf('Deployment', object) !== undefined || isScaling(object);
  const survey = await surveyCluster(api, isOurs);
  const ingresses = survey.unread.find(({ what }) => what === 'ingresses');
  if (ingresses !== undefined) {
    await api.close();
    throw new UnreadableSource(`the Ingresses of ${api.server} could not be read: ${ingresses.why}`);
  }
  return {
    name: api.server,
    snapshot: survey.snapshot,
    problems: [],
    locate: () => undefined,
    malformed: [],
    installed: survey.installed,
    services: survey.services,
    secrets: survey.secrets,
    notes: [...unreadNotes(survey.unread), survey.secrets === undefined ? ASSUMED : NAMES_ONLY],
    withConfigMaps: async (keys) => {
      const { snapshot, unread } = await readConfigMaps(api, survey.snapshot, keys);
      await api.close();
      return { snapshot, notes: unreadNotes(unread) };
    },
  };
}

/** Whether the object scales a workload or limits its disruptions. */
function isScaling(object: unknown): boolean {
  const spec = (object as { readonly spec?: Readonly<Record<string, unknown>> } | null)?.spec;
  return spec !== undefined && ('scaleTargetRef' in spec || 'minAvailable' in spec || 'maxUnavailable' in spec);
}
