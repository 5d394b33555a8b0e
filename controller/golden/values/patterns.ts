/**
 * Random strings for a key with regular expressions: its examples, changed with syntax that PCRE and other engines read
 * differently.
 */
import type { Random } from './random.ts';
import type { Examples } from './texts.ts';

const PIECES =
  String.raw`a [0-9] \d+ \w \.b (x|y) (x) (?:x)? .* .+ [a-z]{1,3} $ ^ | [] []a] [^]] [a [z-a] [\d-z] [a-\d] [[:alpha:]] [[:foo:]] ( ) (?x) (?<n>x) (?P<n>x) (?<=a+) (?=a) (?R) (?#c) (*UTF) * ? + ++ *+ {2} {2 {,2} {70000} {300} {2}{3} \ \om \L \Q \E \u0041 \x41 \x \x{100} \p{L} \p{Foo} \1 \9 \g1 \k<n> \K \R \X \C \N \c \e \0 ((a{9}){9}){9} (a+)+ .*a.*b.*c é [é]`.split(
    ' ',
  );

/** If the key marks patterns with `~`, most items get such a mark. */
function marked(random: Random, item: string, marks: boolean): string {
  return !marks || item.startsWith('~') || random.chance(0.2) ? item : `${random.pick(['~', '~*'])}${item}`;
}

export function randomPattern(random: Random, { good }: Examples): string {
  const marks = good.some((text) => text.includes('~'));
  const items = Array.from({ length: random.chance(0.7) ? 1 : 2 }, () => {
    let text = marked(random, random.pick(random.pick(good).split(',')).trim(), marks);
    for (let times = random.below(3); times >= 0; times -= 1) {
      const at = text.search(/[^~*]/) + random.below(text.length + 1);
      text = text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    }
    return text;
  });
  return items.join(',');
}
