/** Words of a snippet in which nginx would expand variables → pieces. */
import type { LiveText } from '../../../types/live-snippet.ts';
import { isRaw, knownVariable } from './variables.ts';

/** What the context of a text allows in it. */
export interface TextScope {
  /** `$1` to `$9` are set, because a regular expression was matched. */
  readonly captures: boolean;
  /** Collects names that are neither nginx's nor a capture; whether they are set is checked at the end. */
  readonly own: (name: string) => void;
  /** The text may have several lines. */
  readonly breaks?: true;
}

/** A refusal, as the end of a sentence that begins with the directive. */
export class Refusal extends Error {}

/** A braced name, the digit of a capture, or a name. */
const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([1-9])|([A-Za-z_][A-Za-z0-9_]*))/g;
const CONTROL = /[\u0000-\u001f\u007f]/;
const MOST = 4096;
const MOST_PIECES = 200;

/** Throws Refusal. */
export function plainWord(text: string): string {
  if (CONTROL.test(text)) throw new Refusal('contains a line break or another control character');
  if (text.length > MOST) throw new Refusal(`has a word of more than ${MOST} characters`);
  return text;
}

/** Text between variables → itself; throws Refusal for a dollar that does not begin a variable. */
function literalPiece(text: string): string[] {
  if (text.includes('$')) throw new Refusal('contains a dollar that does not begin a variable');
  return text === '' ? [] : [text];
}

/** Throws Refusal. */
export function textOf(text: string, scope: TextScope): LiveText {
  plainWord(scope.breaks === true ? text.replace(/[\t\r\n]/g, ' ') : text);
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(VARIABLE)) {
    pieces.push(...literalPiece(text.slice(from, match.index)), variablePiece(match, scope));
    from = match.index + match[0].length;
  }
  pieces.push(...literalPiece(text.slice(from)));
  if (pieces.length > MOST_PIECES) throw new Refusal(`has more than ${MOST_PIECES} variables and texts`);
  return pieces;
}

function variablePiece([, braced, digit, bare]: RegExpMatchArray, scope: TextScope): string {
  // nginx's variable names are case-insensitive.
  const name = (digit ?? braced ?? bare ?? '').toLowerCase();
  if (/^[1-9]$/.test(name)) {
    if (scope.captures) return `$${name}`;
    throw new Refusal(`contains $${name}, but no regular expression was matched`);
  }
  const known = knownVariable(name);
  if (known !== undefined) return `$${known}`;
  scope.own(name);
  return `$@${name}`;
}

/** Text without variables; throws Refusal for any other. */
export function literalText(text: string): string {
  if (plainWord(text).includes('$')) throw new Refusal('takes no variables');
  return text;
}

/** Whether nginx can write the piece itself: text, or a variable whose value is always valid in a header. */
export function isNative(piece: string): boolean {
  return !piece.startsWith('$') || (/^\$[a-z]/.test(piece) && isRaw(piece.slice(1)));
}
