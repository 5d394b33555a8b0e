/** Names that are computed from content alone: equal content has the same name in every build and on every replica. */
import { hash } from 'node:crypto';
import type { Directive } from '../../types/directive.ts';

/** 16 hexadecimal digits. They only identify content: security does not depend on them. */
export function fingerprint(content: string): string {
  return hash('sha256', content, 'hex').slice(0, 16);
}

const texts = new WeakMap<readonly Directive[], string>();

/** Text that identifies a list of directives. Remembered for each list, because thousands of locations share one. */
export function directiveText(directives: readonly Directive[]): string {
  const known = texts.get(directives);
  if (known !== undefined) return known;
  const text = directives.map(({ name, args }) => [name, ...args.map(({ conf }) => conf)].join(' ')).join(';');
  texts.set(directives, text);
  return text;
}
