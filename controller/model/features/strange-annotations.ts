/** Annotations of an Ingress that look as if they were meant for this controller, and are not read. */
import { type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import { annotationField } from '../contract/annotation-field.ts';
import { didYouMean, isNear } from '../contract/did-you-mean.ts';
import { successorOf } from './removed-annotations.ts';
import { SETTING_KEYS } from '../settings/settings.ts';

/** What is said of a name that is not known; undefined for one that is. */
type Known = ReadonlyMap<string, unknown>;

/** Prefixes of controllers that are often taken for this one. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['nginx.org', 'the NGINX Ingress Controller of F5'],
  ['nginx.com', 'the NGINX Ingress Controller of F5'],
]);
const FORMER = 'ingress.kubernetes.io';

/** So many of each sort are told of one Ingress: there may be thousands. */
export const MOST_STRANGE = 20;

type Strange = Pick<Problem, 'code' | 'severity' | 'message' | 'example'>;

/** Those of the own prefix that nobody knows, and those of another that is taken for it; each with what to write. */
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

/** What is said of one name; undefined where it is read, or plainly for others. */
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
  if (successor !== undefined) return `${name} is not an annotation that this version knows: ${successor}`;
  if (SETTING_KEYS.has(name))
    return `${name} is a key of the ConfigMap, and not an annotation: it holds for all Ingresses`;
  return `${name} is not an annotation that this version knows${didYouMean(name, names)}`;
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
      message:
        'kubernetes.io/ingress.allow-http is not read here: whether plain HTTP is served is up to force-ssl-redirect',
      example: `${prefix}/force-ssl-redirect: "true"`,
    };
  const other = OTHERS.get(before);
  if (other !== undefined)
    return {
      severity: 'notice',
      message: `annotations of ${before} are for ${other}, and are not read here${hint(name, prefix, known)}`,
    };
  if (before === FORMER)
    return {
      severity: 'notice',
      message: `annotations of ${FORMER} are not read here: the prefix is ${prefix}${hint(name, prefix, known)}`,
    };
  // Half a name is no reason to speak of others' annotations.
  if (!isNear(before, prefix, 3) && !(known.has(name) && /nginx/i.test(before))) return undefined;
  return {
    severity: 'warning',
    message: `the prefix ${shorten(before)} is not read here: it is ${prefix}`,
    ...(known.has(name) && { example: `${prefix}/${name}` }),
  };
}

function hint(name: string, prefix: string, known: Known): string {
  return known.has(name) ? `; write ${prefix}/${name}` : '';
}
