/** Parses the annotations of one Ingress: values and Problems. */
import type { V1Ingress } from '@kubernetes/client-node';
import { type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import { bytesOf, shown } from '../../types/left-out.ts';
import type { AnnotationFeature, AnnotationKey, AnnotationKeys, AnnotationValues } from './annotation.ts';
import { type AnnotationPolicy, type PolicyRefusal, refusal, wordRefusal } from './annotation-policy.ts';
import { type Bounds, excess } from '../contract/bounds.ts';
import { refusedValue } from '../contract/refused-value.ts';
import { strangeAnnotations } from './strange-annotations.ts';
import { judgeValue } from '../contract/verdict.ts';
import { annotationField } from '../contract/annotation-field.ts';
import { ANNOTATION_FEATURES } from './annotations/registry.gen.ts';

export { DEFAULT_PREFIX } from '../contract/flags.ts';

/** All features, without the types of their keys, which a loop over all of them does not need. */
export const FEATURES: readonly AnnotationFeature[] = ANNOTATION_FEATURES as readonly unknown[] as AnnotationFeature[];

/** Every known name, including aliases → the description of the annotation. */
export const ANNOTATION_KEYS: ReadonlyMap<string, AnnotationKey<unknown>> = new Map(
  FEATURES.flatMap((feature) =>
    Object.entries(feature.keys).flatMap(([name, key]) =>
      [name, ...(key.aliases ?? [])].map((each) => [each, key] as const),
    ),
  ),
);

export interface ParsedAnnotations {
  /** The parsed values of each feature, in the order of FEATURES. */
  readonly values: readonly AnnotationValues<AnnotationKeys>[];
  /**
   * Name of an annotation that restricts access and is invalid, or that is forbidden: every location answers 503.
   * Undefined if there is none.
   */
  readonly closedBy: string | undefined;
  /** The Ingress has a forbidden annotation: every location answers 503, and a canary Ingress gets no requests. */
  readonly refused: boolean;
  readonly problems: readonly Problem[];
  /** Names, without the prefix, of annotations that are present but forbidden or invalid. */
  readonly unusable: ReadonlySet<string>;
}

/** Which of `name` and its aliases the Ingress has; a name with a non-empty value takes precedence. */
export function writtenName(
  present: Readonly<Record<string, string>>,
  prefix: string,
  name: string,
  key: AnnotationKey<unknown>,
): string | undefined {
  const names = [name, ...(key.aliases ?? [])].filter((each) => present[`${prefix}/${each}`] !== undefined);
  return names.find((each) => present[`${prefix}/${each}`]?.trim() !== '') ?? names[0];
}

function isFilled(present: Readonly<Record<string, string>>, prefix: string, name: string): boolean {
  return (present[`${prefix}/${name}`] ?? '').trim() !== '';
}

function shownAt(full: string, raw: string): Pick<Problem, 'field' | 'value'> {
  return { field: annotationField(full), value: shorten(shown(raw).trim()) };
}

function trimmed(present: Readonly<Record<string, string>>, full: string): string {
  return present[full]?.trim() ?? '';
}

function parse(raw: string, key: AnnotationKey<unknown>, bounds: Bounds): ReturnType<typeof key.parser.parse> {
  const reason = raw === '' ? 'is empty' : excess('annotationBytes', bytesOf(raw), bounds);
  return reason === undefined ? key.parser.parse(raw) : { ok: false, reason };
}

/** Whether the annotation has no effect because the one that it needs is absent. */
function inNeedOf(
  present: Readonly<Record<string, string>>,
  prefix: string,
  { needs }: Pick<AnnotationKey<unknown>, 'needs'>,
): boolean {
  return needs !== undefined && !isFilled(present, prefix, needs);
}

/** Parses all annotations of an Ingress that have our prefix. */
export function parseAnnotations(
  ingress: V1Ingress,
  object: ObjectRef,
  prefix: string,
  policy: AnnotationPolicy,
  bounds: Bounds,
): ParsedAnnotations {
  const present = ingress.metadata?.annotations ?? {};
  const refusals = refusedNames(present, prefix, object.namespace, policy);
  const problems: Problem[] = [...refusals].map(([name, why]) => refused(object, name, present[name] ?? '', why));
  const [forbidden] = refusals.keys();
  let closedBy = forbidden?.slice(prefix.length + 1);
  const unusable = new Set<string>();
  const values = FEATURES.map((feature) => {
    const parsed: Record<string, unknown> = {};
    for (const [name, key] of Object.entries(feature.keys)) {
      const source = writtenName(present, prefix, name, key);
      if (source === undefined) continue;
      problems.push(...superseded(present, prefix, source, key, object));
      if (refusals.has(`${prefix}/${source}`)) {
        unusable.add(name);
        continue;
      }
      const full = `${prefix}/${source}`;
      const raw = trimmed(present, full);
      if (raw === '' && (key.emptyIsInvalid !== true || source !== name)) {
        if (key.onInvalid === 'denied') problems.push(emptyGuard(object, full));
        continue;
      }
      const result = parse(raw, key, bounds);
      if (result.ok) {
        parsed[name] = result.value;
        if (result.dropped !== undefined) problems.push(partly(object, full, raw, key, result.dropped));
        const judged = judgeValue(source, result.value, key.verdict);
        if (judged !== undefined) problems.push({ ...judged, object, ...shownAt(full, raw) });
        continue;
      }
      unusable.add(name);
      if (key.instead !== undefined) parsed[name] = key.instead;
      const counts = inNeedOf(present, prefix, key) ? { ...key, onInvalid: 'ignored' as const } : key;
      if (counts.onInvalid === 'denied') closedBy ??= source;
      problems.push(invalid(object, full, raw, counts, result.reason));
    }
    return parsed;
  });
  return {
    values,
    closedBy,
    refused: refusals.size > 0,
    unusable,
    problems: [...problems, ...strangeAnnotations(present, prefix, object, ANNOTATION_KEYS)],
  };
}

/** Forbidden annotations by their full names, with the reason; annotations without a value count as absent. */
function refusedNames(
  present: Readonly<Record<string, string>>,
  prefix: string,
  namespace: string,
  policy: AnnotationPolicy,
): ReadonlyMap<string, PolicyRefusal> {
  const refusals = new Map<string, PolicyRefusal>();
  for (const [full, value] of Object.entries(present)) {
    if (!full.startsWith(`${prefix}/`) || value.trim() === '') continue;
    const name = full.slice(prefix.length + 1);
    const key = ANNOTATION_KEYS.get(name);
    const reason =
      (key === undefined ? undefined : refusal(name, key, namespace, policy)) ?? wordRefusal(value, policy);
    if (reason !== undefined) refusals.set(full, reason);
  }
  return refusals;
}

export const REFUSED_CODE = 'refused-annotation';

function refused(object: ObjectRef, full: string, raw: string, { reason, example }: PolicyRefusal): Problem {
  return {
    code: REFUSED_CODE,
    severity: 'error',
    effect: 'denied-location',
    object,
    field: annotationField(full),
    value: shorten(raw),
    message: `${full.slice(full.indexOf('/') + 1)} ${reason}`,
    example,
  };
}

function invalid(object: ObjectRef, name: string, raw: string, key: AnnotationKey<unknown>, reason: string): Problem {
  const denied = key.onInvalid === 'denied';
  return {
    code: 'invalid-annotation',
    severity: denied ? 'error' : 'warning',
    effect: denied ? 'denied-location' : 'ignored-key',
    object,
    field: annotationField(name),
    value: shorten(shown(raw).trim()),
    message: refusedValue(name.slice(name.indexOf('/') + 1), reason, key.parser.accepts),
    ...(key.good[0] === undefined ? {} : { example: `${name}: ${JSON.stringify(key.good[0])}` }),
  };
}

/** Reports items of a list that are ignored; the other items apply. */
function partly(object: ObjectRef, name: string, raw: string, key: AnnotationKey<unknown>, reason: string): Problem {
  return { ...invalid(object, name, raw, { ...key, onInvalid: 'ignored' }, reason), effect: 'ignored-item' };
}

/** Reports older names that are present in addition to the name that is read. */
function superseded(
  present: Readonly<Record<string, string>>,
  prefix: string,
  source: string,
  { aliases = [] }: AnnotationKey<unknown>,
  object: ObjectRef,
): Problem[] {
  const filled = aliases.filter((alias) => alias !== source && isFilled(present, prefix, alias));
  return filled.map((alias) => ({
    code: 'superseded-annotation',
    severity: 'warning',
    effect: 'ignored-key',
    object,
    field: annotationField(`${prefix}/${alias}`),
    value: shorten(present[`${prefix}/${alias}`]),
    message: `${alias} is an older name of ${source} and is ignored, because ${source} is present`,
  }));
}

/**
 * Some charts render annotations without a value; an owner who meant to restrict access must learn that nothing is
 * restricted.
 */
function emptyGuard(object: ObjectRef, name: string): Problem {
  return {
    code: 'empty-annotation',
    severity: 'notice',
    effect: 'none',
    object,
    field: annotationField(name),
    value: '""',
    message: `${name.slice(name.indexOf('/') + 1)} is empty, which counts as absent: it protects nothing`,
  };
}

export { annotationField };
