/** The entries of one ConfigMap of TCP or UDP services. An invalid entry affects no other entry. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { shown } from '../../types/left-out.ts';
import type { Kept, UseKey } from '../../types/last-good.ts';
import { type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { StreamServer } from '../../types/stream.ts';
import { keptWith } from '../contract/last-good.ts';
import type { BuildOptions, StreamOptions } from '../contract/options.ts';
import { refusedValue } from '../contract/refused-value.ts';
import { ENTRY_EXAMPLES, entryAccepts, parseEntry, portOf, type StreamEntry } from './entry.ts';

type Protocol = StreamServer['protocol'];

/** An entry in force. */
export interface PortEntry extends StreamEntry {
  readonly protocol: Protocol;
  readonly port: number;
  readonly object: ObjectRef;
  /** Value of the entry as it is in force. */
  readonly text: string;
}

export interface ReadPorts {
  /** What the result was made from. */
  readonly source: { readonly configMap: V1ConfigMap | undefined; readonly last: Kept | undefined };
  /** In the order of ports. */
  readonly entries: readonly PortEntry[];
  readonly problems: readonly Problem[];
  readonly inForce: readonly [UseKey, Kept] | undefined;
}

export const NO_PORTS: ReadPorts = {
  source: { configMap: undefined, last: undefined },
  entries: [],
  problems: [],
  inForce: undefined,
};

const FLAGS = { TCP: '--tcp-services-configmap', UDP: '--udp-services-configmap' } as const;
/** Ports for examples; `high` is one that hardly anything uses. */
const PORT_EXAMPLES = { TCP: { usual: 5432, high: 15_432 }, UDP: { usual: 53, high: 15_353 } } as const;
const USE = { TCP: 'tcp-services', UDP: 'udp-services' } as const;

/** `before`: result of the previous build for this protocol. It is returned again if nothing changed. */
export function readPorts(
  protocol: Protocol,
  key: ObjectKey,
  snapshot: Pick<Snapshot, 'ConfigMap'>,
  { streams, lastGood }: Pick<BuildOptions, 'streams' | 'lastGood'>,
  before: ReadPorts,
): ReadPorts {
  const use: UseKey = `${USE[protocol]} ${key}`;
  const [configMap, last] = [snapshot.ConfigMap.get(key), lastGood?.get(use)];
  const source = { configMap, last };
  if (before !== NO_PORTS && before.source.configMap === configMap && before.source.last === last) return before;
  const [namespace = '', name = ''] = key.split('/');
  const object: ObjectRef = { kind: 'ConfigMap', namespace, name };
  if (configMap === undefined) return { ...NO_PORTS, source, problems: [missing(protocol, object)] };
  const installed = streams?.installed === true || Object.keys(configMap.data ?? {}).length === 0;
  if (!installed) return { ...NO_PORTS, source, problems: [notInstalled(protocol, object)] };
  const { entries, problems } = readAll(configMap, last, { protocol, object, reserved: streams?.reserved });
  const data = Object.fromEntries(entries.map(({ port, text }) => [String(port), text]));
  return { source, entries, problems, inForce: [use, keptWith(configMap, data, [last, before.inForce?.[1]])] };
}

function readAll(
  { data = {}, metadata }: V1ConfigMap,
  last: Kept | undefined,
  around: Around,
): Pick<ReadPorts, 'entries' | 'problems'> {
  const good = last?.metadata?.uid === metadata?.uid ? last?.data : undefined;
  const entries: PortEntry[] = [];
  const problems: Problem[] = [];
  for (const [port, text] of Object.entries(data)) {
    const { entry, problem } = readEntry(port, text, good?.[port], around);
    if (entry !== undefined) entries.push(entry);
    if (problem !== undefined) problems.push(problem);
  }
  return {
    entries: entries.sort((a, b) => a.port - b.port),
    problems: problems.sort((a, b) => (a.message < b.message ? -1 : 1)),
  };
}

interface Around {
  readonly protocol: Protocol;
  readonly object: ObjectRef;
  readonly reserved: StreamOptions['reserved'] | undefined;
}

/** `good`: the last good text of the entry. It stays in force while the written one is invalid. */
function readEntry(
  key: string,
  text: string,
  good: string | undefined,
  { protocol, object, reserved }: Around,
): { readonly entry?: PortEntry; readonly problem?: Problem } {
  const invalid = (message: string, example = ENTRY_EXAMPLES[protocol]): { readonly problem: Problem } => ({
    problem: {
      code: 'stream-entry',
      severity: 'error',
      effect: 'ignored-key',
      object,
      field: ['data', key],
      value: shorten(shown(text)),
      message,
      example,
    },
  });
  const port = portOf(key);
  if (port === undefined)
    return invalid(
      `${JSON.stringify(key)} is not a port; the entry is ignored; accepted: numbers from 1 to 65535`,
      `"${PORT_EXAMPLES[protocol].usual}": ${ENTRY_EXAMPLES[protocol]}`,
    );
  const user = reserved?.get(`${protocol} ${port}`);
  if (user !== undefined)
    return invalid(
      `port ${port} is reserved: it is the port of ${user}; the entry is ignored`,
      `"${PORT_EXAMPLES[protocol].high}": ${ENTRY_EXAMPLES[protocol]}`,
    );
  const parsed = parseEntry(text, protocol);
  const made = { protocol, port, object };
  if (parsed.ok) return { entry: { ...made, ...parsed.value, text } };
  const last = good === undefined ? undefined : parseEntry(good, protocol);
  const kept = last?.ok === true && good !== undefined ? { ...made, ...last.value, text: good } : undefined;
  const outcome =
    kept === undefined ? `; ${protocol} port ${port} is not served` : `; its last good value stays in force`;
  return {
    ...invalid(refusedValue(key, parsed.reason, entryAccepts(protocol), outcome)),
    ...(kept !== undefined && { entry: kept }),
  };
}

function missing(protocol: Protocol, object: ObjectRef): Problem {
  return {
    code: 'missing-config-map',
    severity: 'error',
    effect: 'object-ignored',
    object,
    message: `the ConfigMap, which ${FLAGS[protocol]} names, does not exist; no ${protocol} port is served`,
  };
}

function notInstalled(protocol: Protocol, object: ObjectRef): Problem {
  return {
    code: 'missing-module',
    severity: 'error',
    effect: 'object-ignored',
    object,
    message:
      `NGINX's stream modules are not installed; no ${protocol} port is served. As root: apt-get install ` +
      '--no-install-recommends libnginx-mod-stream libnginx-mod-stream-js',
  };
}
