/**
 * nginx.conf around its server blocks. It is rendered and verified without them, as 10,000 blocks are verified one by
 * one.
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

/** Marks the place of the server blocks. No value can contain it: ConfValues reject control characters. */
const GAP = '\u0000';

const NOTHING: Fragments = { declarations: null, servers: new Fragment('') };

/** The checksum in the conf while the real one is computed. */
export const NO_CHECKSUM = '0'.repeat(16);

export interface HeadRenderer {
  /** The verified text without checksum, declarations and server blocks. */
  readonly plain: (plan: StaticPlan, facts: ConfFacts) => string;
  /** Adds the checksum and the declarations. */
  readonly stamped: (plan: StaticPlan, facts: ConfFacts, declarations: Fragment | null, checksum: string) => Head;
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
    stamped: (plan, facts, declarations, checksum) => {
      const fragments: Fragments = { declarations, servers: new Fragment(GAP) };
      const { text } = template(confView(plan, fragments, checksum, facts, options));
      const [before, after, more] = text.split(GAP);
      if (before === undefined || after === undefined || more !== undefined)
        throw new SyntaxError('nginx.conf.hbs must contain {{servers}} exactly once');
      return { before, after };
    },
  };
}
