/** Finds regular expressions of a host that never match, because an earlier one matches all of their requests. */
import type { Match } from '../../../types/plan.ts';
import type { PathClaim } from './claims.ts';
import type { Shadowed } from './path-notices.ts';
import { literalStart } from '../../values/regex/literal.ts';

/**
 * If the rest of a path, after the plain text at its beginning, has this form, the path matches everything that begins
 * with the plain text.
 */
const ANYTHING = /^(?:\(?\.\*\)?\$?|\(\/\|\$\)\(?\.\*\)?\$?)?$/;

interface Draft {
  readonly match: Match;
  readonly claim: PathClaim;
}

/** The plain text at the beginning of a draft's pattern. */
interface Start {
  /** In lower case, because nginx ignores case. */
  readonly text: string;
  /** Index of the draft in nginx's order. */
  readonly place: number;
  readonly claim: PathClaim;
  /** The draft matches everything that begins with `text`. */
  readonly takesAll: boolean;
}

function startOf({ match, claim }: Draft, place: number): Start[] {
  const { path, literal } = match;
  const source = path ?? literal;
  if (match.kind !== 'regex' || source === undefined) return [];
  // A Prefix path has a second location, for the paths below it: its `path` is the same, but its pattern ends in a
  // slash.
  const own = literalStart(source);
  const rest = source.slice(own.length);
  const takesAll = literal === undefined && ANYTHING.test(rest);
  const below = path !== undefined && rest === '' && match.text.endsWith('/') && !own.endsWith('/');
  const text = takesAll && (below || rest.startsWith('(/|$)')) ? `${own}/` : own;
  return [{ text: text.toLowerCase(), place, claim, takesAll }];
}

/**
 * Returns the paths all of whose drafts are shadowed. `drafts`: in nginx's order. The search goes through the starts of
 * the drafts in alphabetical order, in which each start comes after its own prefixes.
 */
export function shadowedDrafts(drafts: readonly Draft[]): Shadowed[] {
  const starts = drafts.flatMap(startOf);
  const inOrder = [...starts].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.place - b.place));
  const covered = new Map<Start, PathClaim>();
  const around: { readonly text: string; readonly first: Start }[] = [];
  for (const start of inOrder) {
    while (around.length > 0 && !start.text.startsWith(around.at(-1)?.text ?? '')) around.pop();
    const first = around.at(-1)?.first;
    const earlier = first !== undefined && first.place < start.place ? first : undefined;
    if (earlier !== undefined) covered.set(start, earlier.claim);
    if (start.takesAll) around.push({ text: start.text, first: earlier ?? start });
  }
  // A path is reported only if all of its locations are shadowed by other paths.
  const byClaim = Map.groupBy(starts, ({ claim }) => claim);
  return [...byClaim].flatMap(([claim, own]) => {
    const by = own.map((each) => covered.get(each));
    const [other] = by;
    return other !== undefined && by.every((each) => each !== undefined && each !== claim)
      ? [{ claim, by: other }]
      : [];
  });
}
