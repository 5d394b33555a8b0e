/**
 * A cookie jar of one client, like that of a browser (RFC 6265): it observes host or domain, path, Secure and expiry.
 */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Whether the cookie is sent only to the exact host, because it has no Domain attribute. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** The properties of a request that decide which cookies are sent with it. */
export interface Destination {
  /** The port, if there is one, is ignored. */
  readonly host: string;
  /** The request target; its query is ignored. */
  readonly path: string;
  readonly secure: boolean;
}

export interface Jar {
  /** The value of the Cookie header, or undefined if no cookie is sent. */
  cookiesFor(to: Destination): string | undefined;
  /** Stores the Set-Cookie headers of a response. */
  store(from: Destination, setCookies: readonly string[]): void;
}

function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/** The directory of a path (RFC 6265 section 5.1.4). */
function defaultPath(path: string): string {
  const end = path.replace(/\?.*$/s, '').lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

function expiry(attributes: ReadonlyMap<string, string>, now: number): number {
  const age = attributes.get('max-age');
  if (age !== undefined && /^-?\d+$/.test(age)) return now + Number(age) * 1000;
  const date = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date;
}

/** Undefined if a browser would reject the cookie: it has no name, or its domain does not cover the response's host. */
function parse(text: string, from: Destination): Cookie | undefined {
  const [pair = '', ...rest] = text.split(';');
  const at = pair.indexOf('=');
  if (at < 1) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [key = '', ...value] = part.split('=');
      return [key.trim().toLowerCase(), value.join('=').trim()] as const;
    }),
  );
  const host = nameOf(from.host);
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  if (domain !== '' && host !== domain && !host.endsWith(`.${domain}`)) return undefined;
  const path = attributes.get('path') ?? '';
  return {
    name: pair.slice(0, at).trim(),
    value: pair.slice(at + 1).trim(),
    domain: domain || host,
    hostOnly: domain === '',
    path: path.startsWith('/') ? path : defaultPath(from.path),
    secure: attributes.has('secure'),
    expires: expiry(attributes, Date.now()),
  };
}

function goesTo(cookie: Cookie, to: Destination): boolean {
  const host = nameOf(to.host);
  const path = to.path.replace(/\?.*$/s, '');
  const below = cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`;
  return (
    (host === cookie.domain || (!cookie.hostOnly && host.endsWith(`.${cookie.domain}`))) &&
    (path === cookie.path || path.startsWith(below)) &&
    (to.secure || !cookie.secure)
  );
}

/** An empty jar. */
export function makeJar(): Jar {
  const cookies = new Map<string, Cookie>();
  return {
    cookiesFor: (to) => {
      const now = Date.now();
      const sent = [...cookies.values()].filter((cookie) => cookie.expires > now && goesTo(cookie, to));
      // Cookies with longer paths come first. The sort is stable, so of two cookies with paths of equal length, the
      // older one comes first.
      sent.sort((a, b) => b.path.length - a.path.length);
      return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    },
    store: (from, setCookies) => {
      for (const text of setCookies) {
        const cookie = parse(text, from);
        if (cookie !== undefined) cookies.set(`${cookie.name};${cookie.domain};${cookie.path}`, cookie);
      }
    },
  };
}
