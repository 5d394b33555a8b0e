/** Which Secrets a build looks at, or would if they existed: known from the Ingresses alone. */
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { Steps } from '../types/steps.ts';
import { type Entries, NO_ENTRIES, readEntries, readEntry } from './entries.ts';
import { secretKeys } from './key-sets.ts';
import type { BuildOptions } from './options.ts';
import { settingsOf } from './settings-of.ts';

/** Answers for one Snapshot after the other; Ingresses that did not change are not read again. */
export function createSecretFinder(): (snapshot: Snapshot, options: BuildOptions) => Steps<ReadonlySet<ObjectKey>> {
  let last: { readonly entries: Entries; readonly secrets: ReadonlySet<ObjectKey> } = {
    entries: NO_ENTRIES,
    secrets: new Set(),
  };
  return function* finder(snapshot, options) {
    const before = last;
    const input = { snapshot, options, settings: settingsOf(snapshot, options).settings };
    const entries = yield* readEntries(input, before.entries);
    const secrets = yield* secretKeys(before.secrets, entries);
    last = { entries: { ...entries, gone: [], come: [] }, secrets };
    return withDefault(secrets, options);
  };
}

/** The same for some of the Ingresses (`namespace/name`), at once: costs what these cost. */
export function secretsAmong(
  snapshot: Snapshot,
  options: BuildOptions,
  ingresses: Iterable<ObjectKey>,
): ReadonlySet<ObjectKey> {
  const input = { snapshot, options, settings: settingsOf(snapshot, options).settings };
  const secrets = new Set<ObjectKey>();
  for (const key of ingresses) {
    const ingress = snapshot.Ingress.get(key);
    if (ingress === undefined) continue;
    for (const secret of readEntry(key, ingress, input).secrets) secrets.add(secret);
  }
  return withDefault(secrets, options);
}

/** With the default certificate, which belongs to no Ingress. The same set where it is in there. */
export function withDefault(secrets: ReadonlySet<ObjectKey>, options: BuildOptions): ReadonlySet<ObjectKey> {
  const key = options.defaultSslCertificate;
  return key === null || secrets.has(key) ? secrets : new Set([...secrets, key]);
}
