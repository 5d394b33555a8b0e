/** Whether an Ingress of a namespace may use a host, according to who owns it. */
import type { HostOwners } from '../contract/host-owners.ts';
import type { Read } from '../contract/resources.ts';
import { type AskedNames, coveringPatterns, keysOfNames, keysOfPattern, NO_HOST } from '../values/host-patterns.ts';

/**
 * Why Ingresses of `namespace` may not use these names, as a clause; undefined if they may. All look-ups are added to
 * `reads`: the answer stays the same while they would find the same objects.
 *
 * A namespace with a claim may use the names that its own patterns match, and no others, even if other namespaces own
 * them, too. A namespace without a claim may use every name that no pattern matches, unless a claim is in doubt.
 */
export function hostRefusal(
  owners: HostOwners,
  namespace: string,
  names: AskedNames,
  reads: Read[],
): string | undefined {
  if (owners.unknown !== undefined) return owners.unknown;
  const claimOf = (of: string) => {
    const found = owners.claims.get(of);
    reads.push({ kind: 'claim', key: of, found });
    return found;
  };
  const own = claimOf(namespace);
  if (own !== undefined) {
    const covered = coveringPatterns(names).some((pattern) => own.patterns.has(pattern));
    return covered ? undefined : notOwn(names, own.where);
  }
  for (const key of keysOfNames(names)) {
    const found = owners.index.get(key);
    reads.push({ kind: 'claimants', key, found });
    const [owner] = found ?? [];
    if (owner === undefined) continue;
    const { patterns = [], closes = [], where = '' } = claimOf(owner) ?? {};
    const matching = (of: Iterable<string>) => [...of].find((each) => keysOfPattern(each).includes(key));
    const pattern = matching(patterns);
    if (pattern !== undefined) return ofAnother(names, `namespace ${owner} (${pattern} in ${where})`);
    return inDoubt(names, `${where} seems to mean (${matching(closes) ?? ''})`);
  }
  return owners.doubt;
}

function notOwn({ kind }: AskedNames, where: string): string {
  if (kind === 'rest') return `the pattern ${NO_HOST} is not in ${where}`;
  return `${kind === 'name' ? 'it is' : 'it matches names that are'} not among the hosts in ${where}`;
}

function inDoubt({ kind }: AskedNames, which: string): string {
  if (kind === 'rest') return `they would get requests for hosts that ${which}`;
  return kind === 'name' ? `it is among the hosts that ${which}` : `it matches names that ${which}`;
}

function ofAnother({ kind }: AskedNames, owner: string): string {
  if (kind === 'rest') return `they would get requests for hosts that belong to ${owner}`;
  return kind === 'name' ? `it belongs to ${owner}` : `it matches names that belong to ${owner}`;
}
