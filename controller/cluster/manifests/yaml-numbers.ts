/**
 * Decides which plain scalars are numbers. The rules are those of kubectl, which reads YAML 1.1 with go-yaml. The
 * grammar of YAML 1.1 itself would also accept `e2`, `-` with an exponent and a lone `.`, which are names in manifests.
 */
import type { ScalarTag } from 'yaml';

/**
 * The beginning of a number as go-yaml requires it: a digit, or a sign before a digit or point. After that, underscores
 * are ignored.
 */
const START = '(?:[-+]_*(?=[0-9.])|(?=[0-9]))';
const INTEGER = new RegExp(
  `^${START}(?:0_*[xX][0-9a-fA-F_]*[0-9a-fA-F]_*|0_*[oO][0-7_]*[0-7]_*|0_*[bB][01_]*[01]_*|[0-9][0-9_]*)$`,
);
const DIGITS = '[0-9][0-9_]*';
const EXPONENT = '(?:[eE]_*(?:[-+]_*)?[0-9][0-9_]*)?';
/** If a number begins with a decimal point, go-yaml does not remove underscores. */
const FLOAT = new RegExp(
  `^(?:${START}(?:${DIGITS}(?:\\.[0-9_]*)?|\\._*${DIGITS})${EXPONENT}|\\.[0-9]+(?:[eE][-+]?[0-9]+)?)$`,
);

const BASES: readonly (readonly [RegExp, string])[] = [
  [/^0[xX]/, '0x'],
  [/^0[oO]|^0(?=[0-7]+$)/, '0o'],
  [/^0[bB]/, '0b'],
];

/** Returns the number, or the text itself if the number would be infinite, as for some hashes (`12e4567`). */
function read(text: string): unknown {
  const plain = text.replaceAll('_', '');
  const digits = plain.replace(/^[-+]/, '');
  const base = BASES.find(([prefix]) => prefix.test(digits));
  const value = base === undefined ? Number(digits) : Number(digits.replace(base[0], base[1]));
  if (!Number.isFinite(value)) return text;
  return plain.startsWith('-') ? -value : value;
}

/** Replaces all int and float tags, except the tags for `.inf` and `.nan`. */
export const NUMBER_TAGS: readonly ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:int', default: true, test: INTEGER, resolve: read },
  { tag: 'tag:yaml.org,2002:float', default: true, test: FLOAT, resolve: read },
];
