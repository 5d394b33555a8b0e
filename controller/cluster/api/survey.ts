/** Reads a cluster once, for `tidegate migrate`: lists of objects, and only the names of Secrets. Sends GET requests only. */
import type { V1Service } from '@kubernetes/client-node';
import { isRecord } from '../../types/is-record.ts';
import { emptySnapshot, type Kind, type ObjectKey, type Snapshot } from '../../types/snapshot.ts';
import { createConcurrencyLimit } from '../concurrency-limit.ts';
import { KIND_NAMES } from '../manifests/kinds.ts';
import type { InstalledObject } from '../manifests/read-manifests.ts';
import { createTables } from '../manifests/tables.ts';
import type { ApiConnection } from './connection.ts';
import { list } from './list.ts';
import { readItem } from './read-item.ts';
import { failureFrom, failureOf, type RequestFailure } from './request-failure.ts';
import { resourcePath } from './resources.ts';
import { DEFAULT_TUNING } from './tuning.ts';

export interface ClusterSurvey {
  /** Without ConfigMaps and Secrets. */
  readonly snapshot: Snapshot;
  /** `namespace/name` of all Secrets; undefined if they cannot be listed. */
  readonly secrets: ReadonlySet<ObjectKey> | undefined;
  readonly installed: readonly InstalledObject[];
  /** The Services of the namespaces of `installed`, with all their fields. */
  readonly services: readonly V1Service[];
  /** What could not be read, in the plural, and why. */
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}

const LISTED = ['Ingress', 'IngressClass', 'Service', 'EndpointSlice', 'Namespace'] as const satisfies readonly Kind[];

/** Lists of objects that describe an installation: the kind of the items → the path. */
const INSTALLATION = {
  Deployment: '/apis/apps/v1/deployments',
  DaemonSet: '/apis/apps/v1/daemonsets',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/horizontalpodautoscalers',
  PodDisruptionBudget: '/apis/policy/v1/poddisruptionbudgets',
} as const;

const NAMES_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const AT_ONCE = 8;

type Items = { readonly items: readonly unknown[] } | { readonly failure: RequestFailure };

/** All items of a list, page by page. An expired continuation ends the list with a failure. */
async function itemsOf(connection: ApiConnection, path: string, accept?: string): Promise<Items> {
  const items: unknown[] = [];
  let next = '';
  do {
    const query = { limit: String(DEFAULT_TUNING.pageSize), ...(next === '' ? {} : { continue: next }) };
    const options = { query, ...(accept !== undefined && { accept }) };
    const { status, body } = await connection.request('GET', path, options);
    if (status !== 200) return { failure: failureOf(status, body) };
    if (!isRecord(body)) return { failure: failureFrom(new Error(`the API server did not return a list for ${path}`)) };
    const { items: page, metadata } = body;
    items.push(...(Array.isArray(page) ? (page as readonly unknown[]) : []));
    next = isRecord(metadata) && typeof metadata['continue'] === 'string' ? metadata['continue'] : '';
  } while (next !== '');
  return { items };
}

async function tryItems(connection: ApiConnection, path: string, accept?: string): Promise<Items> {
  return itemsOf(connection, path, accept).catch((error: unknown) => ({ failure: failureFrom(error) }));
}

function keyOfMetadata(item: unknown): ObjectKey | undefined {
  const metadata = isRecord(item) ? item['metadata'] : undefined;
  if (!isRecord(metadata)) return undefined;
  const { namespace, name } = metadata;
  return typeof namespace === 'string' && typeof name === 'string' ? `${namespace}/${name}` : undefined;
}

/**
 * A kind that cannot be listed is named in `unread`, and the others are read. `isInstallation`: whether an object belongs
 * to an installation of interest; other Deployments and so on are not kept.
 */
export async function surveyCluster(
  connection: ApiConnection,
  isInstallation: (object: unknown) => boolean,
): Promise<ClusterSurvey> {
  const unread: { what: string; why: string }[] = [];
  const tables = createTables();
  const { signal } = new AbortController();
  for (const kind of LISTED) {
    const item = (raw: unknown): void => {
      const read = readItem(kind, raw, DEFAULT_TUNING);
      if (read !== undefined) tables.set(kind, read.key, read.object);
    };
    const listed = await list(connection, { kind }, DEFAULT_TUNING, signal, { begin: () => {}, item });
    if (!listed.ok) unread.push({ what: resourcePath(kind).split('/').at(-1) ?? kind, why: listed.failure.message });
  }
  const installed: InstalledObject[] = [];
  for (const [kind, path] of Object.entries(INSTALLATION)) {
    const found = await tryItems(connection, path);
    if ('failure' in found) unread.push({ what: path.split('/').at(-1) ?? kind, why: found.failure.message });
    else installed.push(...found.items.filter(isInstallation).map((object) => ({ kind, object })));
  }
  const namespaces = new Set(installed.map(({ object }) => keyOfMetadata(object)?.split('/')[0]));
  const services: V1Service[] = [];
  for (const namespace of namespaces) {
    const found = namespace === undefined ? undefined : await tryItems(connection, resourcePath('Service', namespace));
    if (found !== undefined && 'items' in found) services.push(...(found.items as readonly V1Service[]));
  }
  const named = await tryItems(connection, resourcePath('Secret'), NAMES_ONLY);
  if ('failure' in named) unread.push({ what: 'secrets', why: named.failure.message });
  return {
    snapshot: tables.freeze(emptySnapshot(), KIND_NAMES),
    secrets: 'items' in named ? new Set(named.items.flatMap((each) => keyOfMetadata(each) ?? [])) : undefined,
    installed,
    services,
    unread,
  };
}

/**
 * Adds ConfigMaps to a Snapshot. One that does not exist is left out; one that cannot be read is named in `unread`.
 */
export async function readConfigMaps(
  connection: ApiConnection,
  snapshot: Snapshot,
  keys: ReadonlySet<ObjectKey>,
): Promise<Pick<ClusterSurvey, 'snapshot' | 'unread'>> {
  const unread: { what: string; why: string }[] = [];
  const limit = createConcurrencyLimit(AT_ONCE);
  const tables = createTables();
  for (const [key, object] of snapshot.ConfigMap) tables.set('ConfigMap', key, object);
  await Promise.all(
    [...keys].map(async (key) => {
      const [namespace = '', name = ''] = key.split('/');
      const answer = await limit
        .run(() => connection.request('GET', resourcePath('ConfigMap', namespace, name)))
        .catch((error: unknown) => ({ status: 0, body: failureFrom(error).message }));
      const read = answer.status === 200 ? readItem('ConfigMap', answer.body, DEFAULT_TUNING) : undefined;
      if (read !== undefined) tables.set('ConfigMap', key, read.object);
      else if (answer.status !== 404)
        unread.push({
          what: `ConfigMap ${key}`,
          why: answer.status === 0 ? String(answer.body) : failureOf(answer.status, answer.body).message,
        });
    }),
  );
  return { snapshot: tables.freeze(snapshot, ['ConfigMap']), unread };
}
