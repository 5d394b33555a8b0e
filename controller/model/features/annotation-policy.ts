/** Annotations that the administrator forbids, whether or not their values are valid. */
import type { AnnotationKey } from './annotation.ts';
import type { Settings } from '../settings/settings.ts';
import { exceeds } from '../values/annotation-policy.ts';

const LEVEL = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' } as const;

/** The ConfigMap keys that forbid annotations. */
export type AnnotationPolicy = Pick<
  Settings,
  'allow-snippet-annotations' | 'snippet-namespaces' | 'annotations-risk-level' | 'annotation-value-word-blocklist'
>;

/**
 * Why an annotation is forbidden, as the end of a sentence that begins with its name, and which settings would allow
 * it.
 */
export interface PolicyRefusal {
  readonly reason: string;
  readonly example: string;
}

/** Why snippets are forbidden in a namespace, and a value that would allow them; undefined if they are allowed. */
function snippetRefusal(namespace: string, policy: AnnotationPolicy): readonly [string, string] | undefined {
  if (!policy['allow-snippet-annotations'])
    return ['allow-snippet-annotations is false', 'allow-snippet-annotations: "true"'];
  const listed = policy['snippet-namespaces'];
  if (listed.length === 0 || listed.includes(namespace)) return undefined;
  return [`snippet-namespaces does not list namespace ${namespace}`, `snippet-namespaces: ${namespace}`];
}

/** Why the annotation is forbidden in a namespace; undefined if it is allowed. */
export function refusal(
  name: string,
  key: AnnotationKey<unknown>,
  namespace: string,
  policy: AnnotationPolicy,
): PolicyRefusal | undefined {
  const level = policy['annotations-risk-level'];
  const snippet = name.endsWith('-snippet') ? snippetRefusal(namespace, policy) : undefined;
  const found = [
    ...(snippet === undefined ? [] : [snippet]),
    ...(exceeds(key.risk, level)
      ? [
          [
            `its risk (${key.risk}) is above annotations-risk-level (${level})`,
            'annotations-risk-level: ' + LEVEL[key.risk],
          ] as const,
        ]
      : []),
  ];
  if (found.length === 0) return undefined;
  return {
    reason: `is not allowed by the ConfigMap: ${found.map(([reason]) => reason).join(', and ')}`,
    example: found.map(([, example]) => example).join(', '),
  };
}

/** Why the value of an annotation, known or unknown, is forbidden; undefined if it is allowed. */
export function wordRefusal(value: string, policy: AnnotationPolicy): PolicyRefusal | undefined {
  const word = policy['annotation-value-word-blocklist'].find((each) => value.includes(each));
  return word === undefined
    ? undefined
    : {
        reason: `contains ${JSON.stringify(word)}, which annotation-value-word-blocklist of the ConfigMap forbids`,
        example: 'a value without that word',
      };
}
