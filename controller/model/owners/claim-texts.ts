/** Where the hosts of namespaces are written: annotations of Namespaces, or the entries of a ConfigMap. */
import type { V1ConfigMap, V1Namespace } from '@kubernetes/client-node';
import type { Kept, UseKey } from '../../types/last-good.ts';
import { OWNED_HOSTS } from '../../types/own-annotations.ts';
import type { FieldPath, ObjectRef, Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { annotationField } from '../contract/annotation-field.ts';
import { IN_BINARY_DATA } from '../contract/binary-data.ts';
import type { BuildOptions } from '../contract/options.ts';
import { isLabel } from '../values/names.ts';
import { asciiOf, notANamespace, notRead } from './misplaced-texts.ts';

/** The hosts of one namespace as they are written. */
export interface ClaimText {
  /** The namespace; for hosts that belong to no namespace, a key that no namespace can have as its name. */
  readonly namespace: string;
  /** The text belongs to no namespace: its patterns only close hosts to namespaces without a claim. */
  readonly misplaced?: true;
  /** Why the text is invalid whatever it contains, as the end of a sentence that begins with `name`. */
  readonly unreadable?: string;
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

/**
 * The texts in the Snapshot; undefined if the ConfigMap does not exist, or has no entry. In a ConfigMap without
 * entries, the entries of `last` are found.
 */
export function claimTexts(snapshot: Snapshot, options: OwnerOptions, last: Kept | undefined): ClaimTexts | undefined {
  if (options.hostOwnership === 'namespaces') return { ...ofNamespaces(snapshot.Namespace), whole: undefined };
  const configMap = snapshot.ConfigMap.get(options.hostPolicyConfigMap ?? '');
  if (configMap === undefined) return undefined;
  if (hasEntries(configMap)) return { ...ofConfigMap(configMap), whole: configMap };
  const { metadata = {} } = configMap;
  const data = Object.fromEntries(Object.entries(last?.data ?? {}));
  if (Object.keys(data).length === 0) return undefined;
  return { texts: ofConfigMap({ metadata, data }).texts, problems: [emptied(refOf(configMap))], whole: configMap };
}

/** Whether a ConfigMap says anything about hosts. */
export function hasEntries({ data = {}, binaryData = {} }: V1ConfigMap): boolean {
  return Object.keys(data).length + Object.keys(binaryData).length > 0;
}

function ofNamespaces(namespaces: Snapshot['Namespace']): Omit<ClaimTexts, 'whole'> {
  const found = [...namespaces].map(([name, each]) => ofNamespace(name, each));
  return { texts: sorted(found.flatMap(({ texts }) => texts)), problems: found.flatMap(({ problems }) => problems) };
}

function ofNamespace(namespace: string, { metadata = {} }: V1Namespace): Omit<ClaimTexts, 'whole'> {
  const object = { kind: 'Namespace', namespace: '', name: namespace };
  const uid = metadata.uid ?? '';
  const texts: ClaimText[] = [];
  const text = metadata.annotations?.[OWNED_HOSTS];
  if (text !== undefined) {
    const where = `the annotation ${OWNED_HOSTS} of Namespace ${namespace}`;
    const lastKey = `${namespace} ${uid}`;
    const field = annotationField(OWNED_HOSTS);
    texts.push({ namespace, text: text.trim(), where, name: OWNED_HOSTS, object, field, lastKey });
  }
  const wrong = notRead(metadata);
  for (const { name, kind, text: other, field } of wrong) {
    const where = `the ${kind} ${name} of Namespace ${namespace}`;
    const key = `${namespace} ${uid} ${kind} ${name}`;
    texts.push({ namespace: key, misplaced: true, text: other.trim(), where, name, object, field, lastKey: key });
  }
  return { texts, problems: wrong.map(({ problem }) => ({ ...problem, object })) };
}

function ofConfigMap(configMap: V1ConfigMap): Omit<ClaimTexts, 'whole'> {
  const object = refOf(configMap);
  const from = `ConfigMap ${object.namespace}/${object.name}`;
  const texts: ClaimText[] = [];
  const problems: Problem[] = [];
  const add = (part: 'data' | 'binaryData', name: string, text: string): void => {
    const field = [part, name];
    const misplaced = isLabel(name) ? {} : { misplaced: true as const };
    const unreadable = part === 'data' ? {} : { unreadable: IN_BINARY_DATA };
    const where = `the entry ${name} of ${from}`;
    texts.push({ namespace: name, ...misplaced, ...unreadable, text, where, name, object, field, lastKey: name });
    if (misplaced.misplaced) problems.push(notANamespace(object, field, name));
  };
  for (const [name, text] of Object.entries(configMap.data ?? {})) add('data', name, text.trim());
  for (const [name, bytes] of Object.entries(configMap.binaryData ?? {})) add('binaryData', name, asciiOf(bytes));
  return { texts: sorted(texts), problems: problems.sort((a, b) => (a.message < b.message ? -1 : 1)) };
}

function refOf({ metadata }: V1ConfigMap): ObjectRef {
  return { kind: 'ConfigMap', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}

function sorted(texts: readonly ClaimText[]): readonly ClaimText[] {
  return texts.toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

function emptied(object: ObjectRef): Problem {
  return {
    code: 'host-owners',
    severity: 'error',
    effect: 'none',
    object,
    field: ['data'],
    message:
      'the ConfigMap, which --host-policy-configmap names, has no entry; its last good content stays in force; to let ' +
      'every namespace use every host, set --host-ownership=off',
    example: 'shop: shop.example.com',
  };
}
