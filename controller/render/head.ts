/**
 * The parts of nginx.conf before and after the server blocks. They are rendered and verified without the blocks,
 * because each of up to 10,000 blocks is verified separately.
 */
import type { StaticPlan } from '../types/plan.ts';
import { confView, type Fragments } from './conf-view.ts';
import { Fragment, type Rendered, type Template } from './engine.ts';
import type { RenderOptions } from './options.ts';
import { assertVerified, sameRendered } from './verified.ts';
import type { ConfFacts } from './facts.ts';

/** The text before and after the server blocks. */
export interface Head {
  readonly before: string;
  readonly after: string;
}

/**
 * Marks where the server blocks will be inserted. Values cannot contain this character: ConfValues reject control
 * characters.
 */
const GAP = '\u0000';

const NOTHING: Fragments = { declarations: null, streams: null, servers: new Fragment('') };

/** Written instead of the checksum while the checksum is being computed. */
export const NO_CHECKSUM = '0'.repeat(16);

export interface HeadRenderer {
  /** The verified text without checksum, declarations, stream block and server blocks. */
  readonly plain: (plan: StaticPlan, facts: ConfFacts) => string;
  /** The text with the checksum, the declarations and the stream block. */
  readonly stamped: (
    plan: StaticPlan,
    facts: ConfFacts,
    inserted: Pick<Fragments, 'declarations' | 'streams'>,
    checksum: string,
  ) => Head;
}

export function createHead(template: Template, options: RenderOptions): HeadRenderer {
  let verified: Rendered | undefined;
  return {
    plain: (plan, facts) => {
      const head = template(confView(plan, NOTHING, NO_CHECKSUM, facts, options));
      if (verified === undefined || !sameRendered(verified, head)) assertVerified(head);
      verified = head;
      return head.text;
    },
    stamped: (plan, facts, inserted, checksum) => {
      const fragments: Fragments = { ...inserted, servers: new Fragment(GAP) };
      const { text } = template(confView(plan, fragments, checksum, facts, options));
      const [before, after, more] = text.split(GAP);
      if (before === undefined || after === undefined || more !== undefined)
        throw new SyntaxError('nginx.conf.hbs must contain {{servers}} exactly once');
      return { before, after };
    },
  };
}
