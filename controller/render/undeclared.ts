/**
 * Declares variables that a copy of an older template lacks. Log formats, the default one included, may read variables
 * that were added later; nginx would reject the whole file because of an unknown variable.
 */
import { literal, variable, word } from '../types/conf-value.ts';
import { type Declaration, declaration } from '../types/declaration.ts';

/** The variables that Lua writes and the built-in template declares with `set`. */
const WRITTEN_BY_LUA = ['proxy_alternative_upstream_name', 'proxy_upstream_name', 'tidegate_reason', 'tidegate_tries'];

/** Declarations of the variables in `read` that no template declares. Lua can write a variable of a map, too. */
export function undeclared(templates: readonly string[], read: ReadonlySet<string>): readonly Declaration[] {
  return WRITTEN_BY_LUA.filter(
    (name) => read.has(name) && !templates.some((text) => text.includes(`set $${name} `)),
  ).map((name) =>
    declaration({ name: 'map', args: [literal(''), variable(name)], entries: [[word('default'), literal('')]] }),
  );
}
