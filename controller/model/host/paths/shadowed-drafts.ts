/** Which regular expressions of a host come after one that matches everything that they match. */
import type { Match } from '../../../types/plan.ts';
import type { Claim } from './claims.ts';
import type { Shadowed } from './path-notices.ts';
import { literalStart } from '../../values/regex/literal.ts';

/**
 * What may follow the plain text at the beginning of a path, so that the path matches everything that begins with it.
 */
const ANYTHING = /^(?:\(?\.\*\)?\$?|\(\/\|\$\)\(?\.\*\)?\$?)?$/;

interface Draft {
  readonly match: Match;
  readonly claim: Claim;
}

interface Start {
  /** In lower case, as nginx compares. */
  readonly text: string;
  readonly place: number;
  readonly claim: Claim;
  /** It matches everything that begins with `text`. */
  readonly takesAll: boolean;
}

function startOf({ match, claim }: Draft, place: number): Start[] {
  const { path, literal } = match;
  const source = path ?? literal;
  if (match.kind !== 'regex' || source === undefined) return [];
  // A Prefix path has another location for the paths below it.
  const own = literalStart(source);
  const rest = source.slice(own.length);
  const takesAll = literal === undefined && ANYTHING.test(rest);
  const below = path !== undefined && rest === '' && match.text.endsWith('/') && !own.endsWith('/');
  const text = takesAll && (below || rest.startsWith('(/|$)')) ? `${own}/` : own;
  return [{ text: text.toLowerCase(), place, claim, takesAll }];
}

/** `drafts` in nginx's order. Sorted by their starts, each comes after those that it begins with. */
export function shadowedDrafts(drafts: readonly Draft[]): Shadowed[] {
  const starts = drafts.flatMap(startOf);
  const inOrder = [...starts].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.place - b.place));
  const covered = new Map<Start, Claim>();
  const around: { readonly text: string; readonly first: Start }[] = [];
  for (const start of inOrder) {
    while (around.length > 0 && !start.text.startsWith(around.at(-1)?.text ?? '')) around.pop();
    const first = around.at(-1)?.first;
    const earlier = first !== undefined && first.place < start.place ? first : undefined;
    if (earlier !== undefined) covered.set(start, earlier.claim);
    if (start.takesAll) around.push({ text: start.text, first: earlier ?? start });
  }
  // Only if no location of the path is left; a location shadowed by its own path does not count.
  const byClaim = Map.groupBy(starts, ({ claim }) => claim);
  return [...byClaim].flatMap(([claim, own]) => {
    const by = own.map((each) => covered.get(each));
    const [other] = by;
    return other !== undefined && by.every((each) => each !== undefined && each !== claim)
      ? [{ claim, by: other }]
      : [];
  });
}
