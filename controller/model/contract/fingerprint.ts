/** Names that depend on content alone: equal content has the same name in every build and replica. */
import { hash } from 'node:crypto';
import type { Directive } from '../../types/directive.ts';

/** 16 hexadecimal digits; the names are identities, and no secret depends on them. */
export function fingerprint(content: string): string {
  return hash('sha256', content, 'hex').slice(0, 16);
}

const texts = new WeakMap<readonly Directive[], string>();

/** Directives as a text that identifies them. Thousands of locations share one list. */
export function directiveText(directives: readonly Directive[]): string {
  const known = texts.get(directives);
  if (known !== undefined) return known;
  const text = directives.map(({ name, args }) => [name, ...args.map(({ conf }) => conf)].join(' ')).join(';');
  texts.set(directives, text);
  return text;
}
