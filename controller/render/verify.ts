/**
 * The proof that no value changed the grammar: nginx.conf is read again by the tokenizer and compared with the same
 * templates rendered with placeholders. Every directive, block and number of words must agree, and every word must
 * mean what the values said.
 */
import type { ConfValue } from '../types/conf-value.ts';
import { PLACEHOLDER, type Rendered } from './engine.ts';
import { type ConfNode, parseConf } from './tokenizer.ts';

function fill(text: string, values: readonly ConfValue[]): string {
  return text.replaceAll(PLACEHOLDER, (_, index: string) => values[Number(index)]?.meaning ?? '');
}

function compare(
  actual: readonly ConfNode[],
  intended: readonly ConfNode[],
  values: readonly ConfValue[],
): string | undefined {
  for (const [index, want] of intended.entries()) {
    const have = actual[index];
    const name = want.words[0] ?? '';
    if (have === undefined) return `${name} is missing`;
    const words = want.words.map((word) => fill(word, values));
    if (words.length !== have.words.length || words.some((word, at) => word !== have.words[at])) {
      return `line ${have.line}: ${name} reads ${JSON.stringify(have.words)} and should read ${JSON.stringify(words)}`;
    }
    if ((want.children === undefined) !== (have.children === undefined))
      return `line ${have.line}: ${name} became another kind of directive`;
    if (want.lua !== undefined && fill(want.lua, values) !== have.lua)
      return `line ${have.line}: the code of ${name} differs`;
    const below = compare(have.children ?? [], want.children ?? [], values);
    if (below !== undefined) return below;
  }
  const extra = actual[intended.length];
  return extra === undefined ? undefined : `line ${extra.line}: ${extra.words[0] ?? ''} is not in the template`;
}

/** What differs between what was rendered and what was meant, or undefined where nothing does. */
export function verify(rendered: Rendered): string | undefined {
  try {
    return compare(parseConf(rendered.text), parseConf(rendered.outline), rendered.values);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}
