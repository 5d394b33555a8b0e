/** The text of one host, and what nginx.conf needs to know of it elsewhere. */
import type { HostPlan, StaticPlan } from '../types/plan.ts';
import type { Template } from './engine.ts';
import type { BlockFacts } from './facts.ts';
import type { RenderOptions } from './options.ts';
import { serverView } from './server-view.ts';
import { rendered } from './verified.ts';
import { errorUpstreams, upstreamNames } from './upstreams.ts';

export interface ServerBlock extends BlockFacts {
  /** A part of the text of its run of blocks, so that it is in memory once. */
  text: string;
  readonly lines: number;
}

export function renderServer(
  template: Template,
  host: HostPlan,
  plan: StaticPlan,
  options: RenderOptions,
): ServerBlock {
  const text = rendered(template, serverView(host, plan, options));
  const exact = host.names.filter((name) => name.kind === 'exact');
  return {
    text,
    lines: countLines(text),
    upstreams: [...new Set([...host.locations.flatMap(upstreamNames), ...errorUpstreams(host)])],
    declarations: host.declarations ?? [],
    names: { count: exact.length, longest: exact.reduce((longest, name) => Math.max(longest, name.text.length), 0) },
  };
}

export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
