/**
 * `rewrite … last` in a server-snippet. nginx chooses the location after the rewrite, Tidegate before it. In the
 * location of `/`, the result is the same as in nginx, as long as no other location matches the new path. In other
 * locations, the request gets 503.
 */
import type { LiveScript, LiveSnippetRewrite, LiveStep, LiveText } from '../../../types/live-snippet.ts';
import type { Match } from '../../../types/plan.ts';

function moves(step: LiveStep): step is LiveSnippetRewrite {
  return 'rewrite' in step && step.code === undefined;
}

/** All rewrites in a script that change the path without a redirect. */
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

/**
 * The literal beginning of a rewrite's target, if a location other than that of `/` may match the target; undefined if
 * there is no such rewrite.
 */
export function leadsElsewhere(script: LiveScript, locations: readonly Match[]): string | undefined {
  return movesOf(script).find(({ to }) => locations.some((match) => mayMatch(match, to)))?.to[0];
}

/** The script for every location other than that of `/`: instead of being rewritten, requests get 503 there. */
export function withoutMoves(script: LiveScript): LiveScript {
  if (movesOf(script).length === 0) return script;
  const stepOf = (step: LiveStep): LiveStep => {
    if (moves(step)) return { if: { of: ['$uri'], is: 'match', pattern: step.rewrite }, steps: [{ return: 503 }] };
    return 'if' in step && step.steps !== undefined ? { ...step, steps: step.steps.map(stepOf) } : step;
  };
  return { ...script, steps: (script.steps ?? []).map(stepOf) };
}
