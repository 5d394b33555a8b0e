import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';

/** From the least to the highest. */
const LEVELS = ['Low', 'Medium', 'High', 'Critical'] as const;
export type RiskLevel = (typeof LEVELS)[number];

/** Case does not count. */
export const riskLevel: Parser<RiskLevel> = {
  accepts: 'Critical, High, Medium or Low',
  parse: (raw) => {
    const level = LEVELS.find((each) => each.toLowerCase() === raw.toLowerCase());
    return level === undefined ? reject('is not a level of risk') : accept(level);
  },
};

/** Whether something of `risk` is more than `level` accepts. */
export function exceeds(risk: Lowercase<RiskLevel>, level: RiskLevel): boolean {
  return LEVELS.findIndex((each) => each.toLowerCase() === risk) > LEVELS.indexOf(level);
}

/** Parts of a text, separated by commas, blanks around them taken off. */
export const blockedWords: Parser<readonly string[]> = listOf({
  accepts: 'words, separated by commas',
  item: (text) => accept(text),
  value: (words) => words,
});
