/**
 * How many patterns of server-alias a host and a namespace may have: nginx tries all of them for each name that it does
 * not know, and has no limit of steps for them. The oldest Ingresses of a namespace are served first.
 */
import type { Steps } from '../../../types/steps.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import { createdAt, keyOf } from '../../contract/object-ref.ts';
import { checkRegex } from '../../values/regex/check.ts';
import { sortSteps } from '../../../types/sort.ts';

/** Patterns of one host. */
export const MOST_OF_HOST = 20;
/** Patterns of one namespace. */
export const MOST_OF_NAMESPACE = 200;
/** Patterns of one namespace that are read at all, those included that are refused or find no room. */
export const MOST_READ = 1000;
/** Steps of PCRE that those of one namespace take together for the worst name of 8 KiB: some 10 ms. Usual ones take 30,000. */
export const MOST_STEPS = 6_000_000;

/** Why a pattern of a host is left out, as the end of a sentence; undefined where there is room for it. */
export type AliasRoom = (host: string, alias: string) => string | undefined;

interface Used {
  readonly patterns: Set<string>;
  steps: number;
  read: number;
}

/** `aliased`: hosts with the Ingress whose aliases they have. */
export function* aliasRoom(aliased: ReadonlyMap<string, IngressModel>): Steps<AliasRoom> {
  const leftOut = new Map<string, string>();
  const used = new Map<string, Used>();
  const withPatterns = [...aliased].filter(([, model]) => model.host.aliases?.some(isPattern));
  for (const [host, model] of yield* sortSteps(withPatterns, ([, a], [, b]) => byAge(a, b))) {
    const { namespace } = model.ref;
    const own = used.get(namespace) ?? { patterns: new Set(), steps: 0, read: 0 };
    used.set(namespace, own);
    let ofHost = 0;
    for (const alias of model.host.aliases?.filter(isPattern) ?? []) {
      // A pattern of several hosts is that of the first.
      if (own.patterns.has(alias)) continue;
      const full = ofHost >= MOST_OF_HOST || own.patterns.size >= MOST_OF_NAMESPACE || own.read > MOST_READ;
      // Where there is no room, nobody reads it.
      const checked = full ? UNREAD : checkRegex(alias.slice(1));
      if (!full) {
        own.read += 1;
        yield;
      }
      // What is refused takes no room.
      if (!checked.ok) continue;
      ofHost += 1;
      const reason = refusal(ofHost, own, checked.steps, namespace);
      if (reason === undefined) {
        own.patterns.add(alias);
        own.steps += checked.steps;
      } else leftOut.set(`${host} ${alias}`, reason);
    }
    yield;
  }
  return (host, alias) => leftOut.get(`${host} ${alias}`);
}

const UNREAD = { ok: true, steps: 0 } as const;

function refusal(ofHost: number, { patterns, steps, read }: Used, more: number, namespace: string): string | undefined {
  if (ofHost > MOST_OF_HOST) return `the host has more than ${MOST_OF_HOST} patterns`;
  if (patterns.size >= MOST_OF_NAMESPACE) return `namespace ${namespace} has more than ${MOST_OF_NAMESPACE} patterns`;
  if (read > MOST_READ) return `namespace ${namespace} has more than ${MOST_READ} patterns, refused ones included`;
  if (steps + more > MOST_STEPS)
    return `the patterns of namespace ${namespace} can take more than ${MOST_STEPS} steps a name`;
  return undefined;
}

function isPattern(alias: string): boolean {
  return alias.startsWith('~');
}

function byAge(a: IngressModel, b: IngressModel): number {
  const [before, after] = [createdAt(a.ingress), createdAt(b.ingress)];
  if (before !== after) return before - after;
  return keyOf(a.ref) < keyOf(b.ref) ? 1 : -1;
}
