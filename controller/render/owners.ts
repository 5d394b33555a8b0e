/** Finds the Ingresses to which a line of nginx.conf belongs, and the server block of a host. */
import type { Artifact } from '../types/artifact.ts';
import type { HostPlan } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';
import { countLines } from './server-block.ts';
import type { ServerRun } from './server-runs.ts';

const LOCATION = /^ {8}location /;
const ROUTE = /^ {12}set \$tidegate_route ([0-9a-f]{16});/;

/**
 * Returns a function that maps a line of the conf to the Ingress of its location or, for a line outside all locations,
 * to all Ingresses of its server block. `before` is the text before the blocks.
 */
export function ownersOfLine(
  before: string,
  hosts: { values(): Iterable<HostPlan> },
  runs: readonly ServerRun[],
): Artifact['ownersOfLine'] {
  return (line) => {
    let first = countLines(before) + 1;
    const [blocks, plans] = [runs.flatMap((run) => run.blocks), [...hosts.values()]];
    for (const [index, { text, lines }] of blocks.entries()) {
      if (line >= first && line < first + lines) return ownersInBlock(text.split('\n'), line - first, plans[index]);
      first += lines;
    }
    return [];
  };
}

/** Returns a function that maps a host of the Plan to the text of its server block. */
export function serverBlock(
  hosts: { values(): Iterable<HostPlan> },
  runs: readonly ServerRun[],
): Artifact['serverBlock'] {
  return (host) => {
    let index = [...hosts.values()].indexOf(host);
    for (const { blocks } of runs) {
      if (index < blocks.length) return blocks[index]?.text;
      index -= blocks.length;
    }
    return undefined;
  };
}

/** `at` is the number of the line within the block, counted from 0. */
function ownersInBlock(lines: readonly string[], at: number, host: HostPlan | undefined): readonly ObjectRef[] {
  let start = at;
  while (start > 0 && !LOCATION.test(lines[start] ?? '') && !/^ {8}\}/.test(lines[start] ?? '')) start -= 1;
  const route = LOCATION.test(lines[start] ?? '') ? ROUTE.exec(lines[start + 1] ?? '')?.[1] : undefined;
  const location = host?.locations.find((each) => each.routeId === route);
  return location?.owner === undefined ? (host?.owners ?? []) : [location.owner];
}
