/** Reads which namespaces own which hosts, and indexes their patterns. Only texts that changed are read again. */
import { isDeepStrictEqual } from 'node:util';
import { bytesOf, shown } from '../../types/left-out.ts';
import { OWNED_HOSTS } from '../../types/own-annotations.ts';
import type { Kept } from '../../types/last-good.ts';
import { type Problem, shorten } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { draftOf } from '../../types/table/table.ts';
import { type Bounds, excess } from '../contract/bounds.ts';
import { type HostClaim, type HostOwners, NO_OWNERS } from '../contract/host-owners.ts';
import type { Parsed } from '../contract/parser.ts';
import { refusedValue } from '../contract/refused-value.ts';
import { hostPatterns, keysOfPattern } from '../values/host-patterns.ts';
import {
  type ClaimText,
  type ClaimTexts,
  claimTexts,
  lastTexts,
  type OwnerOptions,
  sourceOf,
  useOfOwners,
} from './claim-texts.ts';

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
  const found = claimTexts(snapshot, options);
  if (found === undefined) return { source, last, owners: unknownOwners(options) };
  const problems = [...found.problems];
  const good = lastTexts(last, found);
  const now = new Map<string, HostClaim>();
  const data: Record<string, string> = {};
  for (const text of found.texts) {
    const { claim, inForce, problem } = readClaim(text, good[text.lastKey], options.bounds);
    now.set(text.namespace, claim);
    if (inForce !== undefined) data[text.lastKey] = inForce;
    if (problem !== undefined) problems.push(problem);
    yield;
  }
  return {
    source,
    last,
    owners: {
      ...(yield* exchangeClaims(before.owners, now)),
      example: exampleFor(options),
      problems,
      inForce: [useOfOwners(options), objectInForce(found, data, [last, before.owners.inForce?.[1]])],
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
  return new Set([...(claim?.patterns ?? [])].flatMap(keysOfPattern));
}

/**
 * An object with the texts in force: the ConfigMap itself or one of the `known` objects, if it has exactly these texts.
 */
function objectInForce(
  { whole }: Pick<ClaimTexts, 'whole'>,
  data: Readonly<Record<string, string>>,
  known: readonly (Kept | undefined)[],
): Kept {
  const metadata = whole?.metadata ?? {};
  const same = [whole, ...known].find(
    (each) => each?.metadata?.uid === metadata.uid && isDeepStrictEqual(each?.data ?? {}, data),
  );
  return same ?? { metadata, data };
}

interface ReadClaim {
  readonly claim: HostClaim;
  /** The text in force if it is valid as a whole; otherwise undefined. */
  readonly inForce: string | undefined;
  readonly problem: Problem | undefined;
}

const NOTHING: readonly string[] = [];

/** `good`: the last good text. It stays in force while the written text has an invalid item. */
function readClaim(written: ClaimText, good: string | undefined, bounds: Bounds): ReadClaim {
  const { text, where } = written;
  const claimOf = (patterns: readonly string[]): HostClaim => ({ patterns: new Set(patterns), where });
  if (text === '') return { claim: claimOf(NOTHING), inForce: text, problem: emptyClaim(written) };
  const parsed = parse(text, bounds);
  const reason = parsed.ok ? parsed.dropped : parsed.reason;
  const patterns = parsed.ok ? parsed.value : NOTHING;
  if (reason === undefined) return { claim: claimOf(patterns), inForce: text, problem: undefined };
  const last = good === undefined || good === '' ? undefined : parse(good, bounds);
  if (last?.ok === true && last.dropped === undefined)
    return {
      claim: claimOf(last.value),
      inForce: good,
      problem: invalid(written, reason, 'its last good value stays in force'),
    };
  const outcome = parsed.ok
    ? 'the other items apply'
    : `Ingresses of namespace ${written.namespace} may use no host until it is corrected`;
  return { claim: claimOf(patterns), inForce: undefined, problem: invalid(written, reason, outcome) };
}

function parse(text: string, bounds: Bounds): Parsed<readonly string[]> {
  const reason = excess('annotationBytes', bytesOf(text), bounds);
  return reason === undefined ? hostPatterns.parse(text) : { ok: false, reason };
}

const EXAMPLE = 'shop.example.com, *.shop.example.com';

function invalid({ name, text, object, field }: ClaimText, reason: string, outcome: string): Problem {
  return {
    code: 'host-owners',
    severity: 'error',
    effect: 'none',
    object,
    field,
    value: shorten(shown(text)),
    message: refusedValue(name, reason, hostPatterns.accepts, `; ${outcome}`),
    example: EXAMPLE,
  };
}

function emptyClaim({ name, namespace, object, field }: ClaimText): Problem {
  return {
    code: 'host-owners',
    severity: 'notice',
    effect: 'none',
    object,
    field,
    value: '""',
    message: `${name} is empty: Ingresses of namespace ${namespace} may use no host`,
    example: EXAMPLE,
  };
}

function exampleFor({ hostOwnership, hostPolicyConfigMap }: OwnerOptions): HostOwners['example'] {
  return hostOwnership === 'namespaces'
    ? (namespace, pattern) => `the annotation ${OWNED_HOSTS}: ${JSON.stringify(pattern)} on Namespace ${namespace}`
    : (namespace, pattern) => `the entry ${namespace}: ${JSON.stringify(pattern)} in ConfigMap ${hostPolicyConfigMap}`;
}

function unknownOwners(options: OwnerOptions): HostOwners {
  const key = options.hostPolicyConfigMap ?? '';
  const [namespace = '', name = ''] = key.split('/');
  return {
    ...NO_OWNERS,
    example: exampleFor(options),
    unknown: `ConfigMap ${key}, which says to whom hosts belong, does not exist`,
    problems: [
      {
        code: 'missing-config-map',
        severity: 'error',
        effect: 'path-ignored',
        object: { kind: 'ConfigMap', namespace, name },
        message: `the ConfigMap, which --host-policy-configmap names, does not exist; no Ingress host is served`,
        example: `kubectl --namespace ${namespace} create configmap ${name} --from-literal=shop=shop.example.com`,
      },
    ],
  };
}
