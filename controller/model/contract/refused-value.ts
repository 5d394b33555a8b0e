/** Message about an invalid value: what is wrong and what is accepted, without saying one thing twice. */

/** Words that are ignored when a reason is compared with the description of accepted values. */
const FILLERS = new Set('a an and are from is it made neither no nor not of one or outside that the which'.split(' '));

/** The words of a string in lower case, with plural endings removed. */
function wordsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}$@*_](?:[\p{L}\p{N}$@*_./:-]*[\p{L}\p{N}$@*_])?/gu) ?? [];
  return words.map((word) => word.replace(/(?<=s)es$|(?<=[a-z]{2}[^su])s$/, ''));
}

/** Whether `clause` (`is not a size`, `is outside 1 to 9`) only repeats `accepts` as a negation. */
function denies(clause: string, accepts: string): boolean {
  if (!/^(?:is|are) (?:not|neither|outside|no)\b/.test(clause)) return false;
  const known = new Set(wordsOf(accepts));
  return wordsOf(clause).every((word) => FILLERS.has(word) || known.has(word));
}

const ITEM = /("(?:[^"\\]|\\.)*"\u2026?), which ((?:is|are) [^;"]*?)(?=, and "|, "|$)/g;

/**
 * The message. `reason` is the end of a sentence that begins with `name`; `outcome`, if not empty, begins with a
 * semicolon.
 */
export function refusedValue(name: string, reason: string, accepts: string, outcome = ''): string {
  if (denies(reason, accepts)) return `${name} must be ${accepts}${outcome}`;
  const shorter = reason.replace(ITEM, (all, item: string, clause: string) => (denies(clause, accepts) ? item : all));
  return `${name} ${shorter}${outcome}; accepted: ${accepts}`;
}
