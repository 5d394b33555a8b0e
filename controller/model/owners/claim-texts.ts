/** Where the hosts of namespaces are written: annotations of Namespaces, or the entries of a ConfigMap. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Kept, UseKey } from '../../types/last-good.ts';
import { OWNED_HOSTS } from '../../types/own-annotations.ts';
import type { FieldPath, ObjectRef, Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { annotationField } from '../contract/annotation-field.ts';
import type { BuildOptions } from '../contract/options.ts';
import { isLabel } from '../values/names.ts';

/** The hosts of one namespace as they are written. */
export interface ClaimText {
  readonly namespace: string;
  readonly text: string;
  /** Where the text is, for messages: `the annotation tidegate.dev/hosts of Namespace shop`. */
  readonly where: string;
  /** Name of the text in messages about it. */
  readonly name: string;
  readonly object: ObjectRef;
  readonly field: FieldPath;
  /** Key of the last good text. A namespace that was deleted and created again has another key. */
  readonly lastKey: string;
}

export interface ClaimTexts {
  /** Sorted by namespace. */
  readonly texts: readonly ClaimText[];
  readonly problems: readonly Problem[];
  /** The object that contains all texts, if there is one. */
  readonly whole: V1ConfigMap | undefined;
}

export type OwnerOptions = Pick<BuildOptions, 'hostOwnership' | 'hostPolicyConfigMap' | 'bounds' | 'lastGood'>;

/** The part of the Snapshot that is read; while it is the same object, so are all texts. */
export function sourceOf(snapshot: Snapshot, { hostOwnership, hostPolicyConfigMap }: OwnerOptions): unknown {
  return hostOwnership === 'namespaces' ? snapshot.Namespace : snapshot.ConfigMap.get(hostPolicyConfigMap ?? '');
}

/** The key under which the texts in force are remembered. */
export function useOfOwners({ hostOwnership, hostPolicyConfigMap }: OwnerOptions): UseKey {
  return `host-owners ${hostOwnership === 'namespaces' ? 'of/namespaces' : (hostPolicyConfigMap ?? '')}`;
}

/** The last good texts by `lastKey`; those of a ConfigMap that was deleted and created again do not count. */
export function lastTexts(
  last: Kept | undefined,
  { whole }: Pick<ClaimTexts, 'whole'>,
): Readonly<Record<string, string>> {
  const same = whole === undefined || whole.metadata?.uid === last?.metadata?.uid;
  return (same ? last?.data : undefined) ?? {};
}

/** The texts in the Snapshot; undefined if the ConfigMap does not exist. */
export function claimTexts(snapshot: Snapshot, options: OwnerOptions): ClaimTexts | undefined {
  if (options.hostOwnership === 'namespaces') return { ...ofNamespaces(snapshot.Namespace), whole: undefined };
  const configMap = snapshot.ConfigMap.get(options.hostPolicyConfigMap ?? '');
  return configMap === undefined ? undefined : { ...ofConfigMap(configMap), whole: configMap };
}

function ofNamespaces(namespaces: Snapshot['Namespace']): Omit<ClaimTexts, 'whole'> {
  const texts = [...namespaces].flatMap(([namespace, { metadata }]): ClaimText[] => {
    const text = metadata?.annotations?.[OWNED_HOSTS];
    if (text === undefined) return [];
    const where = `the annotation ${OWNED_HOSTS} of Namespace ${namespace}`;
    const object = { kind: 'Namespace', namespace: '', name: namespace };
    const lastKey = `${namespace} ${metadata?.uid ?? ''}`;
    return [
      { namespace, text: text.trim(), where, name: OWNED_HOSTS, object, field: annotationField(OWNED_HOSTS), lastKey },
    ];
  });
  return { texts: sorted(texts), problems: [] };
}

function ofConfigMap({ metadata, data = {} }: V1ConfigMap): Omit<ClaimTexts, 'whole'> {
  const object = { kind: 'ConfigMap', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
  const from = `ConfigMap ${object.namespace}/${object.name}`;
  const texts: ClaimText[] = [];
  const problems: Problem[] = [];
  for (const [namespace, text] of Object.entries(data)) {
    const field = ['data', namespace];
    const where = `the entry ${namespace} of ${from}`;
    if (isLabel(namespace))
      texts.push({ namespace, text: text.trim(), where, name: namespace, object, field, lastKey: namespace });
    else problems.push(notANamespace(object, field, namespace));
  }
  return { texts: sorted(texts), problems: problems.sort((a, b) => (a.message < b.message ? -1 : 1)) };
}

function sorted(texts: readonly ClaimText[]): readonly ClaimText[] {
  return texts.toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

function notANamespace(object: ObjectRef, field: FieldPath, name: string): Problem {
  return {
    code: 'host-owners',
    severity: 'error',
    effect: 'ignored-key',
    object,
    field,
    message: `${name} is not the name of a namespace; the entry is ignored`,
    example: 'shop: shop.example.com',
  };
}
