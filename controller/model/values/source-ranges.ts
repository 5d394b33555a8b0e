import { literal } from '../../types/conf-value.ts';
import { type Directive, directive } from '../../types/directive.ts';

/**
 * Access rules by address. In nginx, the first matching rule decides, so the rules for denied sources come first. If
 * `allowed` is null, every source that is not denied is allowed; if it is empty, no source is allowed.
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
