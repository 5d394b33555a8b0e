/**
 * Resolves conflicts between contributions that set the same directive in one location: nginx rejects a directive that
 * is set twice.
 */
import type { Directive } from '../../types/directive.ts';
import type { AccessRules, LocationContribution } from './annotation.ts';

/**
 * Puts the contributions marked `yields` first, without the directives that another contribution also sets; the other
 * contributions are unchanged.
 */
export function mergeConflicting(contributions: readonly LocationContribution[]): readonly LocationContribution[] {
  if (!contributions.some((each) => each.yields === true)) return contributions;
  const others = contributions.filter((each) => each.yields !== true);
  const names = new Set(others.flatMap((each) => each.directives ?? []).map(({ name }) => name));
  const suffixes = new Set(others.flatMap((each) => each.pass ?? []).map(({ suffix }) => suffix));
  const yielding = contributions
    .filter((each) => each.yields === true)
    .map((each) => ({
      ...each,
      directives: (each.directives ?? []).filter(({ name }) => !names.has(name)),
      pass: (each.pass ?? []).filter(({ suffix }) => !suffixes.has(suffix)),
    }));
  return [...yielding, ...others];
}

/** Puts access rules around the existing ones, or around the inherited ones if there are no existing ones. */
export function withAccess(directives: readonly Directive[], access: AccessRules | undefined): readonly Directive[] {
  if (access === undefined) return directives;
  const ruled = directives.some(({ name }) => name === 'allow' || name === 'deny');
  return [...access.before, ...(ruled ? [] : access.inherited), ...directives, ...access.after];
}
