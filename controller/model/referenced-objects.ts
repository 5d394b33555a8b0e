/** Which Secrets and ConfigMaps a build looks at, or would if they existed: known from the Ingresses alone. */
import type { ObjectKey, ReferencedObjects, Snapshot } from '../types/snapshot.ts';
import type { Steps } from '../types/steps.ts';
import { type Entries, NO_ENTRIES, readEntries, readEntry } from './entries.ts';
import { NO_REFERENCES, referencesOf } from './key-sets.ts';
import type { BuildOptions } from './options.ts';
import { settingsOf } from './settings-of.ts';

/** Answers for one Snapshot after the other; Ingresses that did not change are not read again. */
export function createReferenceFinder(): (snapshot: Snapshot, options: BuildOptions) => Steps<ReferencedObjects> {
  let last: { readonly entries: Entries; readonly references: ReferencedObjects } = {
    entries: NO_ENTRIES,
    references: NO_REFERENCES,
  };
  return function* finder(snapshot, options) {
    const before = last;
    const input = { snapshot, options, settings: settingsOf(snapshot, options).settings };
    const entries = yield* readEntries(input, before.entries);
    const references = yield* referencesOf(before.references, entries);
    last = { entries: { ...entries, gone: [], come: [] }, references };
    return { ...references, secrets: withDefault(references.secrets, options) };
  };
}

/** The same for some of the Ingresses (`namespace/name`), at once: costs what these cost. */
export function referencesAmong(
  snapshot: Snapshot,
  options: BuildOptions,
  ingresses: Iterable<ObjectKey>,
): ReferencedObjects {
  const input = { snapshot, options, settings: settingsOf(snapshot, options).settings };
  const [secrets, configMaps] = [new Set<ObjectKey>(), new Set<ObjectKey>()];
  for (const key of ingresses) {
    const ingress = snapshot.Ingress.get(key);
    if (ingress === undefined) continue;
    const entry = readEntry(key, ingress, input);
    for (const secret of entry.secrets) secrets.add(secret);
    for (const configMap of entry.configMaps) configMaps.add(configMap);
  }
  return { secrets: withDefault(secrets, options), configMaps };
}

/** With the default certificate, which belongs to no Ingress. The same set where it is in there. */
export function withDefault(secrets: ReadonlySet<ObjectKey>, options: BuildOptions): ReadonlySet<ObjectKey> {
  const key = options.defaultSslCertificate;
  return key === null || secrets.has(key) ? secrets : new Set([...secrets, key]);
}
