/**
 * The files with the endpoints of a Service port, for njs (nginx/stream/README.md). Endpoints with the same port form
 * groups. NGINX gets the addresses of a group as the answer to a DNS question, so a group has as many as fit into it.
 */
import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { addressText } from '../types/addresses.ts';
import type { LiveBackend } from '../types/live.ts';
import type { StreamFile } from '../types/stream.ts';

type Endpoint = LiveBackend['endpoints'][number];

export interface EndpointFiles {
  /** Content of the file that is read for each connection. */
  readonly head: string;
  /** Name of a file with the addresses of a group → its content. Each revision of the endpoints has new files. */
  readonly groups: ReadonlyMap<string, string>;
}

/** An answer has at most 4,096 bytes, of which an IPv6 address takes 28. */
const MOST_IN_GROUP = 128;

/** `name`: name of the head file; `revision`: a number ≥ 0, different for each list of endpoints of this file. */
export function endpointFiles(
  name: string,
  { service, bySource }: Pick<Extract<StreamFile, { kind: 'endpoints' }>, 'service' | 'bySource'>,
  { endpoints }: LiveBackend,
  revision: number,
): EndpointFiles {
  const total = endpoints.length;
  const head = { service, revision, total };
  if (bySource && total > 0) return bySources(name, endpoints, head);
  const groups = new Map<string, string>();
  const targets = grouped(endpoints).map((group, index) => {
    const [[address, port] = ['', 0]] = group;
    if (group.length === 1) return [addressText(address, port), 1];
    groups.set(`${name}.${revision}-${index}`, group.map(digitsOf).join('\n'));
    return [`${revision}-${index}.${name}.tidegate:${port}`, group.length];
  });
  return { head: JSON.stringify({ ...head, groups: targets }), groups };
}

/** njs looks at every endpoint of a list for each connection. */
const MOST_SOURCES = 64;

/**
 * Endpoints for affinity by source address: one list or, if there are many endpoints, a power of two of lists. The
 * number of an endpoint decides its list, so an endpoint that leaves does not move others.
 */
function bySources(
  name: string,
  endpoints: readonly Endpoint[],
  head: { readonly service: string; readonly revision: number; readonly total: number },
): EndpointFiles {
  const sources = endpoints.map(sourceOf);
  if (sources.length <= MOST_SOURCES) return { head: JSON.stringify({ ...head, sources }), groups: new Map() };
  const count = 2 ** Math.ceil(Math.log2(sources.length / MOST_SOURCES));
  const lists = Map.groupBy(sources, ([, number]) => number % count);
  const files = Array.from({ length: count }, (_, index) => {
    return [`${name}.${head.revision}-s${index}`, JSON.stringify(lists.get(index) ?? [])] as const;
  });
  return { head: JSON.stringify({ ...head, sources: count }), groups: new Map(files) };
}

function sourceOf([address, port]: Endpoint): readonly [string, number] {
  const literal = addressText(address, port);
  return [literal, Number.parseInt(hash('sha256', literal, 'hex').slice(0, 8), 16)];
}

function grouped(endpoints: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  const byPort = Map.groupBy(endpoints, ([, port]) => port);
  return [...byPort.values()].flatMap((all) => {
    const parts = Math.ceil(all.length / MOST_IN_GROUP);
    const size = Math.ceil(all.length / parts);
    return Array.from({ length: parts }, (_, index) => all.slice(index * size, (index + 1) * size));
  });
}

function digitsOf([address]: Endpoint): string {
  return Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex');
}
