/** The files that njs reads for TLS connections and for TCP and UDP services (nginx/stream/README.md). */
import type { LivePassthrough } from '../../types/live.ts';
import type { LiveSources } from '../../types/live-sources.ts';
import type { Steps } from '../../types/steps.ts';
import { serverNameFile, type StreamFile, type StreamFiles } from '../../types/stream.ts';
import { emptyTally, recount, type Tally } from '../../types/table/derive.ts';
import { type Change, diff } from '../../types/table/diff.ts';
import { emptyTable, type Table } from '../../types/table/table.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import { endpointsFile } from './stream-services.ts';

export interface AllStreamFiles {
  /** What the files were made from. */
  readonly names: Table<LivePassthrough>;
  readonly services: StreamFiles;
  readonly files: Tally<StreamFile>;
}

export const NO_FILES: AllStreamFiles = { names: emptyTable(), services: new Map(), files: emptyTally() };

/** `names`: server name → what happens to TLS connections for it. `services`: the files of TCP and UDP services. */
export function* allStreamFiles(
  names: Table<LivePassthrough>,
  services: StreamFiles,
  before: AllStreamFiles,
): Steps<AllStreamFiles> {
  if (before.names === names && before.services === services) return before;
  const changed: readonly Change<StreamFiles>[] =
    before.services === services ? [] : [['services', before.services, services]];
  const ofServices = yield* recount(before.files, changed, (files) => files);
  const known = ofServices.values;
  const files = yield* recount(ofServices, named(diff(before.names, names)), ([name, passed]) =>
    filesOf(name, passed, known),
  );
  return { names, services, files };
}

/** Each change with the name, which `recount` does not pass on. */
function* named(changes: Iterable<Change<LivePassthrough>>): Iterable<Change<readonly [string, LivePassthrough]>> {
  for (const [name, was, now] of changes)
    yield [name, was === undefined ? undefined : [name, was], now === undefined ? undefined : [name, now]];
}

function* filesOf(
  name: string,
  passed: LivePassthrough,
  known: Table<StreamFile>,
): Iterable<readonly [string, StreamFile]> {
  if (typeof passed === 'string') {
    yield [serverNameFile(name), { kind: 'text', text: passed }];
    return;
  }
  const { backend, sources = [] } = passed;
  const endpoints = endpointsFile(backend, false);
  const lists = sources.map(sourcesFile);
  const text = [endpoints, ...lists.map(([file]) => file)].join(' ');
  yield [serverNameFile(name), { kind: 'text', text, key: `b:${backend}` }];
  yield* lists;
  // The same object for all names, because a new object would be written again.
  yield [endpoints, known.get(endpoints) ?? endpointsOf(backend)];
}

/** Remembered for each table, because hosts share those of the ConfigMap. */
const sourcesFiles = new WeakMap<LiveSources, readonly [string, StreamFile]>();

/** The file of an access list. Its name depends on its content, so it never changes. */
function sourcesFile(sources: LiveSources): readonly [string, StreamFile] {
  const before = sourcesFiles.get(sources);
  if (before !== undefined) return before;
  const text = `${sources.ipv4}\n${sources.ipv6}`;
  const now = [`a${fingerprint(text)}`, { kind: 'text', text }] as const;
  sourcesFiles.set(sources, now);
  return now;
}

function endpointsOf(backend: string): StreamFile {
  const [namespace, service, port] = backend.split('/');
  return { kind: 'endpoints', key: `b:${backend}`, service: `${namespace}/${service}:${port}`, bySource: false };
}
