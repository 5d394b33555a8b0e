/** TCP and UDP services: entries of two ConfigMaps → ports of the stream block, backends, certificates, Problems. */
import { word } from '../../types/conf-value.ts';
import type { LiveCertificate } from '../../types/live.ts';
import type { Kept, UseKey } from '../../types/last-good.ts';
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { NO_STREAM_FILES, type StreamFile, type StreamFiles, type StreamServer } from '../../types/stream.ts';
import { backendKey } from '../contract/backend-key.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { EndpointRules } from '../host/backends/endpoint-rules.ts';
import { type HostBackend, type HostBackends, resolveWith } from '../host/backends/host-backends.ts';
import { type HostCertificates, NO_CERTIFICATES } from '../host/names/host-certificates.ts';
import { NO_PORTS, type PortEntry, type ReadPorts, readPorts } from './read-ports.ts';
import { certificateProblems, portProblems, servedFor, serviceProblems } from './stream-problems.ts';

const NO_BACKENDS: HostBackends = { list: [], lacks: [], externalNames: [] };

export interface StreamServices {
  readonly read: { readonly tcp: ReadPorts; readonly udp: ReadPorts };
  /** The value of BuildOptions that the servers depend on. */
  readonly usable: BuildOptions['streamPorts'];
  readonly servers: readonly StreamServer[];
  /** `TCP 5432`, `UDP 53`: the ports of all entries. */
  readonly ports: readonly string[];
  readonly files: StreamFiles;
  readonly backends: HostBackends;
  readonly certificates: HostCertificates;
  /** `namespace/name` of the Secrets that entries name. */
  readonly secrets: readonly ObjectKey[];
  readonly problems: readonly Problem[];
  readonly inForce: readonly (readonly [UseKey, Kept])[];
}

export const NO_STREAM_SERVICES: StreamServices = {
  read: { tcp: NO_PORTS, udp: NO_PORTS },
  usable: undefined,
  servers: [],
  ports: [],
  files: NO_STREAM_FILES,
  backends: NO_BACKENDS,
  certificates: NO_CERTIFICATES,
  secrets: [],
  problems: [],
  inForce: [],
};

/** The Secrets that the entries in a Snapshot name. */
export function streamSecrets(snapshot: Snapshot, options: BuildOptions): readonly ObjectKey[] {
  return options.streams === undefined
    ? []
    : secretsOf(entriesOf(readBoth(snapshot, options, NO_STREAM_SERVICES.read)));
}

/** `before`: result of the previous build. What did not change is the same object again. */
export function streamServices(
  snapshot: Snapshot,
  options: BuildOptions,
  rules: EndpointRules,
  before: StreamServices,
): StreamServices {
  if (options.streams === undefined) return NO_STREAM_SERVICES;
  const read = readBoth(snapshot, options, before.read);
  const { streamPorts: usable } = options;
  const same = read.tcp === before.read.tcp && read.udp === before.read.udp && usable === before.usable;
  const entries = entriesOf(read);
  const resolved = entries.map(({ backend: ref }): HostBackend => {
    return { key: backendKey(ref), ref, resolved: resolveWith(options, rules, ref, snapshot) };
  });
  const served = entries.map((entry) => servedFor(entry, snapshot, options));
  return {
    ...(same ? before : readAnew(entries, read, usable)),
    read,
    usable,
    backends: sameBackends(before.backends, resolved),
    certificates: sameCertificates(
      before.certificates,
      entries.flatMap(({ secret }, index) => {
        const found = served[index];
        return secret === null || found === undefined || !('certificate' in found)
          ? []
          : [[secret, found.certificate] as const];
      }),
    ),
    problems: [
      ...read.tcp.problems,
      ...read.udp.problems,
      ...entries.flatMap((entry) => portProblems(entry, usable?.get(portName(entry)))),
      ...entries.flatMap((entry, index) => serviceProblems(entry, resolved[index]?.resolved)),
      ...entries.flatMap((entry, index) => certificateProblems(entry, served[index], options)),
    ],
  };
}

/** What depends only on the entries and on the usable ports. */
function readAnew(
  entries: readonly PortEntry[],
  read: StreamServices['read'],
  usable: StreamServices['usable'],
): Pick<StreamServices, 'servers' | 'ports' | 'files' | 'secrets' | 'inForce'> {
  const open = entries.filter((entry) => usable === undefined || usable.get(portName(entry)) === '');
  return {
    servers: open.map(serverOf),
    ports: entries.map(portName),
    files: filesOf(open),
    secrets: secretsOf(entries),
    inForce: kept(read),
  };
}

function portName({ protocol, port }: PortEntry): string {
  return `${protocol} ${port}`;
}

function readBoth(snapshot: Snapshot, options: BuildOptions, before: StreamServices['read']): StreamServices['read'] {
  const { tcp = null, udp = null } = options.streams ?? {};
  return {
    tcp: tcp === null ? NO_PORTS : readPorts('TCP', tcp, snapshot, options, before.tcp),
    udp: udp === null ? NO_PORTS : readPorts('UDP', udp, snapshot, options, before.udp),
  };
}

function entriesOf({ tcp, udp }: StreamServices['read']): readonly PortEntry[] {
  return [...tcp.entries, ...udp.entries];
}

function secretsOf(entries: readonly PortEntry[]): readonly ObjectKey[] {
  return [...new Set(entries.flatMap(({ secret }) => secret ?? []))];
}

function kept({ tcp, udp }: StreamServices['read']): StreamServices['inForce'] {
  return [tcp.inForce, udp.inForce].filter((each) => each !== undefined);
}

/** Name of the file with the endpoints: two entries share it only if they choose endpoints in the same way. */
export function endpointsFile(key: string, bySource: boolean): string {
  return `e${fingerprint(`${key} ${bySource}`)}`;
}

export function certificateFile(secret: ObjectKey): string {
  return `c${fingerprint(secret)}`;
}

function serviceName({ backend: { namespace, service, port } }: PortEntry): string {
  return `${namespace}/${service}:${port}`;
}

function serverOf(entry: PortEntry): StreamServer {
  const { protocol, port, proxyIn, proxyOut, backend, bySource, secret } = entry;
  return {
    protocol,
    port,
    proxyIn,
    proxyOut,
    endpoints: endpointsFile(backendKey(backend), bySource),
    certificate: secret === null ? null : certificateFile(secret),
    service: serviceName(entry),
    upstreamName: word(`${protocol.toLowerCase()}-${backend.namespace}-${backend.service}-${backend.port}`),
  };
}

function filesOf(entries: readonly PortEntry[]): StreamFiles {
  const files = new Map<string, StreamFile>();
  for (const entry of entries) {
    const { backend, bySource, secret } = entry;
    const key = backendKey(backend);
    files.set(endpointsFile(key, bySource), {
      kind: 'endpoints',
      key: `b:${key}`,
      service: serviceName(entry),
      bySource,
    });
    if (secret !== null) files.set(certificateFile(secret), { kind: 'certificate', key: `c:${secret}` });
  }
  return files;
}

function sameBackends(before: HostBackends, resolved: readonly HostBackend[]): HostBackends {
  const list = [...new Map(resolved.map((each) => [each.key, each])).values()];
  const { length } = before.list;
  const isSame = ({ key, resolved: now }: HostBackend, at: number): boolean =>
    before.list[at]?.key === key && before.list[at].resolved === now;
  if (list.length === length && list.every(isSame)) return before;
  const externalNames = [...new Set(list.flatMap(({ resolved: { externalName } }) => externalName ?? []))];
  return { list, lacks: [], externalNames };
}

function sameCertificates(
  before: HostCertificates,
  found: readonly (readonly [ObjectKey, LiveCertificate])[],
): HostCertificates {
  const certificates = [...new Map(found)];
  const was = before.certificates;
  const isSame = certificates.every(([key, value], at) => was[at]?.[0] === key && was[at][1] === value);
  return certificates.length === was.length && isSame ? before : { certificates, names: [] };
}
