/**
 * Translates regular expressions from PCRE to JavaScript. Only patterns of the model's own grammar occur here
 * (model/values/regex), which excludes everything that has no counterpart. Patterns and subjects are byte strings.
 */
import { folded, forEachByte, inverted, type ByteSet, add, emptySet } from '../model/values/regex/byte-set.ts';
import { readClass, readEscape } from '../model/values/regex/class-parser.ts';

/** How PCRE is called. */
export interface PcreFlags {
  /** Whether the case of ASCII letters is ignored. */
  readonly caseless: boolean;
  /** Whether a dot matches a line feed. */
  readonly dotAll: boolean;
}

/** The matched text and the captures, some of which may be undefined. */
export type PcreMatch = readonly (string | undefined)[];

interface Scope {
  caseless: boolean;
  dotAll: boolean;
}

interface Translation {
  readonly text: string;
  at: number;
  captures: number;
  atomic: number;
}

const END = '(?![\\s\\S])';
const PLACES: ReadonlyMap<string, string> = new Map([
  ['b', '\\b'],
  ['B', '\\B'],
  ['A', '(?<![\\s\\S])'],
  ['Z', `(?=\\n?${END})`],
  ['z', END],
]);

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** A JavaScript character class for a set of bytes; an empty set matches no byte. */
function classOf(set: ByteSet): string {
  const ranges: [number, number][] = [];
  forEachByte(set, (byte) => {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === byte - 1) last[1] = byte;
    else ranges.push([byte, byte]);
  });
  return `[${ranges.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join('')}]`;
}

function byteOf(code: number, { caseless }: Scope): string {
  const set = emptySet();
  add(set, code);
  return caseless && /[A-Za-z]/.test(String.fromCharCode(code)) ? classOf(folded(set)) : hex(code);
}

function readBranches(state: Translation, outer: Scope): string {
  // A flag such as `(?i)` applies until the end of its group, even in the alternatives that follow.
  const scope = { ...outer };
  let out = '';
  for (;;) {
    const character = state.text[state.at];
    if (character === undefined || character === ')') return out;
    if (character === '|') {
      state.at += 1;
      out += '|';
    } else out += quantified(state, readAtom(state, scope));
  }
}

/** Adds the quantifier after an atom. */
function quantified(state: Translation, atom: string): string {
  const quantifier = /(?:[*+?]|\{\d+(?:,\d*)?\})[+?]?/y;
  quantifier.lastIndex = state.at;
  const [found] = quantifier.exec(state.text) ?? [];
  if (found === undefined) return atom;
  state.at += found.length;
  const possessive = found.length > 1 && found.endsWith('+');
  return possessive ? asAtomic(state, `${atom}${found.slice(0, -1)}`) : atom + found;
}

/** JavaScript has no atomic groups, but it does not backtrack into look-aheads. */
function asAtomic(state: Translation, inner: string): string {
  state.atomic += 1;
  return `(?:(?=(?<a${state.atomic}>${inner}))\\k<a${state.atomic}>)`;
}

function readAtom(state: Translation, scope: Scope): string {
  const { text, at } = state;
  const character = text[at] ?? '';
  state.at += 1;
  switch (character) {
    case '^':
      return '(?<![\\s\\S])';
    case '$':
      return `(?=\\n?${END})`;
    case '.':
      return scope.dotAll ? '[\\s\\S]' : '[^\\n]';
    case '(':
      return readGroup(state, scope);
    case '[': {
      const { listed, negated, end } = readClass(text, at);
      state.at = end;
      const set = scope.caseless ? folded(listed) : listed;
      return classOf(negated ? inverted(set) : set);
    }
    case '\\':
      return readEscaped(state, scope, at);
    default:
      return byteOf(character.charCodeAt(0), scope);
  }
}

function readEscaped(state: Translation, scope: Scope, at: number): string {
  const letter = state.text[at + 1] ?? '';
  const place = PLACES.get(letter);
  if (place !== undefined) {
    state.at = at + 2;
    return place;
  }
  const escaped = readEscape(state.text, at);
  state.at = escaped.end;
  return 'set' in escaped ? classOf(escaped.set) : byteOf(escaped.byte, scope);
}

const LOOKS = ['?<=', '?<!', '?=', '?!', '?:'];

function readGroup(state: Translation, scope: Scope): string {
  const { text } = state;
  const rest = text.slice(state.at, state.at + 12);
  const look = LOOKS.find((each) => rest.startsWith(each));
  if (look !== undefined) return inGroup(state, scope, look.length, `(${look}`);
  if (rest.startsWith('?>')) {
    state.at += 2;
    const inner = readBranches(state, scope);
    state.at += 1;
    return asAtomic(state, inner);
  }
  const [flags, on = '', off = '', end] = /^\?([is]*)(?:-([is]*))?([:)])/.exec(rest) ?? [];
  if (flags === undefined) {
    state.captures += 1;
    return inGroup(state, scope, 0, `(?<c${state.captures}>`);
  }
  const changed = {
    caseless: (scope.caseless || on.includes('i')) && !off.includes('i'),
    dotAll: (scope.dotAll || on.includes('s')) && !off.includes('s'),
  };
  if (end === ':') return inGroup(state, changed, flags.length, '(?:');
  state.at += flags.length;
  Object.assign(scope, changed);
  return '';
}

/** Reads a group after the `(`; `skip`: the length of its mark, `open`: how the translated group begins. */
function inGroup(state: Translation, scope: Scope, skip: number, open: string): string {
  state.at += skip;
  const inner = readBranches(state, scope);
  state.at += 1;
  return `${open}${inner})`;
}

const compiled = new Map<string, (subject: string) => PcreMatch | null>();
/** At most this many compiled patterns are remembered. */
const MOST_COMPILED = 1000;

/**
 * The match of a pattern in a byte string; null if there is none. A limit on the steps at the beginning of the pattern
 * is ignored.
 */
export function matchPcre(pattern: string, subject: string, flags: PcreFlags): PcreMatch | null {
  const key = `${flags.caseless ? 'i' : ''}${flags.dotAll ? 's' : ''} ${pattern}`;
  const known = compiled.get(key) ?? compile(pattern.replace(/^(?:\(\*[A-Z_]+(?:=\d+)?\))+/, ''), flags);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(key, known);
  return known(subject);
}

function compile(text: string, flags: PcreFlags): (subject: string) => PcreMatch | null {
  const state: Translation = { text, at: 0, captures: 0, atomic: 0 };
  const expression = new RegExp(readBranches(state, flags));
  return (subject) => {
    const found = expression.exec(subject);
    if (found === null) return null;
    return [found[0], ...Array.from({ length: state.captures }, (_, index) => found.groups?.[`c${index + 1}`])];
  };
}

/** Whether a pattern sets a limit on its steps, so that matching a long string may fail with 500. */
export function hasStepLimit(pattern: string): boolean {
  return pattern.startsWith('(*');
}
