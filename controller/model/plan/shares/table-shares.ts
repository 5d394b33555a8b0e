/**
 * Limits each namespace to its share of the live data for certificates and endpoints. Beyond the share, only the oldest
 * Secrets of the namespace are used, and the number of endpoints of its large Services is limited. This is decided on
 * the merged tables of all hosts, so that each object is counted once.
 */
import type { LiveBackend, LiveCertificate } from '../../../types/live.ts';
import type { Problem } from '../../../types/problem.ts';
import { namespaceOf } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import { diff } from '../../../types/table/diff.ts';
import { draftOf, type Table } from '../../../types/table/table.ts';
import { BOUNDS } from '../../contract/bounds.ts';
import { readableBytes } from './format-bytes.ts';
import type { EntryInput } from '../../ingress/entries.ts';
import { createdAt } from '../../contract/object-ref.ts';
import { NO_TABLES, type PlanTables } from '../tables.ts';
import { DEFAULT_CERTIFICATE } from '../../certificates/tls.ts';
import { capacityOf } from './capacity.ts';
import { beyond, levelOf } from './level.ts';
import { changed, NO_USES, over, type Uses } from './uses.ts';

export interface TableShares {
  /** The tables before anything was cut. */
  readonly asked: Pick<PlanTables, 'backends' | 'certificates'>;
  readonly uses: { readonly backends: Uses; readonly certificates: Uses };
  /** The backends that are served, with at most `mostEndpoints` endpoints. */
  readonly backends: Table<LiveBackend>;
  /** The certificates that are served. */
  readonly certificates: Table<LiveCertificate>;
  /** Namespace → maximum number of endpoints of each of its Service ports; namespaces without a cut are absent. */
  readonly mostEndpoints: ReadonlyMap<string, number>;
  readonly problems: readonly Problem[];
}

export const NO_TABLE_SHARES: TableShares = {
  asked: NO_TABLES,
  uses: { backends: NO_USES, certificates: NO_USES },
  backends: NO_TABLES.backends.values,
  certificates: NO_TABLES.certificates.values,
  mostEndpoints: new Map(),
  problems: [],
};

/** Large entries of a shared dictionary of NGINX occupy whole pages of this size. */
const PAGE = 4096;
/** Estimated bytes of an entry besides its text or endpoints. */
const ENTRY = 256;
/** Bytes of an endpoint in JSON: an IPv6 address of full length, a port and a weight. */
const ENDPOINT = 64;

function bytesOfCertificate(key: string, { chain, key: secret }: LiveCertificate): number {
  // A line feed takes two characters in JSON; PEM has one after every 64 characters, so this estimate is generous.
  const text = chain.length + secret.length + (chain.length + secret.length) / 32;
  return key === DEFAULT_CERTIFICATE ? 0 : Math.ceil((ENTRY + text) / PAGE) * PAGE;
}

/** Backends outside the cluster, whose keys start with a hyphen, belong to no namespace. */
function bytesOfBackend(key: string, { endpoints }: LiveBackend): number {
  return key.startsWith('-') ? 0 : ENTRY + ENDPOINT * endpoints.length;
}

export function* shareTables(tables: PlanTables, input: EntryInput, before: TableShares): Steps<TableShares> {
  const asked = { backends: tables.backends, certificates: tables.certificates };
  const [were, are] = [before.asked, asked];
  const uses = {
    backends: yield* changed(
      before.uses.backends,
      changesOf(were.backends.values, are.backends.values, bytesOfBackend),
    ),
    certificates: yield* changed(
      before.uses.certificates,
      changesOf(were.certificates.values, are.certificates.values, bytesOfCertificate),
    ),
  };
  yield;
  const backends = yield* cutBackends(are.backends.values, uses.backends, input);
  const certificates = yield* cutCertificates(are.certificates.values, uses.certificates, input);
  return {
    asked,
    uses,
    backends: backends.values,
    certificates: certificates.values,
    mostEndpoints: backends.most,
    problems: [...backends.problems, ...certificates.problems],
  };
}

function* changesOf<V>(
  before: Table<V>,
  after: Table<V>,
  bytesOf: (key: string, value: V) => number,
): Iterable<readonly [string, number]> {
  const bytes = (key: string, value: V | undefined): number => (value === undefined ? 0 : bytesOf(key, value));
  for (const [key, was, now] of diff(before, after)) yield [key, bytes(key, now) - bytes(key, was)];
}

interface Cut<V> {
  readonly values: Table<V>;
  readonly problems: readonly Problem[];
}

function* cutCertificates(
  values: Table<LiveCertificate>,
  uses: Uses,
  { snapshot, options }: EntryInput,
): Steps<Cut<LiveCertificate>> {
  const { all, share, flags } = capacityOf('certificates', options.bounds);
  const most = levelOf([...uses.values()], share, all);
  const greedy = over(uses, most);
  if (greedy.size === 0) return { values, problems: [] };
  const draft = draftOf(values);
  const problems: Problem[] = [];
  for (const [namespace, keys] of yield* keysOf(values, greedy)) {
    const aged = keys
      .map((key) => ({ key, at: createdAt(snapshot.Secret.get(key) ?? {}), bytes: sizeIn(values, key) }))
      .sort((a, b) => a.at - b.at || (a.key < b.key ? 1 : -1));
    for (const { key, bytes } of beyond(aged, (each) => each.bytes, most)) {
      draft.set(key, undefined);
      problems.push({
        code: 'namespace-share-exceeded',
        severity: 'error',
        effect: 'default-certificate',
        object: { kind: 'Secret', namespace, name: key.slice(namespace.length + 1) },
        message:
          `the namespace asks for more than its share for certificates, ${readableBytes(share)} (${flags}); its ` +
          `oldest Secrets are used, and hosts of this one, which takes ${readableBytes(bytes)}, get the default ` +
          'certificate',
      });
    }
    yield;
  }
  return { values: yield* draft.freeze(), problems: sorted(problems) };
}

function sizeIn(values: Table<LiveCertificate>, key: string): number {
  const value = values.get(key);
  return value === undefined ? 0 : bytesOfCertificate(key, value);
}

function* cutBackends(
  values: Table<LiveBackend>,
  uses: Uses,
  { options }: EntryInput,
): Steps<Cut<LiveBackend> & { readonly most: ReadonlyMap<string, number> }> {
  const { all, share, flags } = capacityOf('endpoints', options.bounds);
  const bytes = levelOf([...uses.values()], share, all);
  const greedy = over(uses, bytes);
  const most = new Map<string, number>();
  if (greedy.size === 0) return { values, problems: [], most };
  const draft = draftOf(values);
  const problems: Problem[] = [];
  for (const [namespace, keys] of yield* keysOf(values, greedy)) {
    const counts = keys.map((key) => values.get(key)?.endpoints.length ?? 0);
    const level = levelOf(counts, Infinity, Math.max(0, Math.floor((bytes - ENTRY * keys.length) / ENDPOINT)));
    most.set(namespace, level);
    for (const key of keys) {
      const backend = values.get(key);
      if (backend !== undefined) draft.set(key, atMost(backend, level));
    }
    problems.push({
      code: 'namespace-share-exceeded',
      severity: 'error',
      effect: 'none',
      object: { kind: 'Namespace', namespace: '', name: namespace },
      message:
        `the namespace's Services have more endpoints than fit into its share, ${readableBytes(share)} (${flags}); ` +
        `each Service port gets at most ${level}: ${BOUNDS.serviceEndpoints.beyond}`,
    });
    yield;
  }
  return { values: yield* draft.freeze(), problems: sorted(problems), most };
}

const shortened = new WeakMap<LiveBackend, LiveBackend>();

/** A backend with at most `most` endpoints. The last result for a backend is remembered and returned again. */
export function atMost(backend: LiveBackend, most: number | undefined): LiveBackend {
  if (most === undefined || backend.endpoints.length <= most) return backend;
  const known = shortened.get(backend);
  if (known?.endpoints.length === most) return known;
  const cut = { ...backend, endpoints: backend.endpoints.slice(0, most) };
  shortened.set(backend, cut);
  return cut;
}

/** Namespace → its keys in a table, for these namespaces. */
function* keysOf<V>(values: Table<V>, namespaces: ReadonlySet<string>): Steps<ReadonlyMap<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const leaf of values.leaves()) {
    for (const key of leaf.keys) {
      const namespace = namespaceOf(key);
      if (!namespaces.has(namespace)) continue;
      const keys = found.get(namespace) ?? [];
      found.set(namespace, keys);
      keys.push(key);
    }
    yield;
  }
  return found;
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  const name = ({ object }: Problem): string => `${object?.namespace}/${object?.name}`;
  return problems.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}
