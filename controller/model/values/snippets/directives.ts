/** Directives of snippets that nginx itself executes: the places where they are allowed, and their allowed values. */
import type { ConfValue } from '../../../types/conf-value.ts';
import { word } from '../../../types/conf-value.ts';
import { directive, type Directive, type OfSnippet } from '../../../types/directive.ts';
import { type PassDirective, passDirective } from '../../contract/pass-directives.ts';
import { bufferSize, busySize, tempFileSize } from '../buffers.ts';
import { byteCount } from '../scalars.ts';
import { SnippetRefusal } from './text.ts';
import {
  byteSizeWord,
  filledText,
  type Judge,
  type JudgeWord,
  mimeType,
  network,
  number,
  onOff,
  oneOfWords,
  onlyWord,
  plainText,
  sizeWithin,
  some,
  time,
  wholeSeconds,
  words,
} from './values.ts';

/** Place of a directive: in one of the snippets; `if`: in an `if` block; `block`: in a location block. */
export type SnippetPlace = 'server' | 'location' | 'auth' | 'if' | 'block';

interface Rule {
  readonly judge: Judge;
  readonly places: readonly SnippetPlace[];
}

const ANYWHERE: readonly SnippetPlace[] = ['server', 'location'];

function rule(judge: Judge, places = ANYWHERE): Rule {
  return { judge, places };
}

const expires: Judge = (args) => {
  const [first = '', second] = args;
  if (args.length === 1) {
    const keyword = /^(?:epoch|max|off|[+-]?\d{1,9}[smhdMy]?)$/.test(first);
    if (keyword) return [plainText(first)];
  }
  if (args.length === 2 && first === 'modified' && /^[+-]?\d{1,9}[smhdMy]?$/.test(second ?? ''))
    return [word('modified'), plainText(second ?? '')];
  throw new SnippetRefusal('takes a time, epoch, max or off, for example 1h');
};

/** One or two values: the timeout of connections, and the timeout in the Keep-Alive header. */
const keepaliveTimeout: Judge = (args) => words(...[time, wholeSeconds].slice(0, Math.max(1, args.length)))(args);

const charset: JudgeWord = (text) => {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(text))
    throw new SnippetRefusal('takes the name of a character set, for example utf-8');
  return word(text);
};

const IGNORED = ['X-Accel-Redirect', 'X-Accel-Expires', 'X-Accel-Limit-Rate', 'X-Accel-Buffering', 'X-Accel-Charset'];

/** Directive → the check of its values, and the places where it is allowed. */
const NATIVE: Readonly<Record<OfSnippet | 'client_body_buffer_size' | 'client_max_body_size', Rule>> = {
  access_log: rule(words(oneOfWords('off'))),
  charset: rule(words(charset)),
  chunked_transfer_encoding: rule(words(onOff)),
  client_body_buffer_size: rule(words(byteSizeWord)),
  client_body_timeout: rule(words(time)),
  client_header_buffer_size: rule(words(sizeWithin(byteCount(512, 64 * 1024))), ['server']),
  client_header_timeout: rule(words(time), ['server']),
  client_max_body_size: rule(words(byteSizeWord)),
  default_type: rule(words(mimeType)),
  etag: rule(words(onOff)),
  expires: rule(expires),
  gzip: rule(words(onOff)),
  gzip_comp_level: rule(words(number(1, 9))),
  gzip_http_version: rule(words(oneOfWords('1.0', '1.1'))),
  gzip_min_length: rule(words(number(0, 999_999_999))),
  gzip_proxied: rule(
    some(oneOfWords('off', 'expired', 'no-cache', 'no-store', 'private', 'no_last_modified', 'no_etag', 'auth', 'any')),
  ),
  gzip_types: rule(some(mimeType)),
  gzip_vary: rule(words(onOff)),
  if_modified_since: rule(words(oneOfWords('off', 'exact', 'before'))),
  keepalive_requests: rule(words(number(1, 1_000_000))),
  keepalive_timeout: rule(keepaliveTimeout),
  large_client_header_buffers: rule(words(number(1, 16), sizeWithin(byteCount(512, 256 * 1024))), ['server']),
  limit_rate: rule(words(byteSizeWord)),
  limit_rate_after: rule(words(byteSizeWord)),
  log_not_found: rule(words(onOff)),
  max_ranges: rule(words(number(0, 999_999_999))),
  proxy_cache: rule(words(oneOfWords('off'))),
  proxy_force_ranges: rule(words(onOff)),
  proxy_ignore_client_abort: rule(words(onOff)),
  proxy_ignore_headers: rule(some(oneOfWords(...IGNORED, 'Expires', 'Cache-Control', 'Set-Cookie', 'Vary'))),
  proxy_limit_rate: rule(words(byteSizeWord)),
  proxy_socket_keepalive: rule(words(onOff)),
  send_timeout: rule(words(time)),
  server_tokens: rule(words(oneOfWords('off'))),
  sub_filter: rule(words(filledText, plainText)),
  sub_filter_last_modified: rule(words(onOff)),
  sub_filter_once: rule(words(onOff)),
  sub_filter_types: rule(some(mimeType)),
  tcp_nodelay: rule(words(onOff)),
};

/** Directives that may occur several times. */
const REPEATED: ReadonlySet<string> = new Set(['sub_filter']);

/** Directives that control how requests are passed to backends, without their prefix `proxy_`. */
const PASSING = {
  buffer_size: words(sizeWithin(bufferSize)),
  buffering: words(onOff),
  buffers: words(number(2, 4096), sizeWithin(bufferSize)),
  busy_buffers_size: words(sizeWithin(busySize)),
  connect_timeout: words(time),
  http_version: words(oneOfWords('1.0', '1.1')),
  intercept_errors: words(oneOfWords('off')),
  max_temp_file_size: words(sizeWithin(tempFileSize)),
  read_timeout: words(time),
  request_buffering: words(onOff),
  send_timeout: words(time),
} as const satisfies Readonly<Record<string, Judge>>;
/** Names in `PASSING` that are also accepted with the prefix `grpc_`. */
const GRPC = ['connect_timeout', 'read_timeout', 'send_timeout'] as const;
/** Names in `PASSING` that are accepted in an auth-snippet. */
const IN_AUTH = new Set([
  'buffer_size',
  'buffers',
  'busy_buffers_size',
  'connect_timeout',
  'read_timeout',
  'send_timeout',
]);

/** Access rules; their order matters. */
const ACCESS = ['allow', 'deny'] as const;

/** The directives of a snippet that nginx executes. */
export interface NativeDirectives {
  readonly directives: Directive[];
  readonly pass: PassDirective[];
  readonly access: Directive[];
}

/** Adds a directive to the last argument; false if no table of this file has its name. Throws SnippetRefusal. */
export function addNative(
  name: string,
  args: readonly string[],
  place: SnippetPlace,
  { directives, pass, access }: NativeDirectives,
): boolean {
  const ofGrpc = GRPC.find((each) => name === `grpc_${each}`);
  const passing = name.startsWith('proxy_') ? name.slice('proxy_'.length) : '';
  const allowed = (places: readonly SnippetPlace[]) => {
    if (places.includes(place)) return;
    throw new SnippetRefusal(
      `is not accepted ${WHERE[place]}; ` +
        (places.includes('location') ? 'it is accepted outside blocks' : 'a server-snippet accepts it'),
    );
  };
  if (ofGrpc !== undefined) {
    allowed(ANYWHERE);
    once(pass.some(({ suffix, only }) => suffix === ofGrpc && only === 'grpc'));
    pass.push({ ...passDirective(ofGrpc, ...PASSING[ofGrpc](args)), only: 'grpc' });
    return true;
  }
  if (name === 'proxy_redirect') {
    // Only `off` is accepted. It is the default, so nothing needs to be added.
    onlyWord(args, 'off');
    allowed(ANYWHERE);
    return true;
  }
  if (isKey(PASSING, passing)) {
    allowed(IN_AUTH.has(passing) ? ['server', 'location', 'auth'] : ANYWHERE);
    once(pass.some(({ suffix, only }) => suffix === passing && only === undefined));
    pass.push(passDirective(passing, ...PASSING[passing](args)));
    return true;
  }
  if (isKey(NATIVE, name)) {
    allowed(NATIVE[name].places);
    once(!REPEATED.has(name) && directives.some((each) => each.name === name));
    directives.push(directive(name, ...NATIVE[name].judge(args)));
    return true;
  }
  const ofAccess = ACCESS.find((each) => each === name);
  if (ofAccess === undefined) return false;
  allowed(ANYWHERE);
  const values: readonly ConfValue[] = words(network)(args);
  access.push(directive(ofAccess, ...values));
  return true;
}

function once(again: boolean): void {
  if (again) throw new SnippetRefusal('is set twice');
}

function isKey<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name);
}

export const WHERE: Readonly<Record<SnippetPlace, string>> = {
  server: 'in a server-snippet',
  location: 'in a configuration-snippet',
  auth: 'in an auth-snippet',
  if: 'in an if block',
  block: 'in a location block',
};

/** Names of all directives in this file. */
export const NATIVE_NAMES: readonly string[] = [
  ...Object.keys(NATIVE),
  ...Object.keys(PASSING).map((name) => `proxy_${name}`),
  ...GRPC.map((name) => `grpc_${name}`),
  'proxy_redirect',
  ...ACCESS,
].sort();
