/** Which Secrets and ConfigMaps a build reads, or would read if they existed: known from the Ingresses alone. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { ObjectKey, ReferencedObjects, Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { type Entry, type EntryInput, readEntry } from '../ingress/entries.ts';
import { headerConfigMapKeys } from '../settings/header-config-maps.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { Settings } from '../settings/settings.ts';
import { settingsOf } from '../settings/settings-of.ts';
import { settingSecretKeys } from '../settings/tls-files.ts';

/**
 * The Secrets and ConfigMaps that these Ingresses (`namespace/name`) refer to. Each Ingress is read; the build that
 * follows reuses the result.
 */
export function* referencesAmong(
  snapshot: Snapshot,
  options: BuildOptions,
  ingresses: Iterable<ObjectKey>,
): Steps<ReferencedObjects> {
  const input = { snapshot, options, settings: settingsOf(snapshot, options).settings };
  const [secrets, configMaps] = [new Set<ObjectKey>(), new Set<ObjectKey>()];
  for (const key of ingresses) {
    const ingress = snapshot.Ingress.get(key);
    if (ingress === undefined) continue;
    const entry = yield* entryOf(key, ingress, input);
    yield;
    if (entry === undefined) continue;
    for (const secret of entry.secrets) secrets.add(secret);
    for (const configMap of entry.configMaps) configMaps.add(configMap);
  }
  return {
    secrets: withDefault(secrets, options, input.settings),
    configMaps: withSettings(configMaps, input.settings),
  };
}

/** Undefined if reading it fails; the build that follows reports it. */
function* entryOf(key: ObjectKey, ingress: V1Ingress, input: EntryInput): Steps<Entry | undefined> {
  try {
    return yield* readEntry(key, ingress, input);
  } catch {
    return undefined;
  }
}

/**
 * Adds the default certificate, which belongs to no Ingress, and the Secrets that settings name. Returns the same set
 * if it has them all.
 */
export function withDefault(
  secrets: ReadonlySet<ObjectKey>,
  options: BuildOptions,
  settings: Settings,
): ReadonlySet<ObjectKey> {
  const certificate = options.defaultSslCertificate;
  const keys = [...(certificate === null ? [] : [certificate]), ...settingSecretKeys(settings)];
  return keys.every((key) => secrets.has(key)) ? secrets : new Set([...secrets, ...keys]);
}

const withNamed = new WeakMap<
  ReadonlySet<ObjectKey>,
  { readonly named: string; readonly all: ReadonlySet<ObjectKey> }
>();

/**
 * Adds the ConfigMaps that settings name. The same sets give the same set; one that has them all is returned itself.
 */
export function withSettings(configMaps: ReadonlySet<ObjectKey>, settings: Settings): ReadonlySet<ObjectKey> {
  const keys = headerConfigMapKeys(settings);
  if (keys.every((key) => configMaps.has(key))) return configMaps;
  const named = keys.join(' ');
  const known = withNamed.get(configMaps);
  if (known?.named === named) return known.all;
  const all = new Set([...configMaps, ...keys]);
  withNamed.set(configMaps, { named, all });
  return all;
}
