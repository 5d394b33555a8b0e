/**
 * Patterns for the hosts that belong to a namespace: `shop.example.com`; `*.example.com` with one label in place of the
 * asterisk, as in an Ingress; `**.example.com` with one or more labels; `**` for every host; `_` for requests for
 * names that are not the host of any Ingress.
 */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf, uniqueSorted } from './list.ts';
import { isHostname } from './names.ts';

export type HostPattern = string;

/** Pattern for every host. */
export const EVERY_HOST: HostPattern = '**';
/** Pattern for rules without a host. */
export const NO_HOST: HostPattern = '_';

export const hostPatterns: Parser<readonly HostPattern[]> = listOf({
  accepts: 'hosts, *.domain, **.domain, ** and _, separated by commas, spaces or line breaks',
  item: (text) => {
    const pattern = text.toLowerCase();
    const isGood = pattern === EVERY_HOST || pattern === NO_HOST || isHostname(pattern.replace(/^\*\*?\./, ''));
    return isGood ? accept(pattern) : reject('is not a pattern for hosts');
  },
  value: uniqueSorted,
  separator: /[\s,]+/,
});

/**
 * The names for which an Ingress asks. `name`: one name. `label`: every name with one label before the domain. `below`:
 * every name with one or more labels before the domain; an empty domain stands for every name. `rest`: the names that
 * are not the host of any Ingress.
 */
export type AskedNames =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'label' | 'below'; readonly domain: string }
  | { readonly kind: 'rest' };

/** The names that the host of a rule stands for: a name, a wildcard, or empty. */
export function namesOfHost(host: string): AskedNames {
  if (host === '') return { kind: 'rest' };
  return host.startsWith('*.') ? { kind: 'label', domain: host.slice(2) } : { kind: 'name', name: host };
}

/** `shop.example.com` → `example.com`, `com` */
function domainsOf(name: string): readonly string[] {
  const domains: string[] = [];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) domains.push(name.slice(dot + 1));
  return domains;
}

/** The patterns each of which matches all of these names. */
export function coveringPatterns(names: AskedNames): readonly HostPattern[] {
  if (names.kind === 'rest') return [NO_HOST];
  const domains = names.kind === 'name' ? domainsOf(names.name) : [names.domain, ...domainsOf(names.domain)];
  const deep = domains.filter((domain) => domain !== '').map((domain) => `**.${domain}`);
  const [parent] = domains;
  if (names.kind === 'below' || parent === undefined)
    return [...(names.kind === 'name' ? [names.name] : []), ...deep, EVERY_HOST];
  return [...(names.kind === 'name' ? [names.name] : []), `*.${parent}`, ...deep, EVERY_HOST];
}

const children = (domain: string) => `children ${domain}`;
const below = (domain: string) => `below ${domain}`;

/**
 * The keys under which an index lists a pattern: the pattern itself, and keys for the domains in which it matches
 * names.
 */
export function keysOfPattern(pattern: HostPattern): readonly string[] {
  if (pattern === NO_HOST) return [pattern];
  if (pattern === EVERY_HOST) return [pattern, below('')];
  const stars = /^\*+\./.exec(pattern)?.[0].length ?? 0;
  const domains = stars === 0 ? domainsOf(pattern) : [pattern.slice(stars), ...domainsOf(pattern.slice(stars))];
  const [parent] = domains;
  return [
    pattern,
    ...(stars === 0 && parent !== undefined ? [children(parent)] : []),
    ...domains.map(below),
    below(''),
  ];
}

/** The keys of the index under which every pattern is listed that matches any of these names. */
export function keysOfNames(names: AskedNames): readonly string[] {
  const covering = coveringPatterns(names);
  switch (names.kind) {
    case 'name':
      return covering;
    case 'label':
      return [...covering, children(names.domain)];
    case 'below':
      return [...covering, below(names.domain), ...(names.domain === '' ? [NO_HOST] : [])];
    case 'rest':
      // `rest` includes hosts that belong to a namespace but are not yet the host of any Ingress.
      return [...covering, below('')];
  }
}
