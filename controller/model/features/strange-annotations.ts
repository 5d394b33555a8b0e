/** Reports annotations that look as if they were meant for this controller but are not read. */
import { type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import { annotationField } from '../contract/annotation-field.ts';
import { didYouMean, isNear } from '../contract/did-you-mean.ts';
import { successorOf } from './removed-annotations.ts';
import { SETTING_KEYS } from '../settings/settings.ts';

/** The annotations that this controller reads, by their names without the prefix. */
type Known = ReadonlyMap<string, unknown>;

/** Prefixes of controllers that are often confused with this one. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['nginx.org', 'the NGINX Ingress Controller of F5'],
  ['nginx.com', 'the NGINX Ingress Controller of F5'],
]);
const FORMER = 'ingress.kubernetes.io';

/**
 * Maximum number of reports per Ingress for names with our prefix, and for names with other prefixes: there may be
 * thousands.
 */
export const MOST_STRANGE = 20;

type Strange = Pick<Problem, 'code' | 'severity' | 'message' | 'example'>;

/** Reports unknown names with our prefix, and names with a prefix that is often confused with ours. */
export function strangeAnnotations(
  present: Readonly<Record<string, string>>,
  prefix: string,
  object: ObjectRef,
  known: Known,
): Problem[] {
  const problems: Problem[] = [];
  const told = new Map<boolean, number>();
  for (const full of Object.keys(present)) {
    const own = full.startsWith(`${prefix}/`);
    const count = told.get(own) ?? 0;
    const strange = count >= MOST_STRANGE ? undefined : strangeAnnotation(full, prefix, known);
    if (strange === undefined) continue;
    told.set(own, count + 1);
    problems.push({ ...strange, object, field: annotationField(full), effect: 'ignored-key' });
  }
  return problems;
}

/** The report about one annotation; undefined if the annotation is read, or clearly meant for another controller. */
export function strangeAnnotation(full: string, prefix: string, known: Known): Strange | undefined {
  const at = full.indexOf('/');
  const [before, name] = [full.slice(0, Math.max(0, at)), full.slice(at + 1)];
  if (before === prefix)
    return known.has(name)
      ? undefined
      : { code: 'unknown-annotation', severity: 'warning', message: unknown(name, [...known.keys()]) };
  const told = foreign(before, name, prefix, known);
  return told === undefined ? undefined : { code: 'foreign-annotation', ...told };
}

function unknown(name: string, names: readonly string[]): string {
  const successor = successorOf(name);
  if (successor !== undefined) return `${name} is not an annotation of this version: ${successor}`;
  if (SETTING_KEYS.has(name))
    return `${name} is a key of the ConfigMap, not an annotation: it applies to all Ingresses`;
  return `${name} is not an annotation of this version${didYouMean(name, names)}`;
}

function foreign(
  before: string,
  name: string,
  prefix: string,
  known: Known,
): Pick<Problem, 'severity' | 'message' | 'example'> | undefined {
  if (before === 'kubernetes.io' && name === 'ingress.allow-http')
    return {
      severity: 'notice',
      message: 'kubernetes.io/ingress.allow-http has no effect: use force-ssl-redirect to stop serving plain HTTP',
      example: `${prefix}/force-ssl-redirect: "true"`,
    };
  const other = OTHERS.get(before);
  if (other !== undefined)
    return {
      severity: 'notice',
      message: `annotations with the prefix ${before} are for ${other}, and have no effect here${hint(name, prefix, known)}`,
    };
  if (before === FORMER)
    return {
      severity: 'notice',
      message: `annotations with the prefix ${FORMER} have no effect: the prefix is ${prefix}${hint(name, prefix, known)}`,
    };
  // If only the name matches, the annotation may well be meant for another controller, so it is not reported.
  if (!isNear(before, prefix, 3) && !(known.has(name) && /nginx/i.test(before))) return undefined;
  return {
    severity: 'warning',
    message: `the prefix ${shorten(before)} has no effect: it must be ${prefix}`,
    ...(known.has(name) && { example: `${prefix}/${name}` }),
  };
}

function hint(name: string, prefix: string, known: Known): string {
  return known.has(name) ? `; write ${prefix}/${name}` : '';
}
