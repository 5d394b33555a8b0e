/** Plain text and regular expressions. */

const META = /[\\^$|?*+()[\]{}]/;

/** Whether a path can mean anything else than its text; a dot alone does not count. */
export function hasMeta(text: string): boolean {
  return META.test(text);
}

/** Plain text → the regular expression that matches just it. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** The part of a path regex that every match begins with; dots are taken as dots. */
export function literalStart(text: string): string {
  const end = text.search(META);
  if (end < 0) return text;
  // A quantifier makes the character before it optional or repeated.
  return /[?*+{]/.test(text[end] ?? '') ? text.slice(0, Math.max(0, end - 1)) : text.slice(0, end);
}

/**
 * The longest path of which all URIs that a pattern matches are below: `/api(/|$)(.*)` → `/api`, `/api.*` → `/`. What
 * browsers take for the Path of a cookie.
 */
export function cookiePath(pattern: string): string {
  const start = literalStart(pattern);
  const rest = pattern.slice(start.length);
  const whole = rest === '' || rest === '$' || rest.startsWith('(/|$)') || rest.startsWith('(/.*)?');
  return whole ? start || '/' : start.slice(0, start.lastIndexOf('/') + 1) || '/';
}
