/**
 * Limits for the server-alias patterns of a host and of a namespace. For each name that is not a known host, nginx
 * tries all patterns one after another, and does not limit the steps of matching. Patterns of the oldest Ingresses of a
 * namespace are accepted first.
 */
import type { Steps } from '../../../types/steps.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import { createdAt, keyOf } from '../../contract/object-ref.ts';
import { checkRegex } from '../../values/regex/check.ts';
import { sortSteps } from '../../../types/sort.ts';

/** Maximum number of patterns of one host. */
export const MOST_OF_HOST = 20;
/** Maximum number of patterns of one namespace. */
export const MOST_OF_NAMESPACE = 200;
/** Maximum number of patterns of one namespace that are checked at all, including invalid ones. */
export const MOST_READ = 1000;
/**
 * Maximum number of PCRE steps that all patterns of one namespace together may take for the worst name of 8 KiB. This
 * number of steps takes about 10 ms; a usual pattern takes 30,000 steps.
 */
export const MOST_STEPS = 6_000_000;

/** Returns why a pattern of a host is left out, as a clause, or undefined if the pattern is within the limits. */
export type AliasRoom = (host: string, alias: string) => string | undefined;

interface Used {
  readonly patterns: Set<string>;
  steps: number;
  read: number;
}

/** Applies the limits to all patterns. `aliased`: host → the Ingress that decides about its aliases. */
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
      // If several hosts have the same pattern, it counts only once.
      if (own.patterns.has(alias)) continue;
      const full = ofHost >= MOST_OF_HOST || own.patterns.size >= MOST_OF_NAMESPACE || own.read > MOST_READ;
      // Patterns beyond a limit are not checked, because checking takes time.
      const checked = full ? UNREAD : checkRegex(alias.slice(1));
      if (!full) {
        own.read += 1;
        yield;
      }
      // An invalid pattern does not count against the limits for accepted patterns.
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
  if (read > MOST_READ) return `namespace ${namespace} has more than ${MOST_READ} patterns, including refused ones`;
  if (steps + more > MOST_STEPS)
    return `the patterns of namespace ${namespace} can take more than ${MOST_STEPS} steps for a name`;
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
