/** Where a redirect may lead: text that goes into a Location, and nowhere else. */
import ipaddr from 'ipaddr.js';
import { accept, type Parsed, type Parser, reject } from '../parser.ts';
import { isHostname } from './names.ts';

/** Characters that the retired controller accepts in targets of redirects. */
const TARGET = /^[A-Za-z0-9._~:/,?&=-]*$/;
const ABSOLUTE = /^(https?):\/\/([^/?]*)/i;

/** A DNS name or an IPv4 address with an optional port; brackets are not among the characters. */
function isAuthority(text: string): boolean {
  const [host = '', port, ...rest] = text.split(':');
  if (rest.length > 0 || (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))) return false;
  const name = host.toLowerCase().replace(/\.$/, '');
  return /^[\d.]+$/.test(name) ? ipaddr.IPv4.isValidFourPartDecimal(name) : isHostname(name);
}

function refused(raw: string): string | undefined {
  if (raw.includes('$')) return 'holds a $: variables of nginx are not expanded';
  return TARGET.test(raw) ? undefined : 'holds a character that a target of a redirect may not hold';
}

function parseUrl(raw: string): Parsed<string> {
  const reason = refused(raw);
  if (reason !== undefined) return reject(reason);
  const authority = ABSOLUTE.exec(raw)?.[2];
  if (authority === undefined) return reject('does not begin with http:// or https://');
  return isAuthority(authority)
    ? accept(raw.replace(/^\w+/, (scheme) => scheme.toLowerCase()))
    : reject(`names ${JSON.stringify(authority)}, which is no host`);
}

/** `http://` or `https://`, a host, and what follows it. */
export const redirectUrl: Parser<string> = {
  accepts: 'a URL that begins with http:// or https://, of letters, digits and . _ ~ : / , ? & = -',
  parse: parseUrl,
};

/** The same, or a path of the host that was asked. */
export const redirectTarget: Parser<string> = {
  accepts: `${redirectUrl.accepts}; or a path that begins with /`,
  parse: (raw) => {
    if (!raw.startsWith('/')) return parseUrl(raw);
    const reason = refused(raw);
    if (reason !== undefined) return reject(reason);
    // Browsers take it for a host.
    return raw.startsWith('//') ? reject('begins with //, which is another host; write its scheme') : accept(raw);
  },
};
