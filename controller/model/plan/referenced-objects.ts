/** Finds, without building, the Secrets and ConfigMaps that a build reads, or would read if they existed. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { ObjectKey, ReferencedObjects, Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { type Entry, type EntryInput, readEntry } from '../ingress/entries.ts';
import { headerConfigMapKeys } from '../settings/header-config-maps.ts';
import { NO_OWNERS } from '../contract/host-owners.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { Settings } from '../settings/settings.ts';
import { settingsOf } from '../settings/settings-of.ts';
import { settingSecretKeys } from '../settings/tls-files.ts';
import { streamSecrets } from '../streams/stream-services.ts';

/**
 * The Secrets and ConfigMaps to which `ingresses` (`namespace/name`) and the settings refer. Each of these Ingresses is
 * read; the build that follows reuses the result.
 */
export function* referencesAmong(
  snapshot: Snapshot,
  options: BuildOptions,
  ingresses: Iterable<ObjectKey>,
): Steps<ReferencedObjects> {
  // Who owns a host does not change which objects its Ingresses refer to.
  const input = { snapshot, options, settings: settingsOf(snapshot, options).settings, owners: NO_OWNERS };
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
    secrets: withDefault(secrets, options, input.settings, streamSecrets(snapshot, options)),
    configMaps: withSettings(configMaps, input.settings),
  };
}

/** Undefined if reading the Ingress throws; the build that follows reports the exception. */
function* entryOf(key: ObjectKey, ingress: V1Ingress, input: EntryInput): Steps<Entry | undefined> {
  try {
    return yield* readEntry(key, ingress, input);
  } catch {
    return undefined;
  }
}

/**
 * Adds the Secrets to which no Ingress refers: that of the default certificate, those that settings name, and `more`.
 * Returns `secrets` itself if it contains all of them.
 */
export function withDefault(
  secrets: ReadonlySet<ObjectKey>,
  options: BuildOptions,
  settings: Settings,
  more: readonly ObjectKey[],
): ReadonlySet<ObjectKey> {
  const certificate = options.defaultSslCertificate;
  const keys = [...(certificate === null ? [] : [certificate]), ...settingSecretKeys(settings), ...more];
  return keys.every((key) => secrets.has(key)) ? secrets : new Set([...secrets, ...keys]);
}

const withNamed = new WeakMap<
  ReadonlySet<ObjectKey>,
  { readonly named: string; readonly all: ReadonlySet<ObjectKey> }
>();

/**
 * Adds the ConfigMaps that settings name. Returns `configMaps` itself if it contains all of them; otherwise the same
 * input gives the same set object.
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
