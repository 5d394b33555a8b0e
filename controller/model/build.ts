/**
 * Snapshot → Plan + Problems: the only entry point for the loop, admission, the commands and the tests. A build is
 * pure: its result depends only on its input, not on earlier builds.
 */
import { type Fault, Faults } from '../types/fault.ts';
import type { BuildResult, StaticPlan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { finish, type Steps } from '../types/steps.ts';
import { type Change, diff } from '../types/table/diff.ts';
import { backendKey } from './contract/backend-key.ts';
import { completeChains } from './certificates/complete-chains.ts';
import { NO_POOL, readPool } from './certificates/pool.ts';
import { type Entry, type EntryInput, readEntries } from './ingress/entries.ts';
import { type HostGroups, NO_GROUPS, regroup } from './host/groups.ts';
import {
  defaultCertificate,
  type HostCertificates,
  NO_CERTIFICATES,
  noteDefaultCertificate,
} from './host/names/host-certificates.ts';
import type { HostResult } from './host/host-result.ts';
import { type Results, NO_RESULTS, planHosts } from './host/host-results.ts';
import { namedObjects, type NamedObjects } from './contract/last-good.ts';
import { type HeaderConfigMaps, readHeaderConfigMaps } from './settings/header-config-maps.ts';
import { type HostRules, hostRules } from './host/host-rules.ts';
import { inForceOf, type KeySets, keySets, NO_KEY_SETS } from './plan/key-sets.ts';
import { type AllowFromProblems, allowFromProblems, NO_ALLOW_FROM_PROBLEMS } from './features/allow-from-problems.ts';
import { syslogProblems, withSyslogNames } from './settings/log-plan.ts';
import type { BuildOptions } from './contract/options.ts';
import { gatherProblems, problemsOfParts, type SharedProblems } from './plan/problems.ts';
import { withDefault, withSettings } from './plan/referenced-objects.ts';
import { settingsOf } from './settings/settings-of.ts';
import { NOTHING_READ, type ReadOwners, readOwners } from './owners/host-owners.ts';
import { planStatic } from './plan/static-plan.ts';
import { dictionaryMegabytes, liveBytes, nearlyFull } from './plan/shares/fullness.ts';
import { type IngressShares, NO_INGRESS_SHARES, shareOut } from './plan/shares/ingress-shares.ts';
import { NO_TABLE_SHARES, shareTables, type TableShares } from './plan/shares/table-shares.ts';
import { tlsFiles } from './settings/tls-files.ts';
import { type AllStreamFiles, allStreamFiles, NO_FILES } from './streams/passthrough-files.ts';
import { NO_STREAM_SERVICES, type StreamServices, streamServices } from './streams/stream-services.ts';
import { variablesRead } from './settings/variables-read.ts';
import { NO_SUMMARIES, type Summaries, summarizeEntries, summarizeGroups, summarizeHosts } from './plan/summaries.ts';
import { NO_TABLES, retable, type PlanTables } from './plan/tables.ts';

/** The parts of a build that the next build reuses. A Memory is never modified, so builds may overlap. */
interface Memory {
  readonly owned: ReadOwners;
  readonly allowed: AllowFromProblems;
  readonly shares: IngressShares;
  readonly groups: HostGroups;
  readonly rules: HostRules | undefined;
  readonly results: Results;
  readonly fallback: HostCertificates;
  readonly streams: StreamServices;
  readonly streamFiles: AllStreamFiles;
  readonly tables: PlanTables;
  readonly tableShares: TableShares;
  readonly keys: KeySets;
  readonly summaries: Summaries;
  /** The static half of the last Plan. */
  readonly static: StaticPlan | undefined;
}

const NOTHING: Memory = {
  owned: NOTHING_READ,
  allowed: NO_ALLOW_FROM_PROBLEMS,
  shares: NO_INGRESS_SHARES,
  groups: NO_GROUPS,
  rules: undefined,
  results: NO_RESULTS,
  fallback: NO_CERTIFICATES,
  streams: NO_STREAM_SERVICES,
  streamFiles: NO_FILES,
  tables: NO_TABLES,
  tableShares: NO_TABLE_SHARES,
  keys: NO_KEY_SETS,
  summaries: NO_SUMMARIES,
  static: undefined,
};

type Found = { readonly [K in 'defaultBackend' | 'certificates']: Problem[] };

/**
 * How the Problems of a build would differ with another Snapshot. Problems that both builds have may be in both lists.
 */
export interface Preview {
  readonly before: readonly Problem[];
  readonly after: readonly Problem[];
  /** Number of Ingresses of the hosts that would change. */
  readonly ingresses: number;
  /** Exceptions that the other build would throw. */
  readonly faults: readonly Fault[];
}

export interface Builder {
  /**
   * Throws Faults if an exception occurs while the configuration of an Ingress is built; before that, the results of
   * all other Ingresses are remembered.
   */
  (snapshot: Snapshot, options: BuildOptions): Steps<BuildResult>;
  /** What the last build was made from; undefined before the first build. */
  readonly input: () => EntryInput | undefined;
  /**
   * Builds another Snapshot with the options of the last build, starting from that build, and remembers nothing. Only
   * what differs between the two Snapshots is planned and compared, so the cost does not depend on the size of the
   * cluster. Must not be called before the first build.
   */
  readonly preview: (snapshot: Snapshot) => Steps<Preview>;
}

/** Builds one Snapshot after another, and reuses the results that did not change. */
export function createBuilder(): Builder {
  let last = NOTHING;
  function* builder(snapshot: Snapshot, options: BuildOptions): Steps<BuildResult> {
    const before = last;
    const { parts, special, edits, named, loose, texts, faults } = yield* advance(before, snapshot, options);
    const keys = yield* keySets(before.keys, edits);
    const summaries: Summaries = {
      entries: yield* summarizeEntries(parts.shares.entries.table, before.summaries),
      groups: special,
      hosts: yield* summarizeHosts(parts.results.table, before.summaries),
    };
    last = { ...parts, keys, summaries, static: before.static };
    if (faults.length > 0) throw new Faults(faults);
    const result = yield* conclude(last, parts.rules, named, loose, texts);
    last = { ...last, static: result.plan.static };
    return result;
  }
  return Object.assign(builder, {
    input: () => last.shares.asked.input,
    preview: (snapshot: Snapshot) => preview(last, snapshot),
  });
}

/** What a build has found before its result is assembled. */
interface Advanced {
  readonly parts: Omit<Memory, 'keys' | 'summaries' | 'static' | 'rules'> & { readonly rules: HostRules };
  readonly special: Summaries['groups'];
  readonly edits: readonly Change<Entry>[];
  readonly hosts: readonly Change<HostResult>[];
  readonly named: { readonly headers: HeaderConfigMaps; readonly objects: NamedObjects };
  readonly loose: SharedProblems;
  readonly texts: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
}

/** Reads and plans what differs from the build that left `before`. */
function* advance(before: Memory, snapshot: Snapshot, options: BuildOptions): Steps<Advanced> {
  const { settings, problems, texts } = settingsOf(snapshot, options);
  const owned = yield* readOwners(snapshot, options, before.owned);
  const { owners } = owned;
  const allowed = yield* allowFromProblems(snapshot, before.allowed);
  const input: EntryInput = { snapshot, options, settings, owners };
  const entries = yield* readEntries(input, before.shares.asked);
  const edits = [...diff(before.shares.asked.table, entries.table)];
  const shares = yield* shareOut(entries, edits, input, before.shares);
  const served = shares.entries;
  const groups = yield* regroup(before.groups, diff(before.shares.entries.table, served.table));
  const found: Found = { defaultBackend: [], certificates: [] };
  const special = yield* summarizeGroups(groups, before.summaries);
  const objects = namedObjects(options);
  if (owners.inForce !== undefined) objects.inForce(...owners.inForce);
  const headers = readHeaderConfigMaps(settings, snapshot, options, objects);
  const read = variablesRead(settings, headers, before.rules?.read);
  const pool = yield* readPool(input, before.rules?.pool ?? NO_POOL);
  const around = { groups, special: special.map(({ value }) => value).flat(), read, pool };
  const rules = yield* hostRules(input, before.rules, around, found.defaultBackend);
  const results = yield* planHosts(around, rules, before.results, before.rules);
  const fallback = defaultCertificate(input, before.fallback, found.certificates);
  const hosts = [...diff(before.results.table, results.table)];
  const streams = streamServices(snapshot, options, rules.endpoints, before.streams);
  for (const each of streams.inForce) objects.inForce(...each);
  const tables = yield* retable(before.tables, hosts, {
    certificates: [
      ...changeOf('', before.fallback, fallback),
      ...changeOf('streams', before.streams.certificates, streams.certificates),
    ],
    backends: changeOf('streams', before.streams.backends, streams.backends),
  });
  const tableShares = yield* shareTables(tables, input, before.tableShares);
  const streamFiles = yield* allStreamFiles(tables.passthrough.values, streams.files, before.streamFiles);
  return {
    parts: { owned, allowed, shares, groups, rules, results, fallback, streams, streamFiles, tables, tableShares },
    special,
    edits,
    hosts,
    named: { headers, objects },
    loose: {
      settings: [...problems, ...owners.problems, ...allowed.problems, ...streams.problems],
      names: rules.nameProblems,
      ...found,
    },
    texts,
    faults: [...entries.faults, ...shares.faults, ...results.faults],
  };
}

/** The change of something that belongs to no host. */
function changeOf<V>(key: string, before: V, after: V): readonly Change<V>[] {
  return before === after ? [] : [[key, before, after]];
}

/** The Problems that a build of `snapshot` would have in the parts that differ from those of the last build. */
function* preview(before: Memory, snapshot: Snapshot): Steps<Preview> {
  const { shares, rules, tableShares } = before;
  const { input } = shares.asked;
  if (input === undefined || rules === undefined) throw new Error('nothing has been built yet');
  const { parts, hosts, faults } = yield* advance(before, snapshot, input.options);
  const entries = [...diff(shares.entries.table, parts.shares.entries.table)];
  const problemsOf = (side: 1 | 2, { nameProblems }: HostRules, { problems }: TableShares) =>
    problemsOfParts({
      entries: entries.map((each) => each[side]),
      hosts: hosts.map((each) => each[side]),
      loose: [...nameProblems, ...problems],
    });
  return {
    before: problemsOf(1, rules, tableShares),
    after: problemsOf(2, parts.rules, parts.tableShares),
    ingresses: new Set(hosts.flatMap(([, , now]) => now?.group.members ?? [])).size,
    faults,
  };
}

/** Assembles the result of a build. */
function* conclude(
  { tables, shares, tableShares, streams, streamFiles, keys, summaries, static: before }: Memory,
  { settings, snapshot, options, defaultBackend, read, pool }: HostRules,
  { headers, objects }: { readonly headers: HeaderConfigMaps; readonly objects: NamedObjects },
  shared: SharedProblems,
  settingTexts: ReadonlyMap<string, string>,
): Steps<BuildResult> {
  const files = summaries.hosts.flatMap(({ value }) => value.files);
  const ofHosts = summaries.hosts.flatMap(({ value }) => value.externalNames);
  const externalNames = [...new Set([...ofHosts, ...streams.backends.externalNames])].sort();
  const problems = yield* gatherProblems(summaries, shared);
  const tls = tlsFiles(settings, snapshot, options, objects);
  noteDefaultCertificate(snapshot, options, objects);
  const used = liveBytes(shares, tableShares);
  const { bounds } = options;
  const chains = yield* completeChains(tableShares.certificates, options);
  return {
    plan: {
      static: planStatic(
        {
          settings,
          hosts: tables.blocks.values,
          files,
          streams: streams.servers,
          headers,
          tls,
          options,
          read,
          liveMegabytes: dictionaryMegabytes(used, bounds),
        },
        before,
      ),
      live: {
        routes: tables.routes.values,
        backends: tableShares.backends,
        certificates: chains.certificates,
        names: tables.names.values,
        passthrough: tables.passthrough.values,
        settings: {
          httpsPort: options.httpsPort,
          redirectCode: Number(settings['http-redirect-code']),
          forwarded: settings['use-forwarded-headers'],
          ...(defaultBackend !== null && { defaultBackend: backendKey(defaultBackend) }),
          ...(settings['block-user-agents'] !== null && { blockedAgents: settings['block-user-agents'] }),
          ...(settings['block-referers'] !== null && { blockedReferers: settings['block-referers'] }),
          ...(headers.response.length > 0 && { responseHeaders: headers.response }),
        },
      },
      streamFiles: streamFiles.files.values,
      streamPorts: streams.ports,
      settingTexts,
      backendsOfService: tables.backendsOfService,
      mostEndpoints: tableShares.mostEndpoints,
      ingresses: keys.ingresses.set,
      externalNames: withSyslogNames(externalNames, settings),
      secrets: withDefault(keys.secrets.set, options, settings, streams.secrets),
      pooledSecrets: pool.used,
      configMaps: withSettings(keys.configMaps.set, settings),
      inForce: [inForceOf(keys), objects.noted],
    },
    problems: problems.concat(
      pool.problems,
      tableShares.problems,
      nearlyFull(used, shares, bounds),
      headers.problems,
      tls.problems,
      chains.problems,
      syslogProblems(settings, options),
    ),
  };
}

/** Builds everything from a Snapshot, without pauses. No content of a Snapshot makes it throw. */
export function build(snapshot: Snapshot, options: BuildOptions): BuildResult {
  return finish(createBuilder()(snapshot, options));
}
