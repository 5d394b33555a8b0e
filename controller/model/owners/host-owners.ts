/** Reads which namespaces own which hosts, and indexes their patterns. Only texts that changed are read again. */
import { isDeepStrictEqual } from 'node:util';
import type { Kept } from '../../types/last-good.ts';
import { OWNED_HOSTS } from '../../types/own-annotations.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { draftOf } from '../../types/table/table.ts';
import { type HostClaim, type HostOwners, NO_OWNERS } from '../contract/host-owners.ts';
import { keptWith } from '../contract/last-good.ts';
import { keysOfPattern } from '../values/host-patterns.ts';
import { claimTexts, type OwnerOptions, sourceOf, useOfOwners } from './claim-texts.ts';
import { readClaim } from './read-claim.ts';

/** The owners, and what they were read from. */
export interface ReadOwners {
  readonly source: unknown;
  readonly last: Kept | undefined;
  readonly owners: HostOwners;
}

export const NOTHING_READ: ReadOwners = { source: null, last: undefined, owners: NO_OWNERS };

/** `before`: result of the previous build. It is returned again if nothing changed. */
export function* readOwners(snapshot: Snapshot, options: OwnerOptions, before: ReadOwners): Steps<ReadOwners> {
  if (options.hostOwnership === 'off') return NOTHING_READ;
  const [source, last] = [sourceOf(snapshot, options), options.lastGood?.get(useOfOwners(options))];
  if (before.source === source && before.last === last) return before;
  const found = claimTexts(snapshot, options, last);
  if (found === undefined) return { source, last, owners: unknownOwners(options, source !== undefined) };
  const problems = [...found.problems];
  const now = new Map<string, HostClaim>();
  const data: Record<string, string> = {};
  let firstDoubt: string | undefined;
  for (const text of found.texts) {
    const { claim, inForce, doubt, problem } = readClaim(text, last, options.bounds);
    now.set(text.namespace, claim);
    Object.assign(data, inForce);
    firstDoubt ??= doubt;
    if (problem !== undefined) problems.push(problem);
    yield;
  }
  return {
    source,
    last,
    owners: {
      ...(yield* exchangeClaims(before.owners, now)),
      ...(firstDoubt !== undefined && { doubt: firstDoubt }),
      example: exampleFor(options),
      problems,
      inForce: [useOfOwners(options), keptWith(found.whole, data, [last, before.owners.inForce?.[1]])],
    },
  };
}

/** Claims and index after a change; what did not change remains the same object. */
function* exchangeClaims(
  before: HostOwners,
  now: ReadonlyMap<string, HostClaim>,
): Steps<Pick<HostOwners, 'claims' | 'index'>> {
  const [claims, index] = [draftOf(before.claims), draftOf(before.index)];
  /** Key of the index → its namespaces, for the keys that change. */
  const lists = new Map<string, Set<string>>();
  const listOf = (key: string): Set<string> => {
    const list = lists.get(key) ?? new Set(before.index.get(key));
    lists.set(key, list);
    return list;
  };
  for (const namespace of new Set([...before.claims.keys(), ...now.keys()])) {
    const [was, claim] = [before.claims.get(namespace), now.get(namespace)];
    if (isDeepStrictEqual(was, claim)) continue;
    claims.set(namespace, claim);
    const [old, keys] = [keysOf(was), keysOf(claim)];
    for (const key of old) if (!keys.has(key)) listOf(key).delete(namespace);
    for (const key of keys) if (!old.has(key)) listOf(key).add(namespace);
    yield;
  }
  for (const [key, list] of lists) index.set(key, list.size === 0 ? undefined : [...list].sort());
  return { claims: yield* claims.freeze(), index: yield* index.freeze() };
}

function keysOf(claim: HostClaim | undefined): ReadonlySet<string> {
  return new Set([...(claim?.patterns ?? []), ...(claim?.closes ?? [])].flatMap(keysOfPattern));
}

function exampleFor({ hostOwnership, hostPolicyConfigMap }: OwnerOptions): HostOwners['example'] {
  return hostOwnership === 'namespaces'
    ? (namespace, pattern) => `the annotation ${OWNED_HOSTS}: ${JSON.stringify(pattern)} on Namespace ${namespace}`
    : (namespace, pattern) => `the entry ${namespace}: ${JSON.stringify(pattern)} in ConfigMap ${hostPolicyConfigMap}`;
}

/** `exists`: the ConfigMap exists, but has no entry, nor has it had one that was valid. */
function unknownOwners(options: OwnerOptions, exists: boolean): HostOwners {
  const key = options.hostPolicyConfigMap ?? '';
  const [namespace = '', name = ''] = key.split('/');
  const lack = exists ? 'has no entry' : 'does not exist';
  return {
    ...NO_OWNERS,
    example: exampleFor(options),
    unknown: `ConfigMap ${key}, which says to whom hosts belong, ${lack}`,
    problems: [
      {
        code: 'missing-config-map',
        severity: 'error',
        effect: 'path-ignored',
        object: { kind: 'ConfigMap', namespace, name },
        message: `the ConfigMap, which --host-policy-configmap names, ${lack}; no Ingress host is served`,
        example: exists
          ? 'data: { shop: "shop.example.com, *.shop.example.com" }'
          : `kubectl --namespace ${namespace} create configmap ${name} --from-literal=shop=shop.example.com`,
      },
    ],
  };
}
