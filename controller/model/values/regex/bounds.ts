/** How large a regular expression may be. Checked while it is read, before anything is computed from it. */

/** Bytes of the text. nginx takes words of up to 4,096 bytes, in which `\` and `"` are written with two. */
export const MOST_BYTES = 2000;
/** Groups within groups. */
export const MOST_DEPTH = 12;
/** Groups, capturing or not. Each takes room in every step that PCRE may have to take back. */
export const MOST_GROUPS = 60;
/** Groups that capture; a target can name nine of them. */
export const MOST_CAPTURES = 30;
/** Alternatives, of all groups together. */
export const MOST_BRANCHES = 300;
/** Quantifiers. */
export const MOST_QUANTIFIERS = 100;
/** The numbers in braces. */
export const MOST_REPEATS = 255;
/** Characters after counted repetitions are written out: `([a-z]{3}-){4}` is 16. */
export const MOST_STATES = 600;
/** Pairs of characters of which one may follow the other, in the same count. */
export const MOST_EDGES = 3000;
/** Bytes of PCRE's program, which every process of NGINX keeps; PCRE refuses more than 65,536. */
export const MOST_COMPILED = 30_000;
