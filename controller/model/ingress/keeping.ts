/** Which parts of the cluster's objects the model uses: caches of objects drop all other parts to save memory. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';
import type { Keeping } from '../../types/keeping.ts';
import { ANNOTATION_KEYS } from '../features/annotations.ts';
import { type Bounds, secretChars } from '../contract/bounds.ts';
import { entriesWithin } from '../contract/header-entries.ts';
import { withinBounds } from './within-bounds.ts';
import { CLASS_ANNOTATIONS } from './ingress-class.ts';
import type { BuildOptions } from '../contract/options.ts';
import { MOST_HEADERS } from '../values/header-names.ts';
import { MOST_BYTES } from '../values/regex/bounds.ts';
import { isNearOwnedHosts } from '../owners/misplaced-texts.ts';
import { MOST_STRANGE, strangeAnnotation } from '../features/strange-annotations.ts';

/** The parts of objects that builds with these options use. */
export function keepingFor(
  options: Pick<BuildOptions, 'annotationsPrefix' | 'bounds' | 'configMap' | 'hostPolicyConfigMap' | 'streams'>,
): Keeping {
  const { annotationsPrefix, bounds } = options;
  const { tcp = null, udp = null } = options.streams ?? {};
  const whole = new Set([options.configMap, options.hostPolicyConfigMap, tcp, udp]);
  const isRead = (name: string) => name.startsWith(`${annotationsPrefix}/`);
  return {
    ingress: (ingress) => withinBounds(withReadAnnotations(ingress, annotationsPrefix, isRead), bounds),
    configMap: (configMap) => (whole.has(keyOf(configMap)) ? configMap : entriesKept(configMap, bounds)),
    isRead,
    isReadOfNamespace: isNearOwnedHosts,
    secretChars: secretChars(bounds),
    textBytes: Math.max(bounds.annotationBytes, MOST_BYTES),
    paths: bounds.ingressPaths,
  };
}

function keyOf({ metadata }: V1ConfigMap): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function entriesKept(configMap: V1ConfigMap, bounds: Bounds): V1ConfigMap {
  const { data = {}, binaryData } = configMap;
  const within = entriesWithin(data, bounds);
  if (within === data && binaryData === undefined) return configMap;
  const names = binaryData && { binaryData: namesOnly(binaryData) };
  return Object.assign({}, configMap, { data: within }, names);
}

/** Entries in binaryData are not read, but reported by their names. */
function namesOnly(binaryData: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(binaryData)
      .sort()
      .slice(0, MOST_HEADERS)
      .map((name) => [name, '']),
  );
}

/**
 * An Ingress with only the annotations that are read. Some annotations whose names look like ours except for the prefix
 * are kept with empty values, because they are reported as probable mistakes.
 */
function withReadAnnotations(ingress: V1Ingress, prefix: string, isRead: (name: string) => boolean): V1Ingress {
  const written = Object.entries(ingress.metadata?.annotations ?? {});
  if (written.every(([name]) => isRead(name))) return ingress;
  let strange = 0;
  const kept = written.flatMap(([name, value]): [string, string][] => {
    if (isRead(name) || CLASS_ANNOTATIONS.has(name)) return [[name, value]];
    if (strange >= MOST_STRANGE || strangeAnnotation(name, prefix, ANNOTATION_KEYS) === undefined) return [];
    strange += 1;
    return [[name, '']];
  });
  const { annotations: _, ...metadata } = ingress.metadata ?? {};
  if (kept.length > 0) Object.assign(metadata, { annotations: Object.fromEntries(kept) });
  return Object.assign({}, ingress, { metadata });
}
