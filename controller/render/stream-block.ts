/** Renders and verifies the stream block, which nginx.conf has only if something needs it. */
import type { StaticPlan } from '../types/plan.ts';
import type { StreamPlan } from '../types/stream.ts';
import { compile, Fragment, type Rendered } from './engine.ts';
import type { RenderOptions } from './options.ts';
import { streamView } from './stream-view.ts';
import { assertVerified, sameRendered } from './verified.ts';

export interface StreamBlock {
  readonly plan: Pick<StaticPlan, 'streams' | 'listen'> | undefined;
  readonly rendered: Rendered | undefined;
  /** Null: there is no stream block. */
  readonly text: Fragment | null;
  /** The text without comments that name objects; the checksum of the conf is computed from it. */
  readonly bare: string;
}

export const NO_STREAMS: StreamBlock = { plan: undefined, rendered: undefined, text: null, bare: '' };

/** Returns a function that renders the block of a Plan. It returns `before` itself if the block is unchanged. */
export function createStreamBlock(
  source: string | undefined,
  options: RenderOptions,
): (plan: StaticPlan, before: StreamBlock) => StreamBlock {
  const template = source === undefined ? undefined : compile(source);

  function render(streams: StreamPlan, plan: StaticPlan, before: StreamBlock): StreamBlock {
    if (template === undefined) throw new TypeError('a Plan with TCP or UDP services needs templates/stream.hbs');
    const rendered = template(streamView(streams, plan, options));
    if (before.rendered !== undefined && sameRendered(before.rendered, rendered)) return before;
    assertVerified(rendered);
    return { plan, rendered, text: new Fragment(rendered.text.trim()), bare: rendered.bare };
  }

  return (plan, before) => {
    const { streams } = plan;
    if (streams === null) return NO_STREAMS;
    return before.plan?.streams === streams && before.plan.listen === plan.listen
      ? before
      : render(streams, plan, before);
  };
}
