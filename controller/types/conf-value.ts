/**
 * The only values that may reach a template. Each consists of its text in nginx.conf (`conf`) and of what nginx reads
 * from that text (`meaning`), so that render/ can verify that both agree. A plain string in a directive is a compile
 * error, and the template engine rejects it. The parsers in model/ check values first and explain what is wrong. An
 * exception thrown here is the last line of defence, and means that a parser has a gap.
 */

import { LONGEST_WORD, notOneWord } from './conf-word.ts';

// Control characters in a regular expression are usually a mistake; this expression exists to reject them.
const CONTROL = /[\u0000-\u001f\u007f]/;
const WORD = /^[A-Za-z0-9_.:/*-]+$/;
const HEADER_NAME = /^[A-Za-z0-9_-]+$/;
const LOCATION = /^[a-z][a-z_]*$/;
const HEX = /^[0-9a-f]{8,64}$/;
const SIZE = /^\d+[kmg]?$/;
const VARIABLE_NAME = /^[a-z][a-z0-9_]*$/;
const FILE_PATH = /^[A-Za-z0-9_./-]+$/;

export class ConfValue {
  /** The text in nginx.conf. */
  readonly conf: string;
  /** What nginx's tokenizer reads from it. */
  readonly meaning: string;
  #checked = true;

  /** Only the functions of this file can create values: other code does not have the `token`. */
  constructor(conf: string, meaning: string, token: symbol) {
    if (token !== MINT) throw new TypeError('only the functions of conf-value.ts can create a ConfValue');
    if (!isOneWord(conf)) throw new TypeError(`too long for one word of nginx.conf: ${conf.slice(0, 60)}`);
    this.conf = conf;
    this.meaning = meaning;
  }

  /** True for a value that was created here, and false for an object that only looks like one. */
  static is(value: unknown): value is ConfValue {
    return typeof value === 'object' && value !== null && #checked in value;
  }
}
const MINT = Symbol('conf-value');

function refuse(kind: string, text: string): never {
  throw new TypeError(`not a ${kind} for nginx.conf: ${JSON.stringify(text.slice(0, 60))}`);
}

/** Whether nginx can read a string, including its quotes, as one word. */
function isOneWord(conf: string): boolean {
  // A character has at most three bytes for each UTF-16 unit.
  return conf.length * 3 <= LONGEST_WORD || (conf.length <= LONGEST_WORD && Buffer.byteLength(conf) <= LONGEST_WORD);
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Whether a string fits into one quoted word of nginx.conf. */
export function fitsWord(text: string): boolean {
  return text.length <= LONGEST_WORD && isOneWord(quoted(text));
}

function quote(meaning: string, kind: string): ConfValue {
  if (CONTROL.test(meaning)) refuse(kind, meaning);
  return new ConfValue(quoted(meaning), meaning, MINT);
}

/** Any text without control characters, for parameters that nginx takes literally (locations, server names, allow). */
export function literal(text: string): ConfValue {
  return quote(text, 'literal');
}

/** Any text, for parameters in which nginx expands variables: `$` is escaped so that it stays a dollar. */
export function noVariables(text: string): ConfValue {
  return quote(text.replaceAll('$', '${literal_dollar}'), 'text');
}

/** Like `noVariables`, but truncates the text to what nginx can read as one word; usually nothing is cut off. */
export function beginning(text: string): ConfValue {
  const written = (length: number): string => text.slice(0, length).replaceAll('$', '${literal_dollar}');
  let length = text.length;
  while (!fitsWord(written(length))) length = Math.floor(length * 0.9);
  return noVariables(text.slice(0, length));
}

/**
 * Text of the administrator, which may contain NGINX variables (log formats) and several lines. It must not be used for
 * a tenant's text.
 */
export function withVariables(text: string): ConfValue {
  if (CONTROL.test(text.replaceAll(/[\n\r\t]/g, ''))) refuse('format', text);
  const written = text.replaceAll(/[\\"\n\r\t]/g, (character) => ESCAPES[character] ?? '');
  return new ConfValue(`"${written}"`, text, MINT);
}
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** nginx rejects words of 4,096 bytes; a word of this length leaves room for a last piece. */
const MOST_BYTES = 3500;

/** The text, split into words that nginx can read; a variable is never split. */
export function wordsWithVariables(text: string): readonly ConfValue[] {
  const words: ConfValue[] = [];
  let part = '';
  let used = 0;
  for (const [piece] of text.matchAll(/\$\{\w+\}|\$\w+|[^$]{1,200}|\$/gu)) {
    // Counts twice the bytes, as if every character were escaped.
    const more = Buffer.byteLength(piece) * 2;
    if (used + more > MOST_BYTES) {
      words.push(withVariables(part));
      [part, used] = ['', 0];
    }
    part += piece;
    used += more;
  }
  return [...words, withVariables(part)];
}

/** Request variables that nginx may pass to a tenant's application; every nginx has them. */
const OF_REQUEST =
  /^(args|content_length|content_type|document_root|document_uri|fastcgi_path_info|fastcgi_script_name|host|https|is_args|query_string|remote_addr|remote_port|remote_user|request_filename|request_length|request_method|request_uri|scheme|server_addr|server_name|server_port|server_protocol|ssl_cipher|ssl_protocol|uri|(arg|cookie|http)_[a-z0-9_]+)$/;
const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

/**
 * Why a string is not allowed as the value of a tenant's fastcgi_param, as the end of a sentence; undefined if it is
 * allowed.
 */
export function notOfRequest(text: string): string | undefined {
  const tooLong = notOneWord(text);
  if (tooLong !== undefined) return tooLong;
  const unknown = [...text.matchAll(VARIABLE)]
    .map(([, braced, bare]) => braced ?? bare ?? '')
    .find((name) => !OF_REQUEST.test(name));
  if (unknown !== undefined) return `contains $${unknown}, which is not a request variable`;
  const rest = text.replaceAll(VARIABLE, '');
  return /^[A-Za-z0-9_/.-]*$/.test(rest) ? undefined : 'contains characters other than letters, digits and _/.-';
}

/** The value of a fastcgi_param: letters, digits, `_/.-` and request variables. */
export function ofRequest(text: string): ConfValue {
  return notOfRequest(text) === undefined ? quote(text, 'text') : refuse('value with request variables', text);
}

/**
 * Variables that are allowed in a header. A line feed in a value would start another header, so values that NGINX has
 * decoded ($uri, $remote_user) and values that a client can set freely ($ssl_server_name) are not allowed.
 */
const IN_HEADERS =
  /^(args|best_http_host|connection|connection_requests|content_length|content_type|escaped_request_uri|full_x_forwarded_for|host|hostname|https|ingress_name|is_args|location_path|msec|namespace|pass_access_scheme|pass_port|pass_server_port|proxy_add_x_forwarded_for|proxy_alternative_upstream_name|proxy_protocol_addr|proxy_upstream_name|query_string|realip_remote_addr|remote_addr|remote_port|req_id|request_id|request_length|request_method|request_time|request_uri|scheme|server_addr|server_name|server_port|server_protocol|service_name|service_port|ssl_cipher|ssl_client_(escaped_cert|fingerprint|i_dn|s_dn|serial|v_end|v_remain|v_start|verify)|ssl_protocol|ssl_session_reused|the_real_ip|time_iso8601|upstream_(addr|response_time|status)|(arg|cookie|http|upstream_http)_[a-z0-9_]+)$/;
const PRINTABLE = /^[\u0020-\u007e]*$/;

/** Why a string is not allowed as the value of a header, as the end of a sentence; undefined if it is allowed. */
export function notHeaderText(text: string): string | undefined {
  if (!PRINTABLE.test(text)) return 'is not printable ASCII';
  const tooLong = notOneWord(text);
  if (tooLong !== undefined) return tooLong;
  const unknown = [...text.matchAll(VARIABLE)]
    .map(([, braced, bare]) => braced ?? bare ?? '')
    .find((name) => !IN_HEADERS.test(name));
  if (unknown !== undefined) return `contains $${unknown}, which is not a variable that a header may contain`;
  return text.replaceAll(VARIABLE, '').includes('$') ? 'contains a $ that does not begin a variable' : undefined;
}

/** The value of a header: printable ASCII, and variables in `IN_HEADERS`. */
export function headerText(text: string): ConfValue {
  return notHeaderText(text) === undefined ? quote(text, 'text') : refuse('value of a header', text);
}

/**
 * The value of a header for Lua: a list of pieces, in order, each of which is text or, if it begins with a dollar, a
 * variable. A value without variables is a single string.
 */
export function headerPieces(text: string): string | readonly string[] {
  if (notHeaderText(text) !== undefined) refuse('value of a header', text);
  const pieces: string[] = [];
  let at = 0;
  for (const match of text.matchAll(VARIABLE)) {
    if (match.index > at) pieces.push(text.slice(at, match.index));
    pieces.push(`$${match[1] ?? match[2] ?? ''}`);
    at = match.index + match[0].length;
  }
  if (at === 0) return text;
  return at < text.length ? [...pieces, text.slice(at)] : pieces;
}

/** A name or an enumerated value: letters, digits and `_.:/*-`. */
export function word(text: string): ConfValue {
  return WORD.test(text) ? new ConfValue(text, text, MINT) : refuse('word', text);
}

/** The name of a header: letters, digits, `_` and `-`. */
export function headerName(text: string): ConfValue {
  return HEADER_NAME.test(text) ? new ConfValue(text, text, MINT) : refuse('name of a header', text);
}

/** The name of a location, without its `@`: lower-case letters and `_`. */
export function namedLocation(name: string): ConfValue {
  return LOCATION.test(name) ? new ConfValue(`@${name}`, `@${name}`, MINT) : refuse('name of a location', name);
}

/** A variable that this controller declares, or that every nginx has, for instance `$tidegate_port`. */
export function variable(name: string): ConfValue {
  return VARIABLE_NAME.test(name) ? new ConfValue(`$${name}`, `$${name}`, MINT) : refuse('name of a variable', name);
}

const SNIPPET_VARIABLE = /^(?:tidegate_(?:host|own_[1-9]\d?)|(?!tidegate_)[a-z][a-z0-9_]*)$/;

/**
 * Text of a snippet, in pieces: a piece is text or, if it begins with a dollar, a variable. model/values/snippets
 * decides which variables a tenant may read. Of the variables that begin with `tidegate_`, only $tidegate_host and the
 * variables made for the snippet, $tidegate_own_1 to 99, are accepted here.
 */
export function snippetText(pieces: readonly string[]): ConfValue {
  const texts = pieces.map((piece) => {
    if (!piece.startsWith('$')) return piece.replaceAll('$', '${literal_dollar}');
    return SNIPPET_VARIABLE.test(piece.slice(1)) ? `\${${piece.slice(1)}}` : refuse('variable of a snippet', piece);
  });
  return quote(texts.join(''), 'text of a snippet');
}

/** An address for `listen`: a port on all IPv4 addresses, or a port on one address; IPv6 in brackets: `[::]:8080`. */
export function socketAddress(address: string | null, port: number): ConfValue {
  if (address === null) return integer(port);
  const host = address.includes(':') ? `[${address}]` : address;
  if (!/^(\d+(\.\d+){3}|\[[0-9a-f:.]+\])$/.test(host)) refuse('address', address);
  const text = `${host}:${integer(port).conf}`;
  return new ConfValue(text, text, MINT);
}

/** An address for `listen`: a unix socket, by its path: `unix:/run/tidegate/run/tls/http.sock`. */
export function unixSocket(path: string): ConfValue {
  const text = `unix:${filePath(path).conf}`;
  return new ConfValue(text, text, MINT);
}

/** `name=value`, for a value that needs no quotes: `zone=tidegate_limits:10m`. */
export function parameter(name: string, value: ConfValue): ConfValue {
  if (
    !VARIABLE_NAME.test(name) ||
    value.conf !== value.meaning ||
    CONTROL.test(value.conf) ||
    /["'\s]/.test(value.conf)
  )
    refuse('parameter', `${name}=${value.conf}`);
  return new ConfValue(`${name}=${value.conf}`, `${name}=${value.meaning}`, MINT);
}

/** Lower-case hexadecimal, 8 to 64 digits. */
export function hex(text: string): ConfValue {
  return HEX.test(text) ? new ConfValue(text, text, MINT) : refuse('hash', text);
}

/** A whole number ≥ 0. */
export function integer(value: number): ConfValue {
  return Number.isSafeInteger(value) && value >= 0
    ? new ConfValue(String(value), String(value), MINT)
    : refuse('whole number', String(value));
}

/** Bytes with an optional k, m or g: `8m`. */
export function size(text: string): ConfValue {
  return SIZE.test(text) ? new ConfValue(text, text, MINT) : refuse('size', text);
}

/**
 * A number of bytes, in the largest unit that nginx accepts everywhere (`8k`, `4m`; not every directive accepts `g`).
 */
export function bytes(value: number): ConfValue {
  if (!Number.isSafeInteger(value) || value < 0) refuse('size', String(value));
  if (value > 0 && value % 1024 ** 2 === 0) return size(`${value / 1024 ** 2}m`);
  return value > 0 && value % 1024 === 0 ? size(`${value / 1024}k`) : size(String(value));
}

/** A time in seconds: `60s`. */
export function seconds(value: number): ConfValue {
  if (!Number.isSafeInteger(value) || value < 0) refuse('time', String(value));
  return new ConfValue(`${value}s`, `${value}s`, MINT);
}

const SYSLOG_OPTION = /^(?:nohostname|(?:tag|severity|facility)=[A-Za-z0-9_]{1,32})$/;

/**
 * A syslog server as the target of a log: `syslog:server=192.0.2.1:514,tag=shop`. `address` is an IP without brackets.
 */
export function syslogServer(address: string, port: number, options: readonly string[] = []): ConfValue {
  const host = /^[0-9.]+$/.test(address) ? address : /^[0-9a-f:.]+$/.test(address) ? `[${address}]` : undefined;
  if (host === undefined || !Number.isSafeInteger(port) || port < 1 || port > 65535) refuse('syslog server', address);
  const bad = options.find((option) => !SYSLOG_OPTION.test(option));
  if (bad !== undefined) refuse('option of syslog', bad);
  const text = [`syslog:server=${host}:${port}`, ...options].join(',');
  return new ConfValue(text, text, MINT);
}

/**
 * `name=value` for a name that may contain characters that `parameter` does not accept, such as capitals, `.`, `:` or
 * `-`. The value must not need quotes.
 */
export function named(name: string, value: ConfValue): ConfValue {
  if (!WORD.test(name) || !WORD.test(value.conf)) refuse('named parameter', `${name}=${value.conf}`);
  const text = `${name}=${value.conf}`;
  return new ConfValue(text, text, MINT);
}

/** Whether `filePath` accepts a path. */
export function isPlainPath(text: string): boolean {
  return FILE_PATH.test(text);
}

/** A file path of letters, digits and `_./-`, usable in nginx.conf and inside a Lua string. */
export function filePath(text: string): ConfValue {
  return FILE_PATH.test(text) ? new ConfValue(text, text, MINT) : refuse('file path', text);
}
