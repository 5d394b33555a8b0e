/** Keeps the addresses of DNS names (of ExternalName Services) up to date, each according to its TTL. */
import type { RecordWithTtl } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { createConcurrencyLimit } from './concurrency-limit.ts';

/** The addresses in the A records, or in the AAAA records if there are no A records, and the lowest TTL in seconds. */
export interface DnsAnswer {
  readonly addresses: readonly string[];
  readonly ttl: number;
}

export type Resolve = (name: string) => Promise<DnsAnswer>;

const LEAST_TTL_S = 1;
const MOST_TTL_S = 300;
/** The pause before a failed name is queried again. It doubles with each failure. */
const FIRST_RETRY_S = 2;
const MOST_RETRY_S = 60;
/** How many failed names are queried at the same time. Other names are queried without this limit. */
const FAILING_AT_ONCE = 4;
/** Error codes that mean that a record does not exist. All other codes mean that the DNS server failed. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);
/** The TTL of addresses from /etc/hosts, which have none. */
const HOSTS_TTL_S = 30;

/**
 * Each lookup by the system's resolver occupies one of the few threads that also write files. If there is no response,
 * it does so for several seconds.
 */
const systemLimit = createConcurrencyLimit(2);

/**
 * The sorted addresses and their lowest TTL; undefined if there are no such records. Rejects if the query fails.
 */
async function ask(query: Promise<readonly RecordWithTtl[]>): Promise<DnsAnswer | undefined> {
  const found = await query.catch((error: unknown) => {
    if (ABSENT.has((error as { readonly code?: unknown }).code)) return [];
    throw error;
  });
  if (found.length === 0) return undefined;
  return { addresses: found.map(({ address }) => address).sort(), ttl: Math.min(...found.map(({ ttl }) => ttl)) };
}

/**
 * Queries DNS for A records, and for AAAA records if there are no A records. If that returns no address, asks the
 * system's resolver, which also uses /etc/hosts and search domains. Rejects if the system's resolver fails too. If the
 * query for A records fails, IPv6 addresses are not used, because a failing DNS server must not move a name from IPv4
 * to IPv6. `servers` (`ip:port`) replace the system's DNS servers in these queries.
 */
export async function resolveByDns(name: string, servers?: readonly string[]): Promise<DnsAnswer> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  let family: 0 | 4 = 0;
  try {
    const answer = await ask(resolver.resolve4(name, { ttl: true }));
    if (answer !== undefined) return answer;
  } catch {
    family = 4;
  }
  const six = family === 4 ? undefined : await ask(resolver.resolve6(name, { ttl: true })).catch(() => undefined);
  if (six !== undefined) return six;
  const system = await systemLimit.run(() => lookup(name, { all: true, family }));
  return { addresses: system.map(({ address }) => address).sort(), ttl: HOSTS_TTL_S };
}

interface Watched {
  timer: NodeJS.Timeout | undefined;
  failures: number;
}

export interface NameWatch {
  /** Sets the names to watch. */
  readonly set: (names: readonly string[]) => void;
  readonly close: () => void;
}

/**
 * Calls `onChange` with all known addresses whenever an address changed. A name that no longer resolves keeps its last
 * addresses; a name that never resolved has an empty list. Names are queried independently of each other, except that
 * only a few failing names are queried at the same time.
 */
export function watchNames(
  onChange: (names: ReadonlyMap<string, readonly string[]>) => void,
  resolve: Resolve = (name) => resolveByDns(name),
): NameWatch {
  const watched = new Map<string, Watched>();
  const failing = createConcurrencyLimit(FAILING_AT_ONCE);
  let known: ReadonlyMap<string, readonly string[]> = new Map();

  const update = (name: string, addresses: readonly string[]) => {
    if (known.get(name)?.join() === addresses.join()) return;
    known = new Map([...known, [name, addresses]]);
    onChange(known);
  };
  const refresh = async (name: string, entry: Watched): Promise<void> => {
    const once = async () => (watched.get(name) === entry ? resolve(name).catch(() => undefined) : undefined);
    const answer = await (entry.failures === 0 ? once() : failing.run(once));
    if (watched.get(name) !== entry) return;
    let waitS: number;
    if (answer === undefined || answer.addresses.length === 0) {
      waitS = Math.min(MOST_RETRY_S, FIRST_RETRY_S * 2 ** entry.failures);
      entry.failures += 1;
      if (!known.has(name)) update(name, []);
    } else {
      waitS = Math.min(MOST_TTL_S, Math.max(LEAST_TTL_S, answer.ttl));
      entry.failures = 0;
      update(name, answer.addresses);
    }
    entry.timer = setTimeout(() => void refresh(name, entry), waitS * 1000);
    entry.timer.unref();
  };
  return {
    set: (names) => {
      for (const [name, entry] of watched) {
        if (names.includes(name)) continue;
        clearTimeout(entry.timer);
        watched.delete(name);
        known = new Map([...known].filter(([each]) => each !== name));
      }
      for (const name of names) {
        if (watched.has(name)) continue;
        const entry: Watched = { timer: undefined, failures: 0 };
        watched.set(name, entry);
        void refresh(name, entry);
      }
    },
    close: () => {
      for (const { timer } of watched.values()) clearTimeout(timer);
      watched.clear();
    },
  };
}
