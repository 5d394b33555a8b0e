/**
 * A tenant's snippet → what nginx is told in directives of a closed list, and what Lua does. Nothing of its text reaches
 * nginx.conf but as checked values; its conditions, patterns and answers run in Lua, where they bind nobody else.
 */
import type { LiveHeader, LiveScript, LiveStep } from '../../types/live-snippet.ts';
import { type ConfNode, parseConf } from '../../types/tokenizer.ts';
import { accept, type Parsed, reject } from '../parser.ts';
import { addNative, type NativeDirectives, type Place, WHERE } from './directives.ts';
import { HEADER_NAMES, responseHeaders } from './headers.ts';
import { REQUEST_HEADER_NAMES, type RequestHeader, requestHeaders } from './request-headers.ts';
import { locationTest, SCRIPT_NAMES, settableName, stepOf, testOf } from './script.ts';
import { isNative, Refusal, type TextScope } from './text.ts';

export interface Snippet extends NativeDirectives {
  readonly script: LiveScript;
  readonly requestHeaders: readonly RequestHeader[];
  /** Variables that are set from the answer of the authentication service: own name → variable of nginx. */
  readonly fromAuth: ReadonlyMap<string, string>;
  /** Own variables that it sets. */
  readonly sets: ReadonlySet<string>;
  /** Own variables that it reads. */
  readonly reads: ReadonlySet<string>;
}

/** Annotations that do what a directive would. */
const INSTEAD: Readonly<Record<string, string>> = {
  auth_basic: 'auth-type',
  auth_basic_user_file: 'auth-secret',
  auth_request: 'auth-url',
  error_page: 'custom-http-errors',
  limit_conn: 'limit-connections',
  limit_req: 'limit-rps',
  mirror: 'mirror-target',
  proxy_cookie_domain: 'proxy-cookie-domain',
  proxy_cookie_path: 'proxy-cookie-path',
  proxy_intercept_errors: 'custom-http-errors',
  proxy_next_upstream: 'proxy-next-upstream',
  proxy_next_upstream_tries: 'proxy-next-upstream-tries',
  proxy_pass: 'a path of the Ingress, or upstream-vhost',
  proxy_redirect: 'proxy-redirect-from',
  proxy_ssl_name: 'proxy-ssl-name',
  proxy_ssl_server_name: 'proxy-ssl-server-name',
  proxy_ssl_verify: 'proxy-ssl-verify',
  satisfy: 'satisfy',
  ssl_ciphers: 'ssl-ciphers',
};

const LIVE_NAMES: readonly string[] = [...HEADER_NAMES, ...REQUEST_HEADER_NAMES, ...SCRIPT_NAMES, 'auth_request_set'];
const MOST_LENGTH = 65_536;
const MOST_DIRECTIVES = 500;

/** Where in the text something is refused. */
class RefusedAt extends Error {}

interface Gathered extends NativeDirectives {
  /** It is for a whole host, whose paths are chosen by then. */
  readonly host: boolean;
  readonly requestHeaders: RequestHeader[];
  readonly fromAuth: Map<string, string>;
  readonly sets: Set<string>;
  readonly reads: Set<string>;
}

function at<T>(node: ConfNode, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new RefusedAt(`line ${node.line}: ${node.words[0] ?? ''} ${error.message}`);
  }
}

/** What a whole block does in Lua; its other directives go to `into`. */
function block(nodes: readonly ConfNode[], place: Place, captures: boolean, into: Gathered): LiveScript {
  const [steps, hides, headers]: [LiveStep[], LiveHeader[], LiveHeader[]] = [[], [], []];
  const scope: TextScope = { captures, own: (name) => into.reads.add(name) };
  for (const node of nodes) {
    at(node, () => {
      const [name = '', ...args] = node.words;
      if (node.lua !== undefined) refuseName(name, place);
      if (node.children !== undefined) {
        steps.push(nested(name, args, node.children, place, scope, into));
        return;
      }
      const ofAnswer = place === 'auth' ? undefined : responseHeaders(name, args, scope);
      const step = place === 'auth' ? undefined : stepOf(name, args, scope, into.host);
      if (ofAnswer !== undefined) (name === 'proxy_hide_header' ? hides : headers).push(...ofAnswer);
      else if (step !== undefined) {
        if ('set' in step) into.sets.add(step.set);
        steps.push(step);
      } else if (!ofBlock(name, args, place, steps)) ofPlace(name, args, place, scope, into);
    });
  }
  const all = [...hides, ...headers];
  return { ...(steps.length > 0 && { steps }), ...(all.length > 0 && { headers: all }) };
}

/** What stands in a block of location, besides steps and headers. */
function ofBlock(name: string, args: readonly string[], place: Place, steps: LiveStep[]): boolean {
  if (place !== 'block') return false;
  if (name === 'deny' && args.length === 1 && args[0] === 'all') steps.push({ return: 403 });
  else if (name !== 'access_log' && name !== 'log_not_found') return false;
  return true;
}

/** What stands outside of blocks only. */
function ofPlace(name: string, args: readonly string[], place: Place, scope: TextScope, into: Gathered): void {
  if (place === 'location' || place === 'auth') {
    const headers = requestHeaders(name, args, scope);
    if (headers !== undefined) {
      // No Lua looks at these: nginx would write what it decoded into the header as it is.
      const decoded = headers.flatMap(({ text }) => text).find((piece) => /^\$[a-z]/.test(piece) && !isNative(piece));
      if (place === 'auth' && decoded !== undefined)
        throw new Refusal(`holds ${decoded}, into which a client can put a line break; $request_uri holds none`);
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
    throw new Refusal('takes a variable and one of $upstream_http_NAME, $upstream_cookie_NAME and $upstream_status');
  const name = settableName(variable);
  if (into.fromAuth.size >= 49) throw new Refusal('stands more than 49 times');
  into.fromAuth.set(name, known);
}

function nested(
  name: string,
  args: readonly string[],
  children: readonly ConfNode[],
  place: Place,
  scope: TextScope,
  into: Gathered,
): LiveStep {
  if (name === 'if' && (place === 'server' || place === 'location' || place === 'block')) {
    const test = testOf(args, scope);
    const captures = scope.captures || test.pattern !== undefined;
    return { if: test, ...block(children, 'if', captures, into) };
  }
  if (name !== 'location' || place !== 'server') refuseName(name, place);
  const test = locationTest(args);
  const script = block(children, 'block', test.pattern !== undefined, into);
  if (script.steps?.some((step) => 'return' in step) !== true)
    throw new Refusal(
      'takes blocks that end with return or deny all: what else is served is up to the paths of Ingresses',
    );
  return { if: test, ...script };
}

function refuseName(name: string, place: Place): never {
  const instead = INSTEAD[name];
  throw new Refusal(
    `is not accepted ${WHERE[place]}${instead === undefined ? '; docs/snippets.md lists what is' : `; see ${instead}`}`,
  );
}

function count(nodes: readonly ConfNode[]): number {
  return nodes.reduce((sum, { children }) => sum + 1 + count(children ?? []), 0);
}

/** Text of an annotation → what it does at its place, or the first thing in it that is not accepted. */
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
  };
  try {
    const nodes = parseConf(text);
    if (count(nodes) > MOST_DIRECTIVES) return reject(`holds more than ${MOST_DIRECTIVES} directives`);
    const script = block(nodes, place, false, into);
    return accept({ ...into, script });
  } catch (error) {
    if (error instanceof RefusedAt) return reject(`holds what is refused: ${error.message}`);
    if (error instanceof SyntaxError) return reject(`is not what nginx can read: ${error.message}`);
    throw error;
  }
}

/** Names that are accepted somewhere and are no directives of nginx.conf. */
export const SCRIPTED_NAMES: readonly string[] = [...LIVE_NAMES, 'location'].sort();
