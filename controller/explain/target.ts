/** Reads the target of a request line as NGINX does (ngx_http_parse_request_line and ngx_http_parse_complex_uri). */

/** All strings are byte strings. */
export interface RequestTarget {
  /** `$request_uri`: path and query as the client sent them. */
  readonly written: string;
  /** `$uri`: the path, decoded, without dot segments and double slashes. */
  readonly path: string;
  /** `$args`: what follows the first question mark; undefined without a question mark. */
  readonly args: string | undefined;
  /** The host in an absolute URL (`GET http://shop.example.com/`), with its port. */
  readonly host: string | undefined;
}

/** The characters that end a path. */
const ENDS = /[?#]/;

/** Ends the segment at `from`: resolves `.` and `..`. Returns false if `..` leads above the root. */
function endSegment(out: string[], from: number): boolean {
  const segment = out.slice(from).join('');
  if (segment === '.') out.length = from;
  if (segment !== '..') return true;
  // `out` ends with `/..`; what remains ends with the slash before the previous segment.
  const slash = out.lastIndexOf('/', from - 2);
  if (from < 2 || slash < 0) return false;
  out.length = slash + 1;
  return true;
}

/** The byte that `%XX` at `at` stands for; undefined if it is malformed or zero. */
function decoded(text: string, at: number): string | undefined {
  const digits = /^[0-9A-Fa-f]{2}$/.exec(text.slice(at + 1, at + 3))?.[0];
  const code = digits === undefined ? 0 : Number.parseInt(digits, 16);
  return code === 0 ? undefined : String.fromCharCode(code);
}

/** The decoded path; undefined if NGINX answers 400. A decoded slash or dot counts like a written one. */
export function normalizedPath(written: string): string | undefined {
  const out = ['/'];
  let segment = 1;
  for (let at = 1; at < written.length; at += 1) {
    let byte = written[at] ?? '';
    if (byte === '%') {
      const value = decoded(written, at);
      if (value === undefined) return undefined;
      byte = value;
      at += 2;
    }
    if (byte !== '/') {
      out.push(byte);
      continue;
    }
    if (!endSegment(out, segment)) return undefined;
    if (out.at(-1) !== '/') out.push('/');
    segment = out.length;
  }
  return endSegment(out, segment) ? out.join('') : undefined;
}

/** Splits `http://host:port/path`; undefined for any other text. */
function absolute(text: string): { readonly host: string; readonly rest: string } | undefined {
  const [, host, rest = ''] = /^[A-Za-z]+:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  return host === undefined || host === '' ? undefined : { host, rest };
}

/** Reads a target; undefined if NGINX answers 400. */
export function readTarget(text: string): RequestTarget | undefined {
  const site = absolute(text);
  const written = site === undefined ? text : site.rest;
  if ((site === undefined && !text.startsWith('/')) || /[\0-\x20\x7f]/.test(text)) return undefined;
  const end = written.search(ENDS);
  const before = end < 0 ? written : written.slice(0, end);
  const path = normalizedPath(before === '' ? '/' : before);
  if (path === undefined) return undefined;
  const query = end >= 0 && written[end] === '?' ? written.slice(end + 1) : undefined;
  return { written, path, args: query?.replace(/#.*$/s, ''), host: site?.host };
}
