import { accept, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf, uniqueSorted } from './list.ts';
import { isLabel } from './names.ts';

/** Risk levels, from the lowest to the highest. */
const LEVELS = ['Low', 'Medium', 'High', 'Critical'] as const;
export type RiskLevel = (typeof LEVELS)[number];

/** A risk level, in upper or lower case. */
export const riskLevel: Parser<RiskLevel> = {
  accepts: 'Critical, High, Medium or Low',
  parse: (raw) => {
    const level = LEVELS.find((each) => each.toLowerCase() === raw.toLowerCase());
    return level === undefined ? reject('is not a risk level') : accept(level);
  },
};

/** Whether `risk` is higher than `level` allows. */
export function exceeds(risk: Lowercase<RiskLevel>, level: RiskLevel): boolean {
  return LEVELS.findIndex((each) => each.toLowerCase() === risk) > LEVELS.indexOf(level);
}

/** Comma-separated strings, which may occur anywhere in a value; spaces around them are removed. */
export const blockedWords: Parser<readonly string[]> = listOf({
  accepts: 'comma-separated words',
  item: (text) => accept(text),
  value: (words) => words,
});

/** Names of namespaces, separated by commas. */
export const namespaces: Parser<readonly string[]> = listOf({
  accepts: 'comma-separated names of namespaces',
  item: itemThat(isLabel, 'is not the name of a namespace'),
  value: uniqueSorted,
});
