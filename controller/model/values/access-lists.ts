/**
 * Long lists of allow and deny rules. In nginx.conf, a list would be repeated in each location that has it. Therefore
 * long lists are stored in the live data, where all locations share them, as a table: the verdict for each range of
 * addresses, computed from the ordered rules.
 */
import ipaddr from 'ipaddr.js';
import { literal, word } from '../../types/conf-value.ts';
import { type Declaration, declaration } from '../../types/declaration.ts';
import { type Directive, directive } from '../../types/directive.ts';
import type { LiveSources } from '../../types/live-sources.ts';

/** Maximum number of rules that stay in nginx.conf. */
export const MOST_RULES_INLINE = 16;
/** Maximum number of characters of a table: a table is sent to NGINX in one message. */
const LONGEST_TABLE = 900_000;

/** `a`: allowed; `d`: denied; `n`: no rule matches. */
type Verdict = 'a' | 'd' | 'n';

interface Rule {
  readonly from: bigint;
  readonly to: bigint;
  readonly verdict: Verdict;
}

interface Family {
  readonly bits: number;
  readonly kind: 'ipv4' | 'ipv6';
}
const IPV4: Family = { bits: 32, kind: 'ipv4' };
const IPV6: Family = { bits: 128, kind: 'ipv6' };

function isRule({ name }: Directive): boolean {
  return name === 'allow' || name === 'deny';
}

/** The addresses of one family that a rule matches; undefined if it matches none. */
function rangeOf(network: string, { bits, kind }: Family): { from: bigint; to: bigint } | undefined {
  if (network === 'all') return { from: 0n, to: (1n << BigInt(bits)) - 1n };
  if (network === 'unix:') return undefined;
  const [address, length] = network.includes('/') ? ipaddr.parseCIDR(network) : [ipaddr.parse(network), undefined];
  if (address.kind() !== kind) return undefined;
  const host = (1n << BigInt(bits - (length ?? bits))) - 1n;
  const from = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) & ~host;
  return { from, to: from | host };
}

/**
 * Addresses at which the verdict changes, in ascending order, each with the verdict from there on. The first matching
 * rule decides. Any two networks are either disjoint or nested.
 */
function boundaries(rules: readonly Rule[], end: bigint): readonly (readonly [bigint, Verdict])[] {
  const found: [bigint, Verdict][] = [[0n, 'n']];
  const begin = (at: bigint, verdict: Verdict): void => {
    if (found.at(-1)?.[0] === at) found.pop();
    if (found.at(-1)?.[1] !== verdict) found.push([at, verdict]);
  };
  const around: { readonly to: bigint; readonly rank: number; readonly verdict: Verdict }[] = [];
  const leave = (before: bigint): void => {
    for (let last = around.at(-1); last !== undefined && last.to < before; last = around.at(-1)) {
      around.pop();
      begin(last.to + 1n, around.at(-1)?.verdict ?? 'n');
    }
  };
  const ranked = rules.map((rule, rank) => ({ ...rule, rank }));
  ranked.sort((a, b) =>
    a.from < b.from ? -1 : a.from > b.from ? 1 : a.to > b.to ? -1 : a.to < b.to ? 1 : a.rank - b.rank,
  );
  for (const { from, to, rank, verdict } of ranked) {
    leave(from);
    const outer = around.at(-1);
    const best = outer !== undefined && outer.rank < rank ? outer : { rank, verdict };
    around.push({ to, rank: best.rank, verdict: best.verdict });
    begin(from, best.verdict);
  }
  leave(end);
  return found;
}

function tableOf(rules: readonly Directive[], family: Family): string {
  const ranges = rules.flatMap(({ name, args: [network] }): readonly Rule[] => {
    const range = rangeOf(network?.meaning ?? '', family);
    return range === undefined ? [] : [{ ...range, verdict: name === 'allow' ? 'a' : 'd' }];
  });
  const end = 1n << BigInt(family.bits);
  return boundaries(ranges, end)
    .filter(([at]) => at < end)
    .map(([at, verdict]) => at.toString(16).padStart(family.bits / 4, '0') + verdict)
    .join('');
}

/** Computes the tables of verdicts from ordered rules. */
export function sourcesOf(rules: readonly Directive[]): LiveSources {
  const unix = rules.find(({ args: [network] }) => network?.meaning === 'all' || network?.meaning === 'unix:');
  return {
    ipv4: tableOf(rules, IPV4),
    ipv6: tableOf(rules, IPV6),
    unix: unix === undefined ? 'n' : unix.name === 'allow' ? 'a' : 'd',
  };
}

export interface SharedAccess {
  readonly directives: readonly Directive[];
  /** The tables; absent if the rules stay in nginx.conf. */
  readonly sources?: LiveSources;
  readonly declarations: readonly Declaration[];
  /** The rules do not fit into a table: all clients must be denied. */
  readonly tooLong: boolean;
}

/** Makes Lua check access when NGINX itself would: before passwords and authorization subrequests. */
const BEFORE_OTHERS = declaration({ name: 'access_by_lua_no_postpone', args: [word('on')] });

/**
 * Directives that replace the rules: a rule that matches no client, so that the location does not inherit the rules of
 * the server, and the call of Lua.
 */
const CALL: readonly Directive[] = [
  directive('deny', literal('0.0.0.0')),
  directive('access_by_lua', literal('tidegate.sources()')),
];

/**
 * Moves the access rules of a location to live data if there are many. `directives`: all directives of the location.
 */
export function shareAccess(directives: readonly Directive[]): SharedAccess {
  const rules = directives.filter(isRule);
  if (rules.length <= MOST_RULES_INLINE) return { directives, declarations: [], tooLong: false };
  const sources = sourcesOf(rules);
  return {
    directives: [...directives.filter((each) => !isRule(each)), ...CALL],
    sources,
    declarations: [BEFORE_OTHERS],
    tooLong: Math.max(sources.ipv4.length, sources.ipv6.length) > LONGEST_TABLE,
  };
}
