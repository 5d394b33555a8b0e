/** What a person can do about a Problem. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';

export type ProblemItem = AnswerOf<'problems'>['items'][number];

/** `shop.yaml:12:5`; undefined in a cluster, where objects have no lines. */
export function placeText({ place }: ProblemItem): string | undefined {
  return place === undefined ? undefined : `${place.file}:${place.line}:${place.column}`;
}

/** Kinds that `kubectl edit` edits, with the names of their resources. */
const RESOURCES: Readonly<Record<string, string>> = {
  Ingress: 'ingress',
  Service: 'service',
  Secret: 'secret',
  ConfigMap: 'configmap',
  Namespace: 'namespace',
  IngressClass: 'ingressclass',
};

/** A word that a shell reads as one word. Names of objects need no quotes; a damaged name does. */
function forShell(text: string): string {
  return /^[A-Za-z0-9._-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command with which an object of a cluster is edited; undefined for an object that is edited in a file. */
export function editCommand({ place, object }: ProblemItem): string | undefined {
  const resource = object === undefined ? undefined : RESOURCES[object.kind];
  if (place !== undefined || object === undefined || resource === undefined) return undefined;
  const namespace = object.namespace === '' ? '' : ` --namespace ${forShell(object.namespace)}`;
  return `kubectl edit ${resource} ${forShell(object.name)}${namespace}`;
}
