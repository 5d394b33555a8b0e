/**
 * `rewrite … last` of a server-snippet. nginx chooses the location after it, and here it is chosen before. In the location of
 * `/` both come to the same as long as no other location matches the new path; elsewhere the request is refused.
 */
import type { LiveScript, LiveSnippetRewrite, LiveStep, LiveText } from '../../../types/live-snippet.ts';
import type { Match } from '../../../types/plan.ts';

function moves(step: LiveStep): step is LiveSnippetRewrite {
  return 'rewrite' in step && step.code === undefined;
}

/** All rewrites that lead to another path. */
function movesOf({ steps = [] }: LiveScript): readonly LiveSnippetRewrite[] {
  return steps.flatMap((step) => (moves(step) ? [step] : 'if' in step ? movesOf(step) : []));
}

function mayMatch({ kind, text }: Match, to: LiveText): boolean {
  if (kind === 'regex') return true;
  const [head = ''] = to;
  const whole = to.length === 1;
  if (kind === 'exact') return whole ? head === text : text.startsWith(head);
  return text !== '/' && (head.startsWith(text) || (!whole && text.startsWith(head)));
}

/** A path that a rewrite leads to, as far as it is text, and that a location other than that of `/` may match. */
export function leadsElsewhere(script: LiveScript, locations: readonly Match[]): string | undefined {
  return movesOf(script).find(({ to }) => locations.some((match) => mayMatch(match, to)))?.to[0];
}

/** For every location but that of `/`: what would be rewritten is refused there. */
export function withoutMoves(script: LiveScript): LiveScript {
  if (movesOf(script).length === 0) return script;
  const stepOf = (step: LiveStep): LiveStep => {
    if (moves(step)) return { if: { of: ['$uri'], is: 'match', pattern: step.rewrite }, steps: [{ return: 503 }] };
    return 'if' in step && step.steps !== undefined ? { ...step, steps: step.steps.map(stepOf) } : step;
  };
  return { ...script, steps: (script.steps ?? []).map(stepOf) };
}
