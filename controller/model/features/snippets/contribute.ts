/** Turns the snippets of an Ingress into contributions to its locations and hosts. */
import { literal, snippetText, variable } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { LiveHeader, LiveScript, LiveStep, LiveText } from '../../../types/live-snippet.ts';
import type { HeaderChange } from '../../../types/upstream-headers.ts';
import type { AccessRules, LocationContribution } from '../annotation.ts';
import { buffersOfSettings, fittingPass, type PlaceBuffers } from '../fitting-buffers.ts';
import type { Settings } from '../../settings/settings.ts';
import { sourceRanges } from '../../values/source-ranges.ts';
import type { Snippet } from '../../values/snippets/compile.ts';
import { isNative } from '../../values/snippets/text.ts';

/**
 * Index of the first variable that contains a header of the authentication service's response: $tidegate_own_50. Lower
 * indexes are for values that Lua computes.
 */
const FROM_AUTH = 50;
const MOST_EXPORTS = FROM_AUTH - 1;

/** Variables of snippets that this snippet reads, but that neither the snippet nor `others` set. */
export function unsetVariables(snippet: Snippet, others: ReadonlySet<string>): readonly string[] {
  return [...snippet.reads].filter(
    (name) => !snippet.sets.has(name) && !snippet.fromAuth.has(name) && !others.has(name),
  );
}

/** What a configuration-snippet adds to each location; undefined if it needs more variables than are available. */
export function contributeSnippet(snippet: Snippet, settings: Settings): LocationContribution | undefined {
  const fromAuth = new Map([...snippet.fromAuth.keys()].map((name, index) => [`$@${name}`, own(FROM_AUTH + index)]));
  const resolve = (text: LiveText): LiveText => text.map((piece) => fromAuth.get(piece) ?? piece);
  const exported: string[] = [];
  const native = (piece: string): string => {
    if (isNative(piece)) return piece;
    if (!exported.includes(piece)) exported.push(piece);
    return own(exported.indexOf(piece) + 1);
  };
  const upstreamHeaders = snippet.requestHeaders.map(({ name, text }): HeaderChange => {
    return [name, text.length === 0 ? 'removed' : snippetText(resolve(text).map(native))];
  });
  if (exported.length > MOST_EXPORTS) return undefined;
  const script = scriptOf(snippet.script, settings, resolve);
  const live = {
    ...(script !== undefined && { location: script }),
    ...(exported.length > 0 && { exports: exported }),
  };
  return {
    yields: true,
    directives: [
      ...snippet.directives,
      ...exported.map((_, index) => directive('set', ownVariable(index + 1), literal(''))),
      ...[...snippet.fromAuth.values()].map((name, index) =>
        directive('auth_request_set', ownVariable(FROM_AUTH + index), variable(name)),
      ),
    ],
    ...(snippet.access.length > 0 && { access: accessOf(snippet, settings) }),
    pass: snippet.pass,
    upstreamHeaders,
    ...(Object.keys(live).length > 0 && { route: { snippet: live } }),
  };
}

/** What a server-snippet adds to the server block, and to the routes of all its locations. */
export function contributeToServer(
  snippet: Snippet,
  settings: Settings,
): {
  readonly directives: readonly Directive[];
  readonly script: LiveScript | undefined;
  readonly buffers: PlaceBuffers;
  readonly changed: readonly string[];
} {
  const { before, inherited, after } = accessOf(snippet, settings);
  const { pass, buffers, changed } = fittingPass(snippet.pass, buffersOfSettings(settings));
  const passing = pass.map(({ suffix, args, only = 'proxy' }) =>
    directive(`${only}_${suffix}` as Directive['name'], ...args),
  );
  return {
    directives: [
      ...snippet.directives,
      ...passing,
      ...(snippet.access.length > 0 ? [...before, ...inherited, ...after] : []),
    ],
    script: scriptOf(snippet.script, settings, (text) => text),
    buffers,
    changed,
  };
}

function own(index: number): string {
  return `$tidegate_own_${index}`;
}

function ownVariable(index: number) {
  return variable(own(index).slice(1));
}

/**
 * Splits the access rules: `deny` rules before the first `allow` go before the rules of the location, all other rules
 * after them.
 */
function accessOf({ access }: Snippet, settings: Settings): AccessRules {
  const first = access.findIndex(({ name }) => name === 'allow');
  const cut = first < 0 ? access.length : first;
  // In nginx, a location with rules of its own inherits none.
  const inherited = sourceRanges(settings['whitelist-source-range'], settings['denylist-source-range']);
  return { before: access.slice(0, cut), inherited, after: access.slice(cut) };
}

/**
 * The script without changes to Strict-Transport-Security, if the settings set that header on every response over TLS.
 */
function scriptOf(
  script: LiveScript,
  settings: Settings,
  resolve: (text: LiveText) => LiveText,
): LiveScript | undefined {
  const headersOf = (headers: readonly LiveHeader[] = []) =>
    headers
      .filter(({ name }) => !settings.hsts || name.toLowerCase() !== 'strict-transport-security')
      .map((header) => (header.text === undefined ? header : { ...header, text: resolve(header.text) }));
  const stepOf = (step: LiveStep): LiveStep => {
    if ('if' in step) {
      const { value } = step.if;
      const test = { ...step.if, of: resolve(step.if.of), ...(value !== undefined && { value: resolve(value) }) };
      return { if: test, ...part(step) };
    }
    if ('set' in step) return { ...step, to: resolve(step.to) };
    if ('rewrite' in step)
      return { ...step, to: resolve(step.to), ...(step.query !== undefined && { query: resolve(step.query) }) };
    return 'return' in step && step.text !== undefined ? { ...step, text: resolve(step.text) } : step;
  };
  const part = (given: LiveScript): LiveScript => {
    const [steps, last, headers] = [
      (given.steps ?? []).map(stepOf),
      (given.last ?? []).map(stepOf),
      headersOf(given.headers),
    ];
    return {
      ...(steps.length > 0 && { steps }),
      ...(last.length > 0 && { last }),
      ...(headers.length > 0 && { headers }),
    };
  };
  const whole = part(script);
  return Object.keys(whole).length === 0 ? undefined : whole;
}

/** Whether a script changes response headers. */
export function hasHeaders(script: LiveScript | undefined): boolean {
  if (script === undefined) return false;
  return script.headers !== undefined || stepsOf(script).some((step) => 'if' in step && hasHeaders(step));
}

/** Whether a script changes Strict-Transport-Security, which the settings may set. */
export function namesHsts(script: LiveScript): boolean {
  const named = (script.headers ?? []).some(({ name }) => name.toLowerCase() === 'strict-transport-security');
  return named || stepsOf(script).some((step) => 'if' in step && namesHsts(step));
}

function stepsOf({ steps = [], last = [] }: LiveScript): readonly LiveStep[] {
  return [...steps, ...last];
}
