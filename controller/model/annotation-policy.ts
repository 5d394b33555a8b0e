/** Which annotations the administrator lets nobody use, whatever their value says to a parser. */
import type { AnnotationKey } from './annotation.ts';
import type { Settings } from './settings/settings.ts';
import { exceeds } from './values/annotation-policy.ts';

/** The keys of the ConfigMap that decide. */
export type AnnotationPolicy = Pick<
  Settings,
  'allow-snippet-annotations' | 'annotations-risk-level' | 'annotation-value-word-blocklist'
>;

/** Why an annotation may not be used, as the end of a sentence that begins with its name; undefined where it may. */
export function refusal(name: string, key: AnnotationKey<unknown>, policy: AnnotationPolicy): string | undefined {
  const level = policy['annotations-risk-level'];
  const reasons = [
    ...(name.endsWith('-snippet') && !policy['allow-snippet-annotations']
      ? ['allow-snippet-annotations is false']
      : []),
    ...(exceeds(key.risk, level) ? [`its risk is ${key.risk} and annotations-risk-level is ${level}`] : []),
  ];
  return reasons.length === 0 ? undefined : `is not allowed by the ConfigMap: ${reasons.join(', and ')}`;
}

/** The same for a value, which need not be one of an annotation that is known. */
export function wordRefusal(value: string, policy: AnnotationPolicy): string | undefined {
  const word = policy['annotation-value-word-blocklist'].find((each) => value.includes(each));
  return word === undefined
    ? undefined
    : `holds ${JSON.stringify(word)}, which annotation-value-word-blocklist of the ConfigMap forbids`;
}
