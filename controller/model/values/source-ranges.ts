import { literal } from '../../types/conf-value.ts';
import { type Directive, directive } from '../../types/directive.ts';

/**
 * Access rules by address; the first match decides, so denied sources come first. `allowed` null: everybody who is not
 * denied; empty: nobody.
 */
export function sourceRanges(allowed: readonly string[] | null, denied: readonly string[]): readonly Directive[] {
  const rules = denied.map((network) => directive('deny', literal(network)));
  if (allowed === null) return rules;
  return [
    ...rules,
    ...allowed.map((network) => directive('allow', literal(network))),
    directive('deny', literal('all')),
  ];
}
