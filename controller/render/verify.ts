/**
 * Verifies that no value has changed the structure of nginx.conf. The tokenizer parses the rendered text, and the
 * result is compared with the outline, which was rendered with placeholders. Directives, blocks and the number of words
 * must be the same, and each parsed word must equal the word of the outline with its values filled in.
 */
import type { ConfValue } from '../types/conf-value.ts';
import type { ConfTree } from '../types/conf-tree.ts';
import { PLACEHOLDER, type Rendered, TREE } from './engine.ts';
import { type ConfNode, parseConf } from '../types/tokenizer.ts';

/** A word of an outline: a string without values, the index of a value, or a string that contains values. */
type Word = string | number | { readonly mixed: string };

interface Intended {
  readonly words: readonly Word[];
  readonly lua: Word | undefined;
  readonly children: readonly Intended[] | undefined;
}

function wordOf(text: string): Word {
  const [first, ...more] = text.matchAll(PLACEHOLDER);
  if (first === undefined) return text;
  return more.length === 0 && first[0] === text ? Number(first[1]) : { mixed: text };
}

function intendedOf({ words, lua, children }: ConfNode): Intended {
  return {
    words: words.map(wordOf),
    lua: lua === undefined ? undefined : wordOf(lua),
    children: children?.map(intendedOf),
  };
}

/** Cache of parsed outlines: thousands of hosts share a few outlines. */
const outlines = new Map<string, readonly Intended[]>();
const MOST_OUTLINES = 256;

function readOutline(outline: string): readonly Intended[] {
  const known = outlines.get(outline) ?? parseConf(outline).map(intendedOf);
  if (outlines.size >= MOST_OUTLINES) outlines.clear();
  outlines.set(outline, known);
  return known;
}

function fill(word: Word, values: readonly ConfValue[]): string {
  const meaning = (index: number): string => values[index]?.meaning ?? '';
  if (typeof word === 'string') return word;
  if (typeof word === 'number') return meaning(word);
  return word.mixed.replaceAll(PLACEHOLDER, (_, index: string) => meaning(Number(index)));
}

/** Directives of the administrator, which contain no values. */
function asRead({ words, lua, children }: ConfNode): Intended {
  return { words, lua, children: children?.map(asRead) };
}

/** Replaces the placeholder of each tree with the directives of the tree. */
function planted(intended: readonly Intended[], trees: readonly ConfTree[]): readonly Intended[] {
  if (trees.length === 0) return intended;
  return intended.flatMap((each) => {
    const [word, more] = each.words;
    const index = typeof word === 'string' && more === undefined ? TREE.exec(word)?.[1] : undefined;
    return index === undefined ? [each] : (trees[Number(index)]?.nodes ?? []).map(asRead);
  });
}

function compare(
  actual: readonly ConfNode[],
  outline: readonly Intended[],
  values: readonly ConfValue[],
  trees: readonly ConfTree[],
): string | undefined {
  const intended = planted(outline, trees);
  for (const [index, want] of intended.entries()) {
    const have = actual[index];
    const name = fill(want.words[0] ?? '', values);
    if (have === undefined) return `${name} is missing`;
    if (
      want.words.length !== have.words.length ||
      want.words.some((word, at) => fill(word, values) !== have.words[at])
    ) {
      const words = want.words.map((word) => fill(word, values));
      return `line ${have.line}: ${name} reads ${JSON.stringify(have.words)} and should read ${JSON.stringify(words)}`;
    }
    if ((want.children === undefined) !== (have.children === undefined))
      return `line ${have.line}: ${name} became another kind of directive`;
    if (want.lua !== undefined && fill(want.lua, values) !== have.lua)
      return `line ${have.line}: the code of ${name} differs`;
    const below = compare(have.children ?? [], want.children ?? [], values, trees);
    if (below !== undefined) return below;
  }
  const extra = actual[intended.length];
  return extra === undefined ? undefined : `line ${extra.line}: ${extra.words[0] ?? ''} is not in the template`;
}

/** How the meaning of the rendered text differs from the intended one; undefined if it does not. */
export function verify(rendered: Rendered): string | undefined {
  try {
    return compare(parseConf(rendered.text), readOutline(rendered.outline), rendered.values, rendered.trees);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}
