/** Decides, by its class, whether this controller serves an Ingress. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { Problem } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { ingressRef } from '../contract/object-ref.ts';
import type { BuildOptions } from '../contract/options.ts';

const LEGACY = 'kubernetes.io/ingress.class';
const DEFAULT = 'ingressclass.kubernetes.io/is-default-class';

/** Annotations that determine the class; their prefixes are not ours. */
export const CLASS_ANNOTATIONS: ReadonlySet<string> = new Set([LEGACY, DEFAULT]);

export type ClassOptions = Pick<
  BuildOptions,
  'controllerClass' | 'ingressClass' | 'ingressClassByName' | 'watchIngressWithoutClass'
>;

type Choice = { readonly ours: boolean; readonly problem?: Problem };

/** Whether this controller serves the class with this name; undefined if no IngressClass has it. */
function byName(name: string, snapshot: Snapshot, options: ClassOptions): boolean | undefined {
  const found = snapshot.IngressClass.get(name);
  if (found !== undefined) {
    return (
      found.spec?.controller === options.controllerClass ||
      (options.ingressClassByName && name === options.ingressClass)
    );
  }
  // The chart installs the IngressClass object of our class, but a folder of application manifests rarely contains it.
  return name === options.ingressClass ? true : undefined;
}

/**
 * Whether the cluster has a default class that this controller does not serve. The API server assigns the default class
 * to Ingresses that are created without a class.
 */
function defaultIsForeign(snapshot: Snapshot, options: ClassOptions): boolean {
  const defaults = [...snapshot.IngressClass.values()].filter(
    (candidate) => candidate.metadata?.annotations?.[DEFAULT] === 'true',
  );
  return (
    defaults.length > 0 &&
    !defaults.some((candidate) => byName(candidate.metadata?.name ?? '', snapshot, options) === true)
  );
}

/**
 * The Problem of an Ingress whose class is neither ours nor the name of a known IngressClass. The Problem does not
 * claim that no controller serves the Ingress: other controllers may have classes without an IngressClass object. If no
 * IngressClass is known at all (no permission, or a folder of application manifests), the Problem only says that the
 * class is not ours.
 */
function missingClass(ingress: V1Ingress, name: string, snapshot: Snapshot, { ingressClass }: ClassOptions): Problem {
  const read = snapshot.IngressClass.size > 0;
  return {
    code: read ? 'missing-ingress-class' : 'foreign-ingress-class',
    severity: 'notice',
    effect: 'object-ignored',
    object: ingressRef(ingress),
    field: ['spec', 'ingressClassName'],
    value: name,
    message: read
      ? `IngressClass ${name} does not exist, so this controller does not serve the Ingress`
      : `this controller serves class ${ingressClass}, not ${name}`,
    example: `ingressClassName: ${ingressClass}`,
  };
}

/** Whether this controller serves an Ingress; with a Problem if the Ingress's class does not exist. */
export function chooseIngress(ingress: V1Ingress, snapshot: Snapshot, options: ClassOptions): Choice {
  const name = ingress.spec?.ingressClassName;
  if (name !== undefined && name !== '') {
    const ours = byName(name, snapshot, options);
    return ours === undefined ? { ours: false, problem: missingClass(ingress, name, snapshot, options) } : { ours };
  }
  const legacy = ingress.metadata?.annotations?.[LEGACY];
  if (legacy !== undefined && legacy !== '') return { ours: legacy === options.ingressClass };
  return { ours: options.watchIngressWithoutClass && !defaultIsForeign(snapshot, options) };
}

/**
 * A notice for each Ingress with another controller's class and, unless this controller serves Ingresses without a
 * class, for each of these. Only users who check their manifests need these notices; in a cluster such Ingresses are
 * other controllers' business.
 */
export function ingressesOfOthers(snapshot: Snapshot, options: ClassOptions): Problem[] {
  return [...snapshot.Ingress.values()].flatMap((ingress): Problem[] => {
    const { ours, problem } = chooseIngress(ingress, snapshot, options);
    if (ours || problem !== undefined) return [];
    const name = ingress.spec?.ingressClassName ?? '';
    const legacy = ingress.metadata?.annotations?.[LEGACY] ?? '';
    const written = name === '' ? legacy : name;
    return [
      {
        code: 'foreign-ingress-class',
        severity: 'notice',
        effect: 'object-ignored',
        object: ingressRef(ingress),
        field: name === '' && legacy !== '' ? ['metadata', 'annotations', LEGACY] : ['spec', 'ingressClassName'],
        ...(written !== '' && { value: written }),
        message:
          written === ''
            ? `the Ingress names no class, and this controller serves class ${options.ingressClass}`
            : `this controller serves class ${options.ingressClass}, not ${written}`,
        example: `ingressClassName: ${options.ingressClass}`,
      },
    ];
  });
}
