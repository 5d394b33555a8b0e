/** Checks the words of directives, and converts them to values for nginx.conf. All functions throw SnippetRefusal. */
import { bytes, type ConfValue, literal, size, snippetText, word } from '../../../types/conf-value.ts';
import { notOneWord } from '../../../types/conf-word.ts';
import type { Parser } from '../../contract/parser.ts';
import { parseNetwork } from '../cidrs.ts';
import { literalText, SnippetRefusal } from './text.ts';

/** Converts the words after a directive's name. */
export type Judge = (args: readonly string[]) => readonly ConfValue[];

/** Converts a single word. */
export type JudgeWord = (text: string) => ConfValue;

/** Requires one word for each of `judges`, in this order. */
export function words(...judges: readonly JudgeWord[]): Judge {
  return (args) => {
    if (args.length !== judges.length)
      throw new SnippetRefusal(`takes ${judges.length} ${judges.length === 1 ? 'value' : 'values'}`);
    return judges.map((judge, index) => judge(args[index] ?? ''));
  };
}

/** Requires one to `most` words of the same kind. */
export function some(judge: JudgeWord, most = 64): Judge {
  return (args) => {
    if (args.length === 0 || args.length > most) throw new SnippetRefusal(`takes 1 to ${most} values`);
    return args.map(judge);
  };
}

export function oneOfWords(...known: readonly string[]): JudgeWord {
  return (text) => {
    if (!known.includes(text)) throw new SnippetRefusal(`takes ${known.join(', ')}, not ${JSON.stringify(text)}`);
    return word(text);
  };
}

export const onOff = oneOfWords('on', 'off');

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The longest time that fits into nginx's millisecond counters: 24 days. */
const MOST_MS = 2_073_600_000;

export const time: JudgeWord = (text) => {
  const [, digits = '', unit = ''] = /^(\d{1,10})(ms|[smhd])?$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
  if (digits === '' || ms > MOST_MS) throw new SnippetRefusal('takes a time up to 24 days, for example 60s');
  return word(text);
};

/** A time for directives in which nginx does not accept the unit ms. */
export const wholeSeconds: JudgeWord = (text) => {
  if (text.endsWith('ms')) throw new SnippetRefusal('takes whole seconds, for example 60s');
  return time(text);
};

/** A size that the given parser accepts. */
export function sizeWithin({ accepts, parse }: Parser<number>): JudgeWord {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) throw new SnippetRefusal(`takes ${accepts}`);
    return bytes(parsed.value);
  };
}

export const byteSizeWord: JudgeWord = (text) => {
  if (!/^\d{1,9}[kKmM]?$/.test(text)) throw new SnippetRefusal('takes a size, for example 16k');
  return size(text.toLowerCase());
};

export function number(least: number, most: number): JudgeWord {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (value < least || value > most) throw new SnippetRefusal(`takes a whole number, ${least} to ${most}`);
    return word(text);
  };
}

/** Throws SnippetRefusal unless the only argument is this word. */
export function onlyWord(args: readonly string[], only: string): void {
  if (args.length !== 1 || args[0] !== only) throw new SnippetRefusal(`takes ${only} here`);
}

/** Requires exactly one content type, and returns it. */
export function mimeName(args: readonly string[]): string {
  const [value] = words(mimeType)(args);
  if (value === undefined) throw new SnippetRefusal('takes a content type, for example text/plain');
  return args[0] ?? '';
}

export const mimeType: JudgeWord = (text) => {
  if (text.length > 100 || !/^(?:[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*|\*)$/i.test(text))
    throw new SnippetRefusal('takes content types, for example text/plain');
  return literal(text);
};

export const network: JudgeWord = (text) => {
  if (text === 'all') return literal(text);
  const parsed = parseNetwork(text);
  if (!parsed.ok) throw new SnippetRefusal('takes all, an address or a range, for example 10.0.0.0/8');
  return literal(parsed.value);
};

/** A string without a dollar sign, because that would begin a variable. */
export const plainText: JudgeWord = (text) => {
  const tooLong = notOneWord(text);
  if (tooLong !== undefined) throw new SnippetRefusal(`has a string that ${tooLong}`);
  return snippetText([literalText(text)]);
};

/** A string that is not empty, because nginx refuses to search for an empty one. */
export const filledText: JudgeWord = (text) => {
  if (text === '') throw new SnippetRefusal('takes a string that is not empty');
  return plainText(text);
};
