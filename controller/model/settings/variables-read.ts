/** Finds the nginx variables that are used in settings and header ConfigMaps. */
import { accessLogFormat } from './access-log-format.ts';
import type { HeaderConfigMaps } from './header-config-maps.ts';
import type { Settings } from './settings.ts';
import { variablesIn } from '../values/log-format.ts';
import { variablesMade } from '../values/variables-made.ts';

const SNIPPETS = ['main-snippet', 'http-snippet', 'server-snippet', 'location-snippet'] as const;

/**
 * Names of the variables in lower case, without those that a snippet defines itself. Returns `before` if it contains
 * the same names.
 */
export function variablesRead(
  settings: Settings,
  { upstream, response }: HeaderConfigMaps,
  before: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const snippets = SNIPPETS.map((name) => settings[name]).filter((text) => text !== '');
  const headers = upstream.length + response.length === 0 ? '' : JSON.stringify([upstream, response]);
  const read = variablesIn([accessLogFormat(settings).format, ...snippets, headers].join('\n'));
  const made = variablesMade(snippets);
  const own = made.size === 0 ? read : new Set([...read].filter((name) => !made.has(name)));
  const same = before?.size === own.size && [...own].every((name) => before.has(name));
  return same ? before : own;
}
