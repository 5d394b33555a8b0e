/** The server block of one host: its text, and facts that the rest of nginx.conf depends on. */
import { createHash } from 'node:crypto';
import type { ConfBlock } from '../types/artifact.ts';
import { countLines } from '../types/count-lines.ts';
import type { HostPlan, StaticPlan } from '../types/plan.ts';
import type { Steps } from '../types/steps.ts';
import type { ListTemplate, Rendered } from './engine.ts';
import type { BlockFacts } from './facts.ts';
import type { RenderOptions } from './options.ts';
import { locationView, serverView } from './server-view.ts';
import { assertVerified, rendered } from './verified.ts';
import { errorUpstreams, upstreamNames } from './upstreams.ts';

export interface ServerBlock extends BlockFacts, ConfBlock {
  /**
   * After the block was put into a run, this is a substring of the text of the run, so that the text is in memory only
   * once.
   */
  text: string;
  /** Hash of the text without comments that name objects; the checksum of the conf is computed from it. */
  readonly digest: string;
}

/** The number of locations that are rendered and verified in one step. */
const STRIDE = 32;

export function* renderServer(
  template: ListTemplate,
  host: HostPlan,
  plan: StaticPlan,
  options: RenderOptions,
): Steps<ServerBlock> {
  const { text, bare } = yield* renderText(template, host, plan, options);
  const exact = host.names.filter((name) => name.kind === 'exact');
  return {
    text,
    lines: countLines(text),
    isDefault: host.isDefault,
    digest: yield* digestOf(bare),
    upstreams: [...new Set([...host.locations.flatMap(upstreamNames), ...errorUpstreams(host)])],
    declarations: host.declarations ?? [],
    names: { count: exact.length, longest: exact.reduce((longest, name) => Math.max(longest, name.text.length), 0) },
  };
}

/**
 * Renders the text in pieces. Each piece, like the text around the list, consists of complete directives, so it can be
 * verified separately.
 */
function* renderText(
  { frame, items }: ListTemplate,
  host: HostPlan,
  plan: StaticPlan,
  options: RenderOptions,
): Steps<Pick<Rendered, 'text' | 'bare'>> {
  const view = serverView(host, plan, options);
  const viewsOf = (locations: HostPlan['locations']) =>
    locations.map((each) => locationView(each, host, plan, options));
  const whole = frame(items === undefined ? { ...view, locations: viewsOf(host.locations) } : view);
  assertVerified(whole);
  if (items === undefined) return whole;
  const [before = '', after = ''] = whole.texts;
  const texts = [before];
  const bare = [whole.bare];
  for (let at = 0; at < host.locations.length; at += STRIDE) {
    if (at > 0) yield;
    const some = rendered(items, { ...view, locations: viewsOf(host.locations.slice(at, at + STRIDE)) });
    texts.push(some.text);
    bare.push(some.bare);
  }
  texts.push(after);
  return { text: texts.join(''), bare: bare.join('') };
}

/** The number of characters that are hashed in one step. */
const PIECE = 256 * 1024;

function* digestOf(text: string): Steps<string> {
  const sum = createHash('sha256');
  for (let from = 0; from < text.length; from += PIECE) {
    if (from > 0) yield;
    sum.update(text.slice(from, from + PIECE));
  }
  return sum.digest('base64');
}
