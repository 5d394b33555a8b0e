/** Finds the Ingresses to which a line of nginx.conf belongs, and the server block of a host. */
import type { Artifact, OwnedSection } from '../types/artifact.ts';
import { countLines } from '../types/count-lines.ts';
import type { HostPlan } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';
import type { ServerRun } from './server-runs.ts';

/** A comment at the level of locations; it belongs to the location that follows. */
const COMMENT = /^ {8}#/;
const CLOSING = /^ {8}\}/;
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
  while (start > 0 && !LOCATION.test(lines[start] ?? '') && !CLOSING.test(lines[start] ?? '')) start -= 1;
  const route = LOCATION.test(lines[start] ?? '') ? ROUTE.exec(lines[start + 1] ?? '')?.[1] : undefined;
  const location = host?.locations.find((each) => each.routeId === route);
  return location?.owner === undefined ? (host?.owners ?? []) : [location.owner];
}

/** The sections of a server block's text that belong to one Ingress: its locations, with the comments before them. */
export function sectionsOf({ locations }: HostPlan, block: string): readonly OwnedSection[] {
  const owners = new Map(locations.map(({ routeId, owner }) => [routeId, owner]));
  const lines = block.split('\n');
  const sections: OwnedSection[] = [];
  let comment: number | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const isComment = COMMENT.test(line);
    if (isComment) comment ??= at;
    const owner = LOCATION.test(line) ? owners.get(ROUTE.exec(lines[at + 1] ?? '')?.[1] ?? '') : undefined;
    if (owner !== undefined) {
      const from = comment ?? at;
      while (at < lines.length - 1 && !CLOSING.test(lines[at] ?? '')) at += 1;
      sections.push({ from: from + 1, to: at + 1, owner });
    }
    if (!isComment) comment = undefined;
  }
  return sections;
}
