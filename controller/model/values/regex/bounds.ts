/** Limits for the size of a regular expression. The parser checks most of them before anything else is computed. */

/** Bytes of the text. nginx accepts words of up to 4,096 bytes, in which `\` and `"` take two bytes each. */
export const MOST_BYTES = 2000;
/** Depth of nested groups. */
export const MOST_DEPTH = 12;
/** Groups, capturing or not. Each group takes memory in every step that PCRE may have to backtrack. */
export const MOST_GROUPS = 60;
/** Capturing groups; a rewrite target can refer to nine of them. */
export const MOST_CAPTURES = 30;
/** Alternatives in all groups together. */
export const MOST_BRANCHES = 300;
/** Quantifiers. */
export const MOST_QUANTIFIERS = 100;
/** The numbers in the braces of counted repetitions. */
export const MOST_REPEATS = 255;
/** Characters after counted repetitions are expanded: `([a-z]{3}-){4}` has 16. */
export const MOST_STATES = 600;
/** Pairs of characters of which one may follow the other, after counted repetitions are expanded. */
export const MOST_EDGES = 3000;
/** Bytes of the compiled pattern, which every process of NGINX has in memory; PCRE refuses more than 65,536. */
export const MOST_COMPILED = 30_000;
