/** Annotations of one Ingress → values, Problems, and what they contribute. */
import type { V1Ingress } from '@kubernetes/client-node';
import { type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import type { AnnotationFeature, AnnotationKey, AnnotationKeys, AnnotationValues } from '../annotation.ts';
import { didYouMean } from '../did-you-mean.ts';
import { ANNOTATION_FEATURES } from './registry.gen.ts';

export const PREFIX = 'nginx.ingress.kubernetes.io/';

/** Features with their keys' types laid aside: the loop over all of them needs none. */
export const FEATURES: readonly AnnotationFeature[] = ANNOTATION_FEATURES as readonly unknown[] as AnnotationFeature[];

/** Every name that is understood, aliases included → its description. */
export const ANNOTATION_KEYS: ReadonlyMap<string, AnnotationKey<unknown>> = new Map(
  FEATURES.flatMap((feature) =>
    Object.entries(feature.keys).flatMap(([name, key]) =>
      [name, ...(key.aliases ?? [])].map((each) => [each, key] as const),
    ),
  ),
);

export interface ParsedAnnotations {
  /** Values in the order of FEATURES. */
  readonly values: readonly AnnotationValues<AnnotationKeys>[];
  /** Something that guards access could not be read: every location answers 503. */
  readonly denied: boolean;
  readonly problems: readonly Problem[];
}

/** The name among `name` and its aliases that is written, an empty one only where no other is filled. */
function written(
  present: Readonly<Record<string, string>>,
  name: string,
  key: AnnotationKey<unknown>,
): string | undefined {
  const names = [name, ...(key.aliases ?? [])].filter((each) => present[PREFIX + each] !== undefined);
  return names.find((each) => present[PREFIX + each]?.trim() !== '') ?? names[0];
}

/** Parses all annotations of ours on an Ingress. */
export function parseAnnotations(ingress: V1Ingress, object: ObjectRef): ParsedAnnotations {
  const present = ingress.metadata?.annotations ?? {};
  const problems: Problem[] = [];
  let denied = false;
  const values = FEATURES.map((feature) => {
    const parsed: Record<string, unknown> = {};
    for (const [name, key] of Object.entries(feature.keys)) {
      const source = written(present, name, key);
      if (source === undefined) continue;
      const raw = present[PREFIX + source]?.trim() ?? '';
      if (raw === '' && key.emptyIsInvalid !== true) continue;
      const result = raw === '' ? ({ ok: false, reason: 'is empty' } as const) : key.parser.parse(raw);
      if (result.ok) {
        parsed[name] = result.value;
        continue;
      }
      denied ||= key.onInvalid === 'denied';
      problems.push(invalid(object, source, raw, key, result.reason));
    }
    return parsed;
  });
  return { values, denied, problems: [...problems, ...unknownKeys(present, object)] };
}

function invalid(object: ObjectRef, name: string, raw: string, key: AnnotationKey<unknown>, reason: string): Problem {
  const denied = key.onInvalid === 'denied';
  return {
    code: 'invalid-annotation',
    severity: denied ? 'error' : 'warning',
    effect: denied ? 'denied-location' : 'ignored-key',
    object,
    field: ['metadata', 'annotations', PREFIX + name],
    value: shorten(raw),
    message: `${name} ${reason}; accepted: ${key.parser.accepts}`,
    ...(key.good[0] === undefined ? {} : { example: `${PREFIX}${name}: ${JSON.stringify(key.good[0])}` }),
  };
}

function unknownKeys(present: Readonly<Record<string, string>>, object: ObjectRef): Problem[] {
  return Object.keys(present)
    .filter((full) => full.startsWith(PREFIX) && !ANNOTATION_KEYS.has(full.slice(PREFIX.length)))
    .map((full) => {
      const name = full.slice(PREFIX.length);
      return {
        code: 'unknown-annotation',
        severity: 'warning',
        effect: 'ignored-key',
        object,
        field: ['metadata', 'annotations', full],
        message: `${name} is not an annotation that this version knows${didYouMean(name, [...ANNOTATION_KEYS.keys()])}`,
      };
    });
}
