/** The cookies of one client, stored as in a browser (RFC 6265): by host or domain, path, Secure, and expiry. */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Without a Domain attribute, only the exact host gets it back. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** What decides which cookies are sent. `host` may have a port. */
export interface Destination {
  readonly host: string;
  /** Request target; its query does not matter. */
  readonly path: string;
  readonly secure: boolean;
}

export interface Jar {
  /** Value for a Cookie header, or undefined if there is none to send. */
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

/** Undefined if a browser would reject it: no name, or a domain that does not cover the response's host. */
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
      // Longer paths first; the sort keeps the older of equals in front.
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
