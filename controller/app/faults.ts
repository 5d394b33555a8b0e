/**
 * A safety net for builds: if building Ingresses throws an unexpected exception, the Ingresses that cause it are left
 * out and all others are served. If the exception does not name its cause, the Ingress at fault is found by a search.
 */
import { byAge } from '../model/ingress/entries.ts';
import { createdAt } from '../model/contract/object-ref.ts';
import type { Quarantine } from '../model/contract/options.ts';
import { faultsOf } from '../types/fault.ts';
import { namespaceOf, type ObjectKey, type Snapshot } from '../types/snapshot.ts';
import { finish, type Steps } from '../types/steps.ts';
import type { Build, Built, Overrides, FoundFault } from './build.ts';
import type { GoodIngresses } from './quarantine.ts';
import { keyOfRef } from './trials.ts';

const NOBODY: GoodIngresses = new Map();
/**
 * Maximum number of culprits that are searched for one by one. Once that many are found, all other Ingresses of their
 * namespaces are left out too.
 */
const MOST_SEARCHES = 8;

/** Runs all steps of `buildSteps` in one go. */
export function buildSafely(...given: Parameters<typeof buildSteps>): Built {
  return finish(buildSteps(...given));
}

/**
 * Builds, and leaves out Ingresses that cannot be built. Their last good version from `good` is served instead. If that
 * version cannot be built either, their paths answer 503; if even that fails, nothing is served for them. An error that
 * no Ingress causes is thrown.
 */
export function* buildSteps(
  build: Build,
  snapshot: Snapshot,
  overrides: Overrides,
  good: GoodIngresses = NOBODY,
): Steps<Built> {
  const faults = new Map<ObjectKey, FoundFault>();
  const quarantine = new Map(overrides.quarantine);
  for (;;) {
    const now = faults.size === 0 ? overrides : { ...overrides, quarantine: new Map(quarantine) };
    try {
      return { ...(yield* build.steps(snapshot, now)), overrides, faults };
    } catch (error) {
      const culprits = yield* culpritsOf(error, { build, snapshot, overrides: now, good });
      for (const [key, thrown] of culprits) {
        const entry = lower(key, thrown, { snapshot, quarantine, good });
        if (entry === undefined) throw error;
        quarantine.set(key, entry);
        faults.set(key, { entry, error: thrown });
      }
    }
  }
}

interface Lowering {
  readonly snapshot: Snapshot;
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  readonly good: GoodIngresses;
}

/**
 * What to serve next for an Ingress whose current version or replacement cannot be built; undefined if nothing is left
 * to try.
 */
function lower(key: ObjectKey, { message }: Error, { snapshot, quarantine, good }: Lowering): Quarantine | undefined {
  const refused = snapshot.Ingress.get(key);
  if (refused === undefined) return undefined;
  const held = quarantine.get(key);
  const common = { refused, message: message === '' ? 'no message' : message, fault: true } as const;
  if (held?.refused !== refused) {
    const lastGood = good.get(key);
    return { ...common, lastGood: lastGood === refused ? undefined : lastGood };
  }
  if (held.lastGood !== undefined) return { ...common, lastGood: undefined };
  return held.absent === true ? undefined : { ...common, lastGood: undefined, absent: true };
}

interface Search {
  readonly build: Build;
  readonly snapshot: Snapshot;
  readonly overrides: Overrides;
  readonly good: GoodIngresses;
}

/** Finds the Ingresses whose removal avoids the error. Throws the error itself if they cannot be found. */
function* culpritsOf(error: unknown, search: Search): Steps<ReadonlyMap<ObjectKey, Error>> {
  const culprits = new Map<ObjectKey, Error>();
  // A build without any Ingress throws too, so no Ingress causes the error.
  if (yield* fails([], search)) throw error;
  for (const fault of faultsOf(error)) {
    const owners = fault.owners.map(keyOfRef);
    if (owners.some((key) => culprits.has(key))) continue;
    const found = owners.length === 1 ? owners : yield* find(owners, search);
    if (found.length === 0) throw error;
    for (const key of found) culprits.set(key, fault.error);
  }
  return culprits;
}

function* find(owners: readonly ObjectKey[], search: Search): Steps<readonly ObjectKey[]> {
  const { snapshot, overrides } = search;
  const suspects = owners.length === 0 ? [...snapshot.Ingress.keys()] : owners;
  const isBuilt = (key: ObjectKey): boolean => overrides.quarantine.get(key)?.absent !== true;
  let left = inOrder(suspects.filter(isBuilt), search);
  const found: ObjectKey[] = [];
  while (found.length < MOST_SEARCHES && (yield* fails(left, search))) {
    // Binary search: a build of the first `breaks` Ingresses fails, a build of the first `works` does not. The Ingress
    // whose addition makes the build fail is the culprit.
    let [works, breaks] = [0, left.length];
    while (breaks - works > 1) {
      const middle = (works + breaks) >>> 1;
      if (yield* fails(left.slice(0, middle), search)) breaks = middle;
      else works = middle;
    }
    found.push(...left.slice(breaks - 1, breaks));
    left = left.toSpliced(breaks - 1, 1);
  }
  if (found.length === MOST_SEARCHES) {
    const namespaces = new Set(found.map(namespaceOf));
    found.push(...left.filter((key) => namespaces.has(namespaceOf(key))));
  }
  return found.length === 0 ? owners : found;
}

/**
 * Ingresses that NGINX already serves in this version come first, and older Ingresses come before newer ones. So a new
 * Ingress is left out rather than an existing one with which it conflicts.
 */
function inOrder(keys: readonly ObjectKey[], { snapshot, good }: Search): readonly ObjectKey[] {
  const serves = (key: ObjectKey): number => (good.get(key) === snapshot.Ingress.get(key) ? 0 : 1);
  return keys
    .map((key) => ({ key, changed: serves(key), createdAt: createdAt(snapshot.Ingress.get(key) ?? {}) }))
    .sort((a, b) => a.changed - b.changed || byAge(a, b))
    .map(({ key }) => key);
}

function* fails(keys: readonly ObjectKey[], { build, snapshot, overrides }: Search): Steps<boolean> {
  const wanted = new Set(keys);
  const Ingress = new Map([...snapshot.Ingress].filter(([key]) => wanted.has(key)));
  try {
    yield* build.probe(snapshot, overrides, Ingress);
    return false;
  } catch {
    return true;
  }
}
