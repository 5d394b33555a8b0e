/** Number of capturing groups of a regular expression, to which `$1`, `$2` and so on can refer. */
export function countGroups(text: string): number {
  let [count, inClass] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(' && captures(text, at + 1)) count += 1;
  }
  return count;
}

/** Whether a group captures: `(` and `(?<name>` do, `(?:` and look-arounds do not. `at`: position after the `(`. */
function captures(text: string, at: number): boolean {
  return text[at] !== '?' || /^\?(?:P?<[A-Za-z_]|')/.test(text.slice(at, at + 4));
}
