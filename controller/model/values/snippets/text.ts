/** Splits words of a snippet into literal parts and the variables that nginx would expand in them. */
import type { LiveText } from '../../../types/live-snippet.ts';
import { isRaw, knownVariable } from './variables.ts';

/** What a string may contain in its context. */
export interface TextScope {
  /** Whether `$1` to `$9` may be used, because a regular expression was matched before. */
  readonly captures: boolean;
  /**
   * Collects names of variables that are neither nginx's nor captures; the caller checks later whether they are set.
   */
  readonly own: (name: string) => void;
  /** The text may have several lines. */
  readonly breaks?: true;
}

/** Why a directive is refused; `message` is the end of a sentence that begins with the directive. */
export class SnippetRefusal extends Error {}

/** A variable: a name in braces, the digit of a capture, or a name. */
const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([1-9])|([A-Za-z_][A-Za-z0-9_]*))/g;
const CONTROL = /[\u0000-\u001f\u007f]/;
const MOST = 4096;
const MOST_PIECES = 200;

/** Throws SnippetRefusal if a word is too long or contains control characters. */
export function plainWord(text: string): string {
  if (CONTROL.test(text)) throw new SnippetRefusal('contains a line break or another control character');
  if (text.length > MOST) throw new SnippetRefusal(`has a word of more than ${MOST} characters`);
  return text;
}

/** The text between two variables; throws SnippetRefusal if it contains a dollar sign. */
function literalPiece(text: string): string[] {
  if (text.includes('$')) throw new SnippetRefusal('contains a dollar that does not begin a variable');
  return text === '' ? [] : [text];
}

/** Splits a string into literal parts and variables. Throws SnippetRefusal. */
export function textOf(text: string, scope: TextScope): LiveText {
  plainWord(scope.breaks === true ? text.replace(/[\t\r\n]/g, ' ') : text);
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(VARIABLE)) {
    pieces.push(...literalPiece(text.slice(from, match.index)), variablePiece(match, scope));
    from = match.index + match[0].length;
  }
  pieces.push(...literalPiece(text.slice(from)));
  if (pieces.length > MOST_PIECES) throw new SnippetRefusal(`has more than ${MOST_PIECES} variables and literal parts`);
  return pieces;
}

function variablePiece([, braced, digit, bare]: RegExpMatchArray, scope: TextScope): string {
  // nginx ignores the case of variable names.
  const name = (digit ?? braced ?? bare ?? '').toLowerCase();
  if (/^[1-9]$/.test(name)) {
    if (scope.captures) return `$${name}`;
    throw new SnippetRefusal(`contains $${name}, but no regular expression was matched`);
  }
  const known = knownVariable(name);
  if (known !== undefined) return `$${known}`;
  scope.own(name);
  return `$@${name}`;
}

/** A string without variables; throws SnippetRefusal if it contains a dollar sign. */
export function literalText(text: string): string {
  if (plainWord(text).includes('$')) throw new SnippetRefusal('takes no variables');
  return text;
}

/**
 * Whether nginx may write a piece into a header: it is literal text, or a variable whose value is always valid there.
 */
export function isNative(piece: string): boolean {
  return !piece.startsWith('$') || (/^\$[a-z]/.test(piece) && isRaw(piece.slice(1)));
}
