/**
 * Compiles a tenant's snippet to allowed directives for nginx, and to a script that Lua runs. Parts of the snippet's
 * text get into nginx.conf only as checked values. Conditions, patterns and responses run in Lua, where they cannot
 * affect other tenants.
 */
import type { LiveHeader, LiveScript, LiveStep } from '../../../types/live-snippet.ts';
import { type ConfNode, parseConf } from '../../../types/tokenizer.ts';
import { accept, type Parsed, reject } from '../../contract/parser.ts';
import { moreThanMost } from '../header-names.ts';
import { addNative, type NativeDirectives, type SnippetPlace, WHERE } from './directives.ts';
import { expiresHeaders, HEADER_NAMES, responseHeaders } from './headers.ts';
import { insteadOf } from './instead.ts';
import { REQUEST_HEADER_NAMES, type RequestHeader, requestHeaders } from './request-headers.ts';
import { limitExcept, locationTest, SCRIPT_NAMES, settableName, stepOf, testOf, WITH_LOCATION } from './script.ts';
import { isNative, SnippetRefusal, type TextScope } from './text.ts';
import { onlyWord, mimeName } from './values.ts';

export interface Snippet extends NativeDirectives {
  readonly script: LiveScript;
  readonly requestHeaders: readonly RequestHeader[];
  /** Variables that are set from the authorization response: the snippet's variable → nginx variable. */
  readonly fromAuth: ReadonlyMap<string, string>;
  /** Variables that the snippet sets. */
  readonly sets: ReadonlySet<string>;
  /** Variables that the snippet reads and that nginx does not have. */
  readonly reads: ReadonlySet<string>;
}

const LIVE_NAMES: readonly string[] = [
  ...HEADER_NAMES,
  ...REQUEST_HEADER_NAMES,
  ...SCRIPT_NAMES,
  'auth_request_set',
  'limit_except',
];
const MOST_LENGTH = 65_536;
const MOST_DIRECTIVES = 500;
/** Maximum number of refusals in one message. */
const MOST_NAMED = 20;

interface Gathered extends NativeDirectives {
  /** The snippet applies to a whole host; nginx has already chosen the location when Lua runs the script. */
  readonly host: boolean;
  readonly requestHeaders: RequestHeader[];
  readonly fromAuth: Map<string, string>;
  readonly sets: Set<string>;
  readonly reads: Set<string>;
  /** Messages about refused directives, each with its line. */
  readonly refusals: string[];
}

/** Runs the compilation of one directive; a SnippetRefusal is recorded with the line of the directive. */
function at(node: ConfNode, { refusals }: Gathered, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof SnippetRefusal)) throw error;
    const text = `${node.words[0] ?? ''} ${error.message}`;
    refusals.push(`line ${node.line}: ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`);
  }
}

/** Compiles a block to a script for Lua; directives that nginx executes itself are added to `into`. */
function block(nodes: readonly ConfNode[], place: SnippetPlace, captures: boolean, into: Gathered): LiveScript {
  const [steps, last, hides, headers]: [LiveStep[], LiveStep[], LiveHeader[], LiveHeader[]] = [[], [], [], []];
  const scope: TextScope = { captures, own: (name) => into.reads.add(name) };
  const own: BlockState = { steps, headers, allowed: false, type: undefined };
  for (const node of nodes) {
    at(node, into, () => {
      const [name = '', ...args] = node.words;
      if (node.lua !== undefined) refuseName(name, place);
      if (node.children !== undefined) {
        // nginx evaluates access rules and locations after the steps, even if a break ended the steps.
        const step = nested(name, args, node.children, place, scope, into);
        if (step !== undefined) (name === 'if' ? steps : last).push(step);
        return;
      }
      const ofAnswer = place === 'auth' ? undefined : responseHeaders(name, args, scope);
      const step = place === 'auth' ? undefined : stepOf(name, args, scope, into.host);
      if (ofAnswer !== undefined) (name === 'proxy_hide_header' ? hides : headers).push(...ofAnswer);
      else if (step !== undefined) {
        if ('set' in step) into.sets.add(step.set);
        steps.push(step);
      } else if (!ofBlock(name, args, place, own)) ofPlace(name, args, place, scope, into);
    });
  }
  const all = [...hides, ...headers];
  const { type } = own;
  const typed = type === undefined ? steps : steps.map((step) => withType(step, type));
  return {
    ...(typed.length > 0 && { steps: typed }),
    ...(last.length > 0 && { last }),
    ...(all.length > 0 && { headers: all }),
  };
}

interface BlockState {
  readonly steps: LiveStep[];
  readonly headers: LiveHeader[];
  /** `allow all` was the first access rule of the block. */
  allowed: boolean;
  /** The block's default_type. */
  type: string | undefined;
}

/**
 * Compiles a directive in an `if` or location block, other than steps and headers; false if it is not accepted there.
 */
function ofBlock(name: string, args: readonly string[], place: SnippetPlace, own: BlockState): boolean {
  if (place !== 'block' && place !== 'if') return false;
  if (name === 'expires') own.headers.push(...expiresHeaders(args));
  else if (name === 'default_type') own.type = mimeName(args);
  else if (place === 'if') return false;
  else if (name === 'deny' && args.length === 1 && args[0] === 'all') {
    if (!own.allowed) own.steps.push({ return: 403 });
  } else if (name === 'allow') {
    onlyWord(args, 'all');
    own.allowed = true;
  } else if (name !== 'access_log' && name !== 'log_not_found') return false;
  return true;
}

/** Gives the bodies in a step the content type of the enclosing block, unless an inner block has its own. */
function withType(step: LiveStep, type: string): LiveStep {
  if ('if' in step)
    return step.steps === undefined ? step : { ...step, steps: step.steps.map((each) => withType(each, type)) };
  const isText = 'return' in step && step.text !== undefined && !WITH_LOCATION.has(step.return);
  return isText && step.type === undefined ? { ...step, type } : step;
}

/** Compiles a directive that is neither a step nor a response header. */
function ofPlace(name: string, args: readonly string[], place: SnippetPlace, scope: TextScope, into: Gathered): void {
  if (place === 'location' || place === 'auth') {
    const headers = requestHeaders(name, args, scope);
    if (headers !== undefined) {
      // Lua does not check headers of an auth-snippet: nginx would write the decoded value into the header.
      const decoded = headers.flatMap(({ text }) => text).find((piece) => /^\$[a-z]/.test(piece) && !isNative(piece));
      if (place === 'auth' && decoded !== undefined)
        throw new SnippetRefusal(
          `contains ${decoded}, in which a client can put a line break; $request_uri cannot contain one`,
        );
      into.requestHeaders.push(...headers);
      return;
    }
  }
  if (place === 'location' && name === 'auth_request_set') setFromAuth(args, into);
  else if (!addNative(name, args, place, into)) refuseName(name, place);
}

function setFromAuth(args: readonly string[], into: Gathered): void {
  const [variable = '', value = '', more] = args;
  const known = /^\$(upstream_(?:http|cookie)_[a-z0-9_]+|upstream_status)$/.exec(value)?.[1];
  if (known === undefined || more !== undefined)
    throw new SnippetRefusal(
      'takes a variable and one of $upstream_http_NAME, $upstream_cookie_NAME and $upstream_status',
    );
  const name = settableName(variable);
  if (into.fromAuth.size >= 49) throw new SnippetRefusal('is used more than 49 times');
  into.fromAuth.set(name, known);
}

function nested(
  name: string,
  args: readonly string[],
  children: readonly ConfNode[],
  place: SnippetPlace,
  scope: TextScope,
  into: Gathered,
): LiveStep | undefined {
  if (name === 'if' && (place === 'server' || place === 'location' || place === 'block')) {
    const test = testOf(args, scope);
    const captures = scope.captures || test.pattern !== undefined;
    return { if: test, ...block(children, 'if', captures, into) };
  }
  if (name === 'limit_except' && place === 'location') return limitExcept(args, children);
  if (name !== 'location' || place !== 'server') refuseName(name, place);
  const test = locationTest(args);
  const before = into.refusals.length;
  const script = block(children, 'block', test.pattern !== undefined, into);
  // A block without a response answers 404, because NGINX has no files to serve.
  if (script.steps === undefined && script.headers === undefined) return { if: test, steps: [{ return: 404 }] };
  if (into.refusals.length === before && script.steps?.some((step) => 'return' in step) !== true)
    throw new SnippetRefusal(
      'takes blocks that end with return or deny all: all other responses come from the paths of Ingresses',
    );
  return { if: test, ...script };
}

function refuseName(name: string, place: SnippetPlace): never {
  throw new SnippetRefusal(
    `is not accepted ${WHERE[place]}; ` +
      (elsewhere(name, place) ?? insteadOf(name) ?? 'docs/snippets.md lists the accepted directives'),
  );
}

/** Says where a directive that is refused in this place is accepted; undefined if nowhere. */
function elsewhere(name: string, place: SnippetPlace): string | undefined {
  if (place === 'location') return name === 'location' ? 'a server-snippet accepts it' : undefined;
  const ofLocation = ['auth_request_set', 'limit_except', ...REQUEST_HEADER_NAMES];
  return place !== 'auth' && ofLocation.includes(name)
    ? 'a configuration-snippet accepts it outside blocks'
    : undefined;
}

function count(nodes: readonly ConfNode[]): number {
  return nodes.reduce((sum, { children }) => sum + 1 + count(children ?? []), 0);
}

function listed(refusals: readonly string[]): string {
  const more = refusals.length - MOST_NAMED;
  return refusals.slice(0, MOST_NAMED).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** Operations on headers in a script, including those in nested blocks. */
function headersIn({ headers = [], steps = [] }: LiveScript): readonly LiveHeader[] {
  return [...headers, ...steps.flatMap((step) => ('if' in step ? headersIn(step) : []))];
}

/** Compiles the text of a snippet annotation; if directives are refused, the reason names all of them. */
export function compileSnippet(text: string, place: 'server' | 'location' | 'auth'): Parsed<Snippet> {
  if (text.length > MOST_LENGTH) return reject(`is longer than ${MOST_LENGTH} characters`);
  const into: Gathered = {
    host: place === 'server',
    directives: [],
    pass: [],
    access: [],
    requestHeaders: [],
    fromAuth: new Map(),
    sets: new Set(),
    reads: new Set(),
    refusals: [],
  };
  try {
    const nodes = parseConf(text);
    if (count(nodes) > MOST_DIRECTIVES) return reject(`has more than ${MOST_DIRECTIVES} directives`);
    const script = block(nodes, place, false, into);
    const tooMany = moreThanMost(headersIn(script));
    if (tooMany !== undefined) return reject(tooMany);
    const { refusals, host: _, ...snippet } = into;
    return refusals.length === 0
      ? accept({ ...snippet, script })
      : reject(`contains refused directives: ${listed(refusals)}`);
  } catch (error) {
    if (error instanceof SyntaxError) return reject(`cannot be read by nginx: ${error.message}`);
    throw error;
  }
}

/** Names of accepted directives that Tidegate implements instead of nginx. */
export const SCRIPTED_NAMES: readonly string[] = [...LIVE_NAMES, 'location'].sort();
