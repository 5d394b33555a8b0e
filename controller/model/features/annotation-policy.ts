/** Annotations that the administrator forbids, whether or not their values are valid. */
import type { AnnotationKey } from './annotation.ts';
import type { Settings } from '../settings/settings.ts';
import { exceeds } from '../values/annotation-policy.ts';

const LEVEL = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' } as const;

/** The ConfigMap keys that forbid annotations. */
export type AnnotationPolicy = Pick<
  Settings,
  'allow-snippet-annotations' | 'annotations-risk-level' | 'annotation-value-word-blocklist'
>;

/**
 * Why an annotation is forbidden, as the end of a sentence that begins with its name, and which settings would allow
 * it.
 */
export interface PolicyRefusal {
  readonly reason: string;
  readonly example: string;
}

/** Why the annotation is forbidden; undefined if it is allowed. */
export function refusal(
  name: string,
  key: AnnotationKey<unknown>,
  policy: AnnotationPolicy,
): PolicyRefusal | undefined {
  const level = policy['annotations-risk-level'];
  const found = [
    ...(name.endsWith('-snippet') && !policy['allow-snippet-annotations']
      ? [['allow-snippet-annotations is false', 'allow-snippet-annotations: "true"'] as const]
      : []),
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
