/** The text of one host, and what nginx.conf needs to know of it elsewhere. */
import type { HostPlan, StaticPlan } from '../types/plan.ts';
import type { Steps } from '../types/steps.ts';
import type { ListTemplate } from './engine.ts';
import type { BlockFacts } from './facts.ts';
import type { RenderOptions } from './options.ts';
import { locationView, serverView } from './server-view.ts';
import { assertVerified, rendered } from './verified.ts';
import { errorUpstreams, upstreamNames } from './upstreams.ts';

export interface ServerBlock extends BlockFacts {
  /** A part of the text of its run of blocks, so that it is in memory once. */
  text: string;
  readonly lines: number;
}

/** Locations that are rendered and verified in one step. */
const STRIDE = 32;

export function* renderServer(
  template: ListTemplate,
  host: HostPlan,
  plan: StaticPlan,
  options: RenderOptions,
): Steps<ServerBlock> {
  const text = yield* renderText(template, host, plan, options);
  const exact = host.names.filter((name) => name.kind === 'exact');
  return {
    text,
    lines: countLines(text),
    upstreams: [...new Set([...host.locations.flatMap(upstreamNames), ...errorUpstreams(host)])],
    declarations: host.declarations ?? [],
    names: { count: exact.length, longest: exact.reduce((longest, name) => Math.max(longest, name.text.length), 0) },
  };
}

/** Each piece is verified by itself: it is whole directives, and so is what stands around it. */
function* renderText(
  { frame, items }: ListTemplate,
  host: HostPlan,
  plan: StaticPlan,
  options: RenderOptions,
): Steps<string> {
  const view = serverView(host, plan, options);
  const viewsOf = (locations: HostPlan['locations']) => locations.map((each) => locationView(each, plan, options));
  const whole = frame(items === undefined ? { ...view, locations: viewsOf(host.locations) } : view);
  assertVerified(whole);
  if (items === undefined) return whole.text;
  const [before = '', after = ''] = whole.texts;
  const pieces = [before];
  for (let at = 0; at < host.locations.length; at += STRIDE) {
    if (at > 0) yield;
    pieces.push(rendered(items, { ...view, locations: viewsOf(host.locations.slice(at, at + STRIDE)) }));
  }
  pieces.push(after);
  return pieces.join('');
}

export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
