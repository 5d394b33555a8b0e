/** Generates random regular expressions: from all syntax of PCRE, and from shapes that are known to be slow. */

/** Returns a random number generator (mulberry32): numbers from 0 to 1, equal sequences for equal seeds. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const CHARACTERS = 'aaab01/-_.AB xyz!%@~é€'.split('');
const ESCAPES = String.raw`\d \w \s \D \W \S \h \. \/ \- \+ \\ \[ \t \n \x41 \x2f \b \B \A \z \Z`.split(' ');
/** Syntax that the check rejects, or that the check, PCRE2 and ngx.re may interpret differently. */
const STRANGE =
  String.raw`\1 \2 \9 \012 \0 \u0041 \L \U \E \Q \Qa\E \K \G \R \X \C \N \N{2} \p{L} \p{Foo} \P{Lu} \pL \v \V \H \e \a \c[ \x \x4 \x{41} \x{10000} \o{7} \g1 \g{-1} \g<1> \k<n> \i \y (?R) (?1) (?&n) (?C) (?C1) (?(1)a|b) (?|a|b) (?#c) (?x) (?xx) (?m) (?U) (?J) (?n) (?-i) (?-s) (?i-s:.*$) (?i) (?s) (?^i) (*ACCEPT) (*FAIL) (*COMMIT) (*UTF) (*LIMIT_MATCH=1) (*positive_lookahead:a) (?<=a+) (?<!a|bc) (?<=ab) (?<=^a) (?<a>b) (?P<a>b) (?'a'b) (?P=a) (?P>a) (? (?) (?i:a) (?s-i:a) {2} {2,} {,2} {1,70000} {65535} {a} { } ] [ [] [^] []a] [^]a] [a-] [-a] [a-z-9] [a-\d] [\d-z] [\w-.] [[:alpha:]] [[:^digit:]] [[:foo:]] [[.a.]] [[=a=]] [a[b] [\b] [\x41-\x5a] [é] [z-a] [\Qa\E] [[:<:]] $ ^ ** ++ *+ ?+ {2}+ {2}? {2}{3} | () (|) (a|) \ `.split(
    ' ',
  );
const CLASSES = String.raw`[a-z] [^/] [a-z0-9] [0-9] [^a] [ab] [\w-] [-.] [^/.] [[:alnum:]_] [a-zA-Z0-9_-] [\d.]`.split(
  ' ',
);
const QUANTIFIERS = ['*', '+', '?', '*?', '+?', '*+', '{2}', '{1,3}', '{2,}', '{0,20}', '{3}?', '++', '{50}', '{255}'];
const SHAPES = [
  '(a+)+$',
  '(a|a)*$',
  '(a|ab)*c',
  '(.*a){20}$',
  '.*.*.*x',
  '(x+x+)+y',
  '([a-z]+)*!',
  '(a?){30}a{30}',
  '(a*)*b',
  '(|a)+$',
  '(a{1,30}){1,30}b',
  '((a{9}){9}){9}',
  '.*(|){30}$',
  '(?:a|b|ab)*?c',
  '(?=(a+)+$)',
  '(?>(a+)+)$',
  '(a++)*a',
  '(\\d+)*x',
  '(.*)/(.*)/(.*)\\.php$',
  '.*a.*',
  '[^/]+/[^/]+$',
  '(/[^/]+)*$',
  '(?:/[a-z0-9]+)*$',
  '((((((((((a))))))))))*b',
  '(.{0,20}){5}$',
  'a?a?a?a?a?a?a?a?a?a?$',
  '(?:.|a)*b',
  '[a-z]*[a-z0-9]*[a-z_]*$',
  '(a|b|c|d|e|f)*(a|b|c|d|e|f)*$',
  '(.*)(.*)$',
  '(?!.*a.*b)x',
  '.*(?=.*a)b',
  '(?:(?:a|b)+/)*c',
  '\\w+\\d+$',
  '(foo|foobar|foob)*$',
  '.*?a.*?b',
  '.+/.+x',
].flatMap((shape) => [shape, `/${shape}`, `^${shape}`]);

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

function atom(random: Random, depth: number, strange: number): string {
  const roll = random();
  if (roll < strange) return pick(random, STRANGE);
  if (roll < 0.45) return pick(random, CHARACTERS);
  if (roll < 0.55) return '.';
  if (roll < 0.65) return pick(random, ESCAPES);
  if (roll < 0.78) return pick(random, CLASSES);
  if (roll < 0.82) return pick(random, SHAPES);
  if (depth > 3) return pick(random, CHARACTERS);
  const opening = pick(random, ['(', '(', '(', '(?:', '(?:', '(?=', '(?!', '(?>', '(?<n>', '(?i:']);
  const branches = Array.from({ length: 1 + Math.floor(random() ** 2 * 4) }, () =>
    sequence(random, depth + 1, strange),
  );
  return `${opening}${branches.join('|')})`;
}

function sequence(random: Random, depth: number, strange: number): string {
  const atoms = Array.from({ length: Math.floor(random() * (depth === 0 ? 8 : 4)) + 1 }, () => {
    const one = atom(random, depth, strange);
    return random() < 0.3 ? `${one}${pick(random, QUANTIFIERS)}` : one;
  });
  return atoms.join('');
}

/**
 * Returns a pattern for a path, without the leading slash. A third of the patterns may contain unusual syntax
 * (STRANGE).
 */
export function randomRegex(random: Random): string {
  const strange = random() < 0.33 ? 0.15 : 0;
  const start = random() < 0.6 ? pick(random, ['', 'a/', 'api/v[0-9]+/', 'x(/|$)']) : '';
  return `${start}${sequence(random, 0, strange)}${random() < 0.3 ? '$' : ''}`;
}
