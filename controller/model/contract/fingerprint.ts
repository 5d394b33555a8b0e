/** Names that follow from content alone: whatever is the same has the same name in every build and replica. */
import { hash } from 'node:crypto';
import type { Directive } from '../../types/directive.ts';

/** 16 hexadecimal digits; names are identities, and no secret rests on them. */
export function fingerprint(content: string): string {
  return hash('sha256', content, 'hex').slice(0, 16);
}

const texts = new WeakMap<readonly Directive[], string>();

/** Directives as one text that tells them from all others. Thousands of locations have the same list. */
export function directiveText(directives: readonly Directive[]): string {
  const known = texts.get(directives);
  if (known !== undefined) return known;
  const text = directives.map(({ name, args }) => [name, ...args.map(({ conf }) => conf)].join(' ')).join(';');
  texts.set(directives, text);
  return text;
}
