/** Limits for the size of a regular expression, checked by the parser before anything is computed. */

/** Bytes of the text. nginx accepts words of up to 4,096 bytes, in which `\` and `"` take two. */
export const MOST_BYTES = 2000;
/** Depth of nested groups. */
export const MOST_DEPTH = 12;
/** Groups, capturing or not. Each takes memory in every step that PCRE may backtrack. */
export const MOST_GROUPS = 60;
/** Capturing groups; a target can use nine of them. */
export const MOST_CAPTURES = 30;
/** Alternatives of all groups together. */
export const MOST_BRANCHES = 300;
/** Quantifiers. */
export const MOST_QUANTIFIERS = 100;
/** The numbers in braces. */
export const MOST_REPEATS = 255;
/** Characters with counted repetitions written out: `([a-z]{3}-){4}` is 16. */
export const MOST_STATES = 600;
/** Pairs of characters of which one may follow the other, counted in the same way. */
export const MOST_EDGES = 3000;
/** Bytes of PCRE's compiled program, which every process of NGINX keeps; PCRE refuses more than 65,536. */
export const MOST_COMPILED = 30_000;
