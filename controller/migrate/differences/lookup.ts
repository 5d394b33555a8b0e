/** Finds the sentences of docs/differences.md that concern a key. */
import type { V1Ingress } from '@kubernetes/client-node';
import { coUsers, holds } from '../conditions.ts';
import type { Quoted } from '../report.ts';
import { annotationText, isEffective, type World } from '../world.ts';
import { DIFFERENCES, USUAL } from './differences.gen.ts';
import type { Difference } from './extract.ts';

const ALL: readonly Difference[] = DIFFERENCES;

/** Whether one of the names, of which some stand for several keys, is `key`. */
function names({ keys }: Difference, key: string): boolean {
  return keys.some((each) => (each.endsWith('*') ? key.startsWith(each.slice(0, -1)) : each === key));
}

function quoted({ text, anchor, kind, when }: Difference): Quoted {
  return { text, anchor, detail: kind === 'detail', ...(when !== undefined && { when }) };
}

export function forEveryone(): readonly Quoted[] {
  return ALL.filter(({ kind }) => kind === 'everyone').map(quoted);
}

/** What happens with an invalid value of a key. Keys of the ConfigMap have the prefix `configmap:`, flags `--`. */
export function ofInvalid(key: string): readonly Quoted[] {
  const found = ALL.filter((each) => each.kind === 'invalid' && names(each, key));
  return (found.length === 0 && /^[a-z]/.test(key) && !key.includes(':') ? [USUAL] : found).map(quoted);
}

/** What differs for a key of the ConfigMap or a flag with a valid value. */
export function ofInstallation(
  key: string,
  isTrue: (when: NonNullable<Difference['when']>) => boolean,
): readonly Quoted[] {
  return ALL.filter(
    (each) =>
      (each.kind === 'differs' || each.kind === 'detail') &&
      names(each, key) &&
      (each.when === undefined || isTrue(each.when)),
  ).map(quoted);
}

/**
 * Whether an Ingress and the others that name one of its Services have different values of an annotation: in
 * ingress-nginx, the value of one of them applied to all.
 */
function isContested(key: string, ingress: V1Ingress, world: World): boolean {
  const prefix = world.options.annotationsPrefix;
  const own = annotationText(ingress, prefix, key);
  return coUsers(ingress, world).some((other) => annotationText(other, prefix, key) !== own);
}

function applies(difference: Difference, key: string, ingress: V1Ingress, world: World): boolean {
  const { when } = difference;
  if (when === 'shared-service') return isContested(key, ingress, world);
  return when === undefined || holds(when, ingress, world);
}

/** What differs for an annotation of an Ingress, by its name without the prefix, if its value is valid. */
export function ofAnnotation(key: string, ingress: V1Ingress, world: World): readonly Quoted[] {
  if (!isEffective(ingress, world.options.annotationsPrefix, key)) return [];
  return ALL.filter(
    (each) =>
      (each.kind === 'differs' || each.kind === 'detail') && names(each, key) && applies(each, key, ingress, world),
  ).map(quoted);
}

/**
 * What differs for an Ingress whatever its annotations are: differences without keys, and those that it has because of
 * an annotation of another Ingress with the same Service.
 */
export function ofIngress(ingress: V1Ingress, world: World): readonly Quoted[] {
  const prefix = world.options.annotationsPrefix;
  const found = ALL.filter(({ kind, keys, when }) => {
    if ((kind !== 'differs' && kind !== 'detail') || when === undefined) return false;
    if (keys.length === 0) return holds(when, ingress, world);
    return (
      when === 'shared-service' &&
      keys.some((key) => annotationText(ingress, prefix, key) === '' && isContested(key, ingress, world))
    );
  });
  return found.map(quoted);
}
