/** Compiles directives of nginx's rewrite module to steps for Lua. All functions throw SnippetRefusal. */
import type { LiveSnippetRewrite, LiveStep, LiveTest, LiveText } from '../../../types/live-snippet.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { ConfNode } from '../../../types/tokenizer.ts';
import { sourcesOf } from '../access-lists.ts';
import { checkPathRegex, checkSearch } from '../regex/check.ts';
import { plainWord, SnippetRefusal, textOf, type TextScope } from './text.ts';
import { network, words } from './values.ts';
import { unsettable } from './variables.ts';

export const SCRIPT_NAMES = ['break', 'if', 'return', 'rewrite', 'set'] as const;

/** Statuses for which the text of `return` is a URL or path, not the body of the response. */
export const WITH_LOCATION = new Set([301, 302, 303, 307, 308]);

/** A regular expression that cannot take long to match, without names of groups. */
function patternOf(text: string): string {
  plainWord(text);
  const anchored = text.startsWith('^');
  const checked = anchored ? checkPathRegex(text.slice(1)) : checkSearch(text);
  if (!checked.ok) throw new SnippetRefusal(`has a pattern that ${checked.reason}`);
  return anchored ? `${checked.limit}^${checked.pattern}` : checked.pattern;
}

/**
 * Checks the target of a redirect: it must be a URL with http or https, or a path on the same host. A target that
 * begins with a variable is checked at run time.
 */
function location(text: LiveText): LiveText {
  const [first = ''] = text;
  if (!/^(?:\$|https?:\/\/|\/(?![/\\])|\/$)/.test(first))
    throw new SnippetRefusal('redirects to something other than a URL or path');
  return text;
}

/** Ranges of statuses of responses without a Location header. */
const ANSWERS = [
  [200, 206],
  [400, 498],
  [500, 599],
] as const;

function answer(args: readonly string[], scope: TextScope): LiveStep {
  const [first = '', second, more] = args;
  if (args.length === 0 || more !== undefined)
    throw new SnippetRefusal('takes a status, optionally followed by a string or URL; or only a URL');
  if (!/^\d{3}$/.test(first)) {
    if (second !== undefined || !/^(?:https?:\/\/|\$scheme:\/\/)/.test(first))
      throw new SnippetRefusal('takes a status, or a URL with http or https');
    return { return: 302, text: location(textOf(first, scope)) };
  }
  const status = Number(first);
  if (WITH_LOCATION.has(status)) {
    if (second === undefined) throw new SnippetRefusal(`needs a URL or path after ${status}`);
    return { return: status, text: location(textOf(second, scope)) };
  }
  if (!ANSWERS.some(([least, most]) => status >= least && status <= most))
    throw new SnippetRefusal('takes the statuses 200 to 206, 301, 302, 303, 307, 308, and 400 to 599 except 499');
  return { return: status, ...(second !== undefined && { text: textOf(second, { ...scope, breaks: true }) }) };
}

const FLAGS = { break: undefined, last: undefined, redirect: 302, permanent: 301 } as const;

/**
 * Status with which a rewrite redirects; undefined if it only rewrites the path. `away`: whether the target is a URL.
 */
function codeOf(flag: string, away: boolean, inServer: boolean): 301 | 302 | undefined {
  const known = Object.hasOwn(FLAGS, flag) && (inServer || flag !== 'last') ? (flag as keyof typeof FLAGS) : undefined;
  if (known === undefined && !(away && flag === ''))
    throw new SnippetRefusal(
      inServer
        ? 'takes the flags last, break, redirect and permanent'
        : 'takes the flags break, redirect and permanent, because the location has already been chosen',
    );
  return away && flag !== 'permanent' ? 302 : FLAGS[known ?? 'redirect'];
}

function rewrite(args: readonly string[], scope: TextScope, inServer: boolean): LiveStep {
  const [pattern, target, flag = '', more] = args;
  if (pattern === undefined || target === undefined || more !== undefined)
    throw new SnippetRefusal('takes a pattern, a path or URL, and optionally a flag such as break');
  const code = codeOf(flag, /^(?:https?:\/\/|\$scheme:\/\/)/.test(target), inServer);
  const { path, query, keeps } = splitTarget(textOf(target, { ...scope, captures: true }));
  if (code === undefined && (inServer || path[0]?.startsWith('$') !== true) && path[0]?.startsWith('/') !== true)
    throw new SnippetRefusal('takes a path that begins with a slash');
  const step: LiveSnippetRewrite = {
    rewrite: patternOf(pattern),
    to: code === undefined ? path : location(path),
    ...(query.length > 0 && { query }),
    ...(keeps && { keepsArguments: true }),
    ...(code !== undefined && { code }),
  };
  return step;
}

/**
 * Splits the target of a rewrite into path and query. `keeps`: whether the query of the request is appended, which a
 * question mark at the end of the target prevents.
 */
function splitTarget(text: LiveText): { path: LiveText; query: LiveText; keeps: boolean } {
  const at = text.findIndex((piece) => !piece.startsWith('$') && piece.includes('?'));
  const piece = text[at];
  if (piece === undefined) return { path: text, query: [], keeps: true };
  const cut = piece.indexOf('?');
  const path = [...text.slice(0, at), piece.slice(0, cut)].filter((each) => each !== '');
  const query = [piece.slice(cut + 1), ...text.slice(at + 1)].filter((each) => each !== '');
  const last = query.at(-1);
  const keeps = !(query.length === 0 || (last !== undefined && !last.startsWith('$') && last.endsWith('?')));
  const trimmed = keeps || last === undefined ? query : [...query.slice(0, -1), last.slice(0, -1)];
  return { path, query: trimmed.filter((each) => each !== ''), keeps };
}

/** The name of a variable that a snippet may set: `$Name` → `name`. */
export function settableName(word: string): string {
  const name = word.slice(1).toLowerCase();
  const reason = word.startsWith('$') ? unsettable(name) : 'is not a variable';
  if (reason !== undefined) throw new SnippetRefusal(`cannot set ${plainWord(word)}, which ${reason}`);
  return name;
}

/** The step for a directive of the rewrite module; undefined for other directives, and for `if`, which is a block. */
export function stepOf(
  name: string,
  args: readonly string[],
  scope: TextScope,
  inServer: boolean,
): LiveStep | undefined {
  switch (name) {
    case 'set': {
      const [variable = '', value, more] = args;
      if (value === undefined || more !== undefined) throw new SnippetRefusal('takes a variable and a value');
      return { set: settableName(variable), to: textOf(value, scope) };
    }
    case 'return':
      return answer(args, scope);
    case 'rewrite':
      return rewrite(args, scope, inServer);
    case 'break':
      if (args.length > 0) throw new SnippetRefusal('takes no value');
      return { stop: true };
    default:
      return undefined;
  }
}

/** Compiles the condition of an `if`; `args`: its words, including the parentheses. */
export function testOf(args: readonly string[], scope: TextScope): LiveTest {
  const text = [...args];
  const [first = '', last = ''] = [text[0], text.at(-1)];
  if (!first.startsWith('(') || !last.endsWith(')')) throw new SnippetRefusal('takes a condition in parentheses');
  text[0] = first.slice(1);
  text[text.length - 1] = (text.at(-1) ?? '').slice(0, -1);
  const [variable = '', operator, value = '', more] = text.filter(
    (each, index) => each !== '' || (index > 0 && index < text.length - 1),
  );
  const of = textOf(variable, scope);
  if (of.length !== 1 || !variable.startsWith('$'))
    throw new SnippetRefusal('takes a condition that begins with a variable, for example ($request_method = POST)');
  if (more !== undefined) throw new SnippetRefusal('takes a variable, an operator and a value');
  switch (operator) {
    case undefined:
      return { of, is: 'filled' };
    case '=':
    case '!=':
      return { of, is: 'equal', ...(operator === '!=' && { not: true }), value: textOf(value, scope) };
    case '~':
    case '!~':
      return { of, is: 'match', ...(operator === '!~' && { not: true }), pattern: patternOf(value) };
    case '~*':
    case '!~*':
      return { of, is: 'imatch', ...(operator === '!~*' && { not: true }), pattern: patternOf(value) };
    default:
      throw new SnippetRefusal(`takes the operators =, !=, ~, !~, ~* and !~*, not ${JSON.stringify(operator)}`);
  }
}

/** Maximum number of rules: the live data of each location of the Ingress contains all of them. */
const MOST_RULES = 100;

const METHODS = new Set(
  'GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH'.split(' '),
);

const REFUSE: LiveStep = { return: 403 };

/** The step for the `allow` and `deny` rules of a block; the first match decides. Undefined if they allow everybody. */
function accessStep(rules: readonly Directive[]): LiveStep | undefined {
  const [first] = rules;
  if (first?.args[0]?.meaning === 'all') return first.name === 'deny' ? REFUSE : undefined;
  return { if: { of: ['$binary_remote_addr'], is: 'refused', sources: sourcesOf(rules) }, steps: [REFUSE] };
}

/** Compiles `limit_except GET { allow 10.0.0.0/8; deny all; }`; undefined if the rules allow everybody. */
export function limitExcept(args: readonly string[], children: readonly ConfNode[]): LiveStep | undefined {
  const methods = args.map((each) => each.toUpperCase());
  if (methods.length === 0 || methods.some((each) => !METHODS.has(each)))
    throw new SnippetRefusal('takes HTTP methods, for example GET POST');
  const rules = children.map(({ words: [name = '', ...values], children: nested }) => {
    if ((name !== 'allow' && name !== 'deny') || nested !== undefined)
      throw new SnippetRefusal(`takes only allow and deny in its block, not ${name}`);
    return directive(name, ...words(network)(values));
  });
  if (rules.length === 0) throw new SnippetRefusal('takes allow and deny in its block, for example deny all');
  if (rules.length > MOST_RULES) throw new SnippetRefusal(`takes at most ${MOST_RULES} addresses`);
  const step = accessStep(rules);
  if (step === undefined) return undefined;
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  const pattern = `^(?:${[...new Set(allowed)].join('|')})\\z`;
  return { if: { of: ['$request_method'], is: 'match', not: true, pattern }, steps: [step] };
}

/** The condition under which a location block in a server-snippet applies. */
export function locationTest(args: readonly string[]): LiveTest {
  const [modifier = '', path, more] = args.length === 1 ? ['', ...args] : args;
  const of = ['$uri'];
  if (path === undefined || more !== undefined || path.startsWith('@') || path === '')
    throw new SnippetRefusal('takes a path, optionally after =, ^~, ~ or ~*');
  switch (modifier) {
    case '=':
      return { of, is: 'equal', value: [literalPath(path)] };
    case '':
    case '^~':
      return { of, is: 'prefix', value: [literalPath(path)] };
    case '~':
      return { of, is: 'match', pattern: patternOf(path) };
    case '~*':
      return { of, is: 'imatch', pattern: patternOf(path) };
    default:
      throw new SnippetRefusal('takes a path, optionally after =, ^~, ~ or ~*');
  }
}

function literalPath(path: string): string {
  if (!plainWord(path).startsWith('/') || path.includes('$'))
    throw new SnippetRefusal('takes a path that begins with a slash');
  return path;
}
