/**
 * Parses a regular expression to a tree. Only syntax that has the same meaning in PCRE 8, in PCRE2 10 and in this
 * parser is accepted; anything else is refused, with its position.
 */
import {
  MOST_BRANCHES,
  MOST_BYTES,
  MOST_CAPTURES,
  MOST_DEPTH,
  MOST_GROUPS,
  MOST_QUANTIFIERS,
  MOST_REPEATS,
} from './bounds.ts';
import { add, ALL, type ByteSet, emptySet, folded } from './byte-set.ts';
import { readClass, readEscape } from './class-parser.ts';
import { fixedWidth } from './fixed-width.ts';
import { branches, canBeEmpty, type RegexNode, NotInGrammar, type ParsedRegex, sequence } from './syntax.ts';

const NAME = /\?(?:P?<|')([A-Za-z_][A-Za-z0-9_]{0,31})[>']/y;
const FLAGS = /\?(?:[is]{0,4}-)?[is]{0,4}(?=[:)])/y;
const BRACES = /\{(\d+)(,?)(\d*)\}/y;

const BYTES: readonly RegexNode[] = Array.from({ length: 256 }, (_, byte) => {
  const set = emptySet();
  add(set, byte);
  return { kind: 'byte', set: folded(set) };
});
const ANY: RegexNode = { kind: 'byte', set: ALL };

const PLACES: ReadonlyMap<string, RegexNode> = new Map([
  ['b', { kind: 'boundary' }],
  ['B', { kind: 'boundary' }],
  ['A', { kind: 'start' }],
  ['Z', { kind: 'end' }],
  ['z', { kind: 'end' }],
]);

/** The state of parsing: position in the text, and numbers of elements so far. */
interface Reader {
  readonly text: string;
  at: number;
  groups: number;
  captures: number;
  branches: number;
  quantifiers: number;
  /** Whether a flag makes dots stop at line feeds. */
  dotsStop: boolean;
  /** Start and end of each group's name. */
  readonly names: [number, number][];
}

/** An element that a quantifier may follow; `repeatable`: whether a quantifier is accepted. */
interface Atom {
  readonly node: RegexNode;
  readonly repeatable: boolean;
}

/** Parses a pattern. Throws only NotInGrammar, and takes time in proportion to the length of the pattern. */
export function parse(text: string): ParsedRegex {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) throw new NotInGrammar(`has ${bytes} bytes; at most ${MOST_BYTES} are accepted`, 0);
  if (!text.isWellFormed()) throw new NotInGrammar('has half of a surrogate pair', 0);
  const reader: Reader = {
    text,
    at: 0,
    groups: 0,
    captures: 0,
    branches: 0,
    quantifiers: 0,
    dotsStop: false,
    names: [],
  };
  const tree = readBranches(reader, 0);
  if (reader.at < text.length) throw new NotInGrammar('has a ) that closes nothing', reader.at);
  let pattern = '';
  let from = 0;
  for (const [start, end] of reader.names) {
    pattern += text.slice(from, start);
    from = end;
  }
  return { tree, captures: reader.captures, dotsStop: reader.dotsStop, pattern: pattern + text.slice(from) };
}

const NAMES = {
  groups: 'groups',
  captures: 'groups that capture',
  branches: 'alternatives',
  quantifiers: 'repetitions',
} as const;

function count(reader: Reader, what: 'groups' | 'captures' | 'branches' | 'quantifiers', most: number): void {
  reader[what] += 1;
  if (reader[what] > most) throw new NotInGrammar(`has more than ${most} ${NAMES[what]}`, reader.at);
}

function readBranches(reader: Reader, depth: number): RegexNode {
  const items: RegexNode[] = [readSequence(reader, depth)];
  while (reader.text[reader.at] === '|') {
    count(reader, 'branches', MOST_BRANCHES);
    reader.at += 1;
    items.push(readSequence(reader, depth));
  }
  return branches(items);
}

function readSequence(reader: Reader, depth: number): RegexNode {
  const items: RegexNode[] = [];
  for (;;) {
    const character = reader.text[reader.at];
    if (character === undefined || character === '|' || character === ')') return sequence(items);
    const atom = readAtom(reader, depth);
    const last = readQuantifier(reader, atom);
    if (last !== undefined) items.push(last);
  }
}

function readAtom(reader: Reader, depth: number): Atom {
  const { text, at } = reader;
  const character = text[at] ?? '';
  reader.at += 1;
  switch (character) {
    case '^':
      return { node: { kind: 'start' }, repeatable: false };
    case '$':
      return { node: { kind: 'end' }, repeatable: false };
    case '.':
      return { node: ANY, repeatable: true };
    case '(':
      return readGroup(reader, depth + 1);
    case '[': {
      const { set, end } = readClass(text, at);
      return taken(reader, set, end);
    }
    case '\\':
      return readEscaped(reader, at);
    case '*':
    case '+':
    case '?':
      throw new NotInGrammar(`has a ${character} that repeats nothing`, at);
    case '{':
      if (/[\d,\s]/.test(text[at + 1] ?? ''))
        throw new NotInGrammar('has a { that repeats nothing; as a character, write \\{', at);
      break;
    default:
  }
  return readCharacter(reader, at);
}

function taken(reader: Reader, set: ByteSet, end: number): Atom {
  reader.at = end;
  return { node: { kind: 'byte', set }, repeatable: true };
}

function readEscaped(reader: Reader, at: number): Atom {
  const letter = reader.text[at + 1] ?? '';
  const place = PLACES.get(letter);
  if (place !== undefined) {
    reader.at = at + 2;
    return { node: place, repeatable: false };
  }
  const escaped = readEscape(reader.text, at);
  return taken(reader, 'set' in escaped ? escaped.set : byteSet(escaped.byte), escaped.end);
}

function byteSet(byte: number): ByteSet {
  const set = emptySet();
  add(set, byte);
  return folded(set);
}

/**
 * Parses a character to its bytes. A non-ASCII character is not repeatable, because a quantifier after it would repeat
 * only its last byte.
 */
function readCharacter(reader: Reader, at: number): Atom {
  const code = reader.text.codePointAt(at) ?? 0;
  if (code < 0x80) {
    if (code < 0x20 || code === 0x7f) throw new NotInGrammar('has a control character', at);
    return { node: BYTES[code] ?? ANY, repeatable: true };
  }
  const character = String.fromCodePoint(code);
  reader.at = at + character.length;
  return { node: sequence([...Buffer.from(character)].map((byte) => BYTES[byte] ?? ANY)), repeatable: false };
}

/** Parses a group; `depth`: nesting depth of its content. */
function readGroup(reader: Reader, depth: number): Atom {
  const { text } = reader;
  const open = reader.at - 1;
  if (depth > MOST_DEPTH) throw new NotInGrammar(`has groups nested more than ${MOST_DEPTH} deep`, open);
  count(reader, 'groups', MOST_GROUPS);
  const mark = readMark(reader, open);
  if (mark === 'capture') count(reader, 'captures', MOST_CAPTURES);
  if (mark === 'flags') return { node: { kind: 'nothing' }, repeatable: false };
  const node = readBranches(reader, depth);
  if (text[reader.at] !== ')') throw new NotInGrammar('has a ( that is not closed', open);
  reader.at += 1;
  if (mark === 'behind' && !fixedWidth(node)) throw new NotInGrammar('has a lookbehind of unlimited length', open);
  if (mark === 'ahead' || mark === 'behind') return { node: { kind: 'look', item: node }, repeatable: false };
  return { node: { kind: 'group', item: node, atomic: mark === 'atomic' }, repeatable: true };
}

type Mark = 'capture' | 'group' | 'atomic' | 'ahead' | 'behind' | 'flags';

const MARKS: readonly (readonly [string, Mark])[] = [
  ['?<=', 'behind'],
  ['?<!', 'behind'],
  ['?=', 'ahead'],
  ['?!', 'ahead'],
  ['?:', 'group'],
  ['?>', 'atomic'],
];

/** Parses the text between `(` and the content of the group. */
function readMark(reader: Reader, open: number): Mark {
  const { text } = reader;
  const start = open + 1;
  if (text[start] === '*') throw new NotInGrammar('has (*, which is not supported', open);
  if (text[start] !== '?') return 'capture';
  for (const [mark, means] of MARKS) {
    if (!text.startsWith(mark, start)) continue;
    reader.at = start + mark.length;
    return means;
  }
  NAME.lastIndex = start;
  const [name] = NAME.exec(text) ?? [];
  if (name?.endsWith(name.includes('<') ? '>' : "'") === true) {
    reader.names.push([start, start + name.length]);
    reader.at = start + name.length;
    return 'capture';
  }
  FLAGS.lastIndex = start;
  const [flags] = FLAGS.exec(text) ?? [];
  if (flags === undefined || flags.endsWith('-')) {
    throw new NotInGrammar(`has (${text.slice(start, start + 2)}, which is not supported`, open);
  }
  if (/-.*s/.test(flags)) reader.dotsStop = true;
  reader.at = start + flags.length + 1;
  return text[reader.at - 1] === ':' ? 'group' : 'flags';
}

function readQuantifier(reader: Reader, { node, repeatable }: Atom): RegexNode | undefined {
  const at = reader.at;
  const bounds = readBounds(reader);
  if (bounds === undefined) return node;
  count(reader, 'quantifiers', MOST_QUANTIFIERS);
  if (!repeatable)
    throw new NotInGrammar('repeats an element that cannot be repeated: an anchor, a flag, or a non-ASCII letter', at);
  const { least, most } = bounds;
  if (most === Infinity && canBeEmpty(node))
    throw new NotInGrammar('repeats without limit a part that can be empty', at);
  const manner = reader.text[reader.at] ?? '';
  if (/[+?]/.test(manner)) reader.at += 1;
  const next = reader.text[reader.at] ?? '';
  if (/[*+?]/.test(next) || (next === '{' && /\d/.test(reader.text[reader.at + 1] ?? '')))
    throw new NotInGrammar('repeats a repetition', reader.at);
  const repeat: RegexNode = { kind: 'repeat', item: node, least, most };
  return manner === '+' ? { kind: 'group', item: repeat, atomic: true } : repeat;
}

const SHORT: ReadonlyMap<string, { readonly least: number; readonly most: number }> = new Map([
  ['*', { least: 0, most: Infinity }],
  ['+', { least: 1, most: Infinity }],
  ['?', { least: 0, most: 1 }],
]);

function mostOf(least: number, comma: string | undefined, second: string): number {
  if (second !== '') return Number(second);
  return comma === ',' ? Infinity : least;
}

function readBounds(reader: Reader): { readonly least: number; readonly most: number } | undefined {
  const { text, at } = reader;
  const character = text[at] ?? '';
  const short = SHORT.get(character);
  if (short !== undefined) reader.at += 1;
  if (character !== '{') return short;
  BRACES.lastIndex = at;
  const [whole, first = '', comma, second = ''] = BRACES.exec(text) ?? [];
  if (whole === undefined) {
    if (/[\d,\s]/.test(text[at + 1] ?? '')) throw new NotInGrammar('has a { that is not closed as in {2} or {1,3}', at);
    return undefined;
  }
  const least = Number(first);
  const most = mostOf(least, comma, second);
  const largest = most === Infinity ? least : most;
  if (largest > MOST_REPEATS || Math.max(first.length, second.length) > 3)
    throw new NotInGrammar(`repeats more than ${MOST_REPEATS} times`, at);
  if (most === 0 || most < least) throw new NotInGrammar(`has ${whole}, which repeats nothing`, at);
  reader.at = at + whole.length;
  return { least, most };
}
