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
  if (bySource && total > 0)
    return { head: JSON.stringify({ ...head, sources: endpoints.map(sourceOf) }), groups: new Map() };
  const groups = new Map<string, string>();
  const targets = grouped(endpoints).map((group, index) => {
    const [[address, port] = ['', 0]] = group;
    if (group.length === 1) return [addressText(address, port), 1];
    groups.set(`${name}.${revision}-${index}`, group.map(digitsOf).join('\n'));
    return [`${revision}-${index}.${name}.tidegate:${port}`, group.length];
  });
  return { head: JSON.stringify({ ...head, groups: targets }), groups };
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
