/** Compares versions of Debian packages (Debian Policy, section 5.6.12). */

/**
 * The rank of a character outside of numbers: `~` comes before the end of the text, letters before all other
 * characters.
 */
function rank(char: string | undefined): number {
  if (char === undefined || /\d/.test(char)) return 0;
  if (char === '~') return -1;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function compareParts(a: string, b: string): number {
  const pieces = (text: string): readonly string[] => text.match(/\d+|\D/g) ?? [];
  const [left, right] = [pieces(a), pieces(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    const isNumber = /^\d/.test(one ?? '') || /^\d/.test(other ?? '');
    // A number beside a character: the character decides, and comes before the number only if it is `~`.
    const byRank = rank(one) - rank(other);
    if (byRank !== 0) return byRank;
    const byNumber = isNumber ? Number(one ?? 0) - Number(other ?? 0) : 0;
    if (byNumber !== 0) return byNumber;
  }
  return 0;
}

function split(version: string): readonly [epoch: number, upstream: string, revision: string] {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return [Number(epoch), dash < 0 ? rest : rest.slice(0, dash), dash < 0 ? '' : rest.slice(dash + 1)];
}

/** Negative if `a` is the older version, positive if it is the newer one, otherwise 0. */
export function compareDebianVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return left[0] - right[0] || compareParts(left[1], right[1]) || compareParts(left[2], right[2]);
}
