/** Random strings for the value of a key: its own examples with changes, and strings that often break parsers. */
import type { Random } from './random.ts';

export interface Examples {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

const NUMBERS = [
  '0',
  '1',
  '-1',
  '+1',
  '2',
  '3',
  '8',
  '63',
  '64',
  '65',
  '100',
  '255',
  '256',
  '511',
  '512',
  '599',
  '600',
  '1000',
  '1023',
  '1024',
  '4095',
  '4096',
  '16384',
  '32767',
  '32768',
  '65535',
  '65536',
  '1000000',
  '2073600',
  '2097152',
  '2147483',
  '2147484',
  '2147483646',
  '2147483647',
  '2147483648',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551616',
  '99999999999999999999999',
  '007',
  '00',
  '0x10',
  '1e3',
  '1e21',
  '1.5',
  '.5',
  '1.',
  '1_000',
  '1,000',
  '٣',
  '',
];
const UNITS = [
  '',
  '',
  '',
  'k',
  'K',
  'm',
  'M',
  'g',
  'G',
  'b',
  't',
  'kb',
  'ms',
  's',
  'h',
  'd',
  'w',
  'M',
  'y',
  ' k',
  's 1m',
  'h30m',
  'd1h1m1s',
  '%',
];
const SPECIAL = [
  '"',
  "'",
  '\\',
  '$',
  '${',
  '$$',
  '{',
  '}',
  ';',
  '#',
  ' ',
  '  ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\x7f',
  '\x85',
  '\xa0',
  '\u2028',
  '\ufeff',
  'é',
  '😀',
  '\ud800',
  '(',
  ')',
  '[',
  ']',
  '|',
  '*',
  '?',
  '+',
  '^',
  '~',
  '~*',
  '=',
  '/',
  '//',
  '..',
  '/../',
  '%',
  '%0a',
  '%00',
  ',',
  ',,',
  ':',
  '::',
  '-',
  '--',
  '_',
  '.',
  '@',
  '&',
  '!',
  '<',
  '>',
  '`',
  'on',
  'off',
  'default',
  'none',
  'all',
  'auto',
  'unix:',
  'http://',
  '$host',
  '${host}',
  '$1',
  '$uri',
  '$request_uri',
  '$nothing',
  '$http_x',
  '$arg_',
  '$cookie_a',
  '$http_',
  '$remote_addr',
  '$tidegate_route',
];
const YAML = [
  'true',
  'false',
  'True',
  'TRUE',
  'yes',
  'no',
  'on',
  'off',
  'On',
  'null',
  '~',
  '{}',
  '[]',
  '""',
  "''",
  '0',
  '1',
  '-',
  'y',
  'n',
];
const LENGTHS = [100, 253, 255, 256, 511, 1000, 1023, 2000, 4000, 4090, 4094, 4095, 4096, 4097, 5000, 16_000];
const LONG = [65_000, 250_000];
const SEPARATORS = [',', ', ', ' ', ':', ';', '\n', '|', '&', '=', '.', '/'];

function number(random: Random): string {
  return random.pick(NUMBERS) + random.pick(UNITS);
}

function insert(random: Random, text: string, piece: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at);
}

function cut(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + text.slice(at + 1 + random.below(3));
}

/** Replaces one number in the text. */
function renumber(random: Random, text: string): string {
  const found = [...text.matchAll(/\d+/g)];
  if (found.length === 0) return text + number(random);
  const { index, 0: digits } = random.pick(found);
  return (
    text.slice(0, index) +
    (random.chance(0.3) ? number(random) : random.pick(NUMBERS)) +
    text.slice(index + digits.length)
  );
}

/** Repeats a piece of the text until the result is longer by about this length. */
function stretch(random: Random, text: string, length: number): string {
  const from = random.below(text.length);
  const part = text.slice(from, from + 1 + random.below(random.chance(0.5) ? 1 : 12)) || 'a';
  return (
    text.slice(0, from) + part.repeat(Math.ceil(length / part.length)).slice(0, length) + text.slice(from + part.length)
  );
}

/** Items of the examples, usually joined by a separator that the examples contain. */
function list(random: Random, { good, bad }: Examples, most: number): string {
  const used = SEPARATORS.filter((separator) => good.some((text) => text.includes(separator)));
  const separator = random.pick(used.length === 0 || random.chance(0.2) ? SEPARATORS : used);
  const items = good.flatMap((text) => text.split(separator));
  const count = random.pick([2, 3, 5, 20, 100, 1000, 10_000].filter((each) => each <= most));
  const other = [...bad, ...YAML, '', ' ', 'x'];
  const spoilt = random.chance(0.4);
  return Array.from({ length: count }, (_, index) => {
    if (spoilt && random.chance(2 / count)) return random.pick(other);
    const item = random.pick(items);
    // A number makes items different.
    return random.chance(0.5) ? item.replace(/[a-z0-9](?=[^a-z0-9]*$)/i, (end) => `${end}${index}`) : item;
  }).join(separator);
}

function bent(random: Random, examples: Examples): string {
  const text = random.pick(random.chance(0.9) ? examples.good : examples.bad);
  switch (random.below(10)) {
    case 0:
      return text;
    case 1:
      return insert(random, text, random.pick(SPECIAL));
    case 2:
      return cut(random, text);
    case 3:
    case 4:
      return renumber(random, text);
    case 5:
      return stretch(random, text, random.pick(LENGTHS));
    case 6:
      return list(random, examples, 100);
    case 7:
      return random.chance(0.5) ? text.toUpperCase() : text.toLowerCase();
    case 8:
      return random.pick(examples.good) + random.pick(['', ' ', ',', '\n', ...SPECIAL]) + text;
    default:
      return random.pick(['', ' ', '\t', '\n']) + text + random.pick(['', ' ', '\n', '\r']);
  }
}

/** A random value, which is very long in rare cases. */
export function randomText(random: Random, examples: Examples): string {
  const kind = random.below(100);
  if (kind < 55) return bent(random, examples);
  if (kind < 70) {
    let text = bent(random, examples);
    for (let times = random.below(3); times >= 0 && text.length < 5000; times -= 1)
      text = bent(random, { good: [text], bad: examples.bad });
    return text;
  }
  if (kind < 80) return number(random);
  if (kind < 84) return random.pick(YAML);
  if (kind < 90) return Array.from({ length: 1 + random.below(8) }, () => random.pick(SPECIAL)).join('');
  if (kind < 98) return list(random, examples, 100);
  if (random.chance(0.5)) return list(random, examples, 10_000);
  return stretch(random, random.pick(examples.good), random.pick(random.chance(0.2) ? LONG : LENGTHS));
}
