/** Keeps the addresses of DNS names (ExternalName Services) fresh, each by its own time to live. */
import type { RecordWithTtl } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { createGate } from './gate.ts';

/** A records, else AAAA records; the least TTL in seconds. */
export interface Answer {
  readonly addresses: readonly string[];
  readonly ttl: number;
}

export type Resolve = (name: string) => Promise<Answer>;

const LEAST_TTL_S = 1;
const MOST_TTL_S = 300;
/** How long a name that did not resolve is left alone; doubled with each failure. */
const FIRST_RETRY_S = 2;
const MOST_RETRY_S = 60;
/** Names that failed last time are asked by so many at once: those that are fine never wait behind them. */
const FAILING_AT_ONCE = 4;
/** What says that there is no such record. Everything else says nothing about the name, only about who was asked. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);
/** For names out of /etc/hosts, which carry no TTL. */
const HOSTS_TTL_S = 30;

/** Each takes one of the few threads that files are written with, for seconds where nobody answers. */
const systemGate = createGate(2);

/** Sorted addresses and their least TTL; undefined where there are no such records. Rejects where DNS gives no answer. */
async function ask(query: Promise<readonly RecordWithTtl[]>): Promise<Answer | undefined> {
  const found = await query.catch((error: unknown) => {
    if (ABSENT.has((error as { readonly code?: unknown }).code)) return [];
    throw error;
  });
  if (found.length === 0) return undefined;
  return { addresses: found.map(({ address }) => address).sort(), ttl: Math.min(...found.map(({ ttl }) => ttl)) };
}

/**
 * Asks DNS for A, where there is none for AAAA; then the system's own way, which knows /etc/hosts and search domains.
 * Rejects where no way leads to an address. Where DNS gives no answer for A, the name keeps its family: a server that
 * fails must not turn it into its AAAA. `servers` (`ip:port`) take the place of the system's.
 */
export async function resolveByDns(name: string, servers?: readonly string[]): Promise<Answer> {
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
  const system = await systemGate.pass(() => lookup(name, { all: true, family }));
  return { addresses: system.map(({ address }) => address).sort(), ttl: HOSTS_TTL_S };
}

interface Watched {
  timer: NodeJS.Timeout | undefined;
  failures: number;
}

export interface NameWatch {
  /** The names that matter from now on. */
  readonly set: (names: readonly string[]) => void;
  readonly close: () => void;
}

/**
 * Calls `onChange` with all known addresses whenever one changed. A name that stops resolving keeps its last addresses;
 * one that never did maps to an empty list. Names do not wait for one another, but failing ones for failing ones.
 */
export function watchNames(
  onChange: (names: ReadonlyMap<string, readonly string[]>) => void,
  resolve: Resolve = (name) => resolveByDns(name),
): NameWatch {
  const watched = new Map<string, Watched>();
  const failing = createGate(FAILING_AT_ONCE);
  let known: ReadonlyMap<string, readonly string[]> = new Map();

  const update = (name: string, addresses: readonly string[]) => {
    if (known.get(name)?.join() === addresses.join()) return;
    known = new Map([...known, [name, addresses]]);
    onChange(known);
  };
  const refresh = async (name: string, entry: Watched): Promise<void> => {
    const once = async () => (watched.get(name) === entry ? resolve(name).catch(() => undefined) : undefined);
    const answer = await (entry.failures === 0 ? once() : failing.pass(once));
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
