/** Lists of hosts that are written where they give hosts to no namespace. */
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { OWNED_HOSTS } from '../../types/own-annotations.ts';
import type { FieldPath, ObjectRef, Problem } from '../../types/problem.ts';
import { shorten } from '../../types/problem.ts';
import { isNear } from '../contract/did-you-mean.ts';

/** Whether a name is, or is probably meant to be, that of OWNED_HOSTS: `tidegate.dev/host`, `Tidegate.dev/Hosts`. */
export function isNearOwnedHosts(name: string): boolean {
  return isNear(name, OWNED_HOSTS, 3);
}

/** An annotation or label of a Namespace under a name that is not read. */
export interface NotRead {
  readonly kind: 'annotation' | 'label';
  readonly name: string;
  readonly text: string;
  readonly field: FieldPath;
  readonly problem: Omit<Problem, 'object'>;
}

/** The annotations and labels of a Namespace that are probably meant to be the annotation tidegate.dev/hosts. */
export function notRead({ annotations = {}, labels = {} }: V1ObjectMeta): readonly NotRead[] {
  return [
    ...Object.entries(annotations)
      .filter(([name]) => name !== OWNED_HOSTS && isNearOwnedHosts(name))
      .map(([name, text]) => misnamed('annotation', name, text)),
    ...Object.entries(labels)
      .filter(([name]) => isNearOwnedHosts(name))
      .map(([name, text]) => misnamed('label', name, text)),
  ];
}

function misnamed(kind: NotRead['kind'], name: string, text: string): NotRead {
  const field = ['metadata', `${kind}s`, name];
  const meant = kind === 'label' ? `an annotation ${OWNED_HOSTS}` : JSON.stringify(OWNED_HOSTS);
  return {
    kind,
    name,
    text,
    field,
    problem: {
      code: 'host-owners',
      severity: 'error',
      effect: 'ignored-key',
      field,
      value: shorten(text),
      message: `the ${kind} ${name} gives no host to the namespace, and ${STAY_CLOSED}; did you mean ${meant}?`,
      example: `annotations: { ${OWNED_HOSTS}: "shop.example.com, *.shop.example.com" }`,
    },
  };
}

const STAY_CLOSED = 'only namespaces whose own patterns match may use its hosts';

/** The Problem of an entry of the ConfigMap that cannot be for a namespace, such as `shop.txt`. */
export function notANamespace(object: ObjectRef, field: FieldPath, name: string): Problem {
  return {
    code: 'host-owners',
    severity: 'error',
    effect: 'ignored-key',
    object,
    field,
    message: `${name} is not the name of a namespace, so the entry gives hosts to none, and ${STAY_CLOSED}`,
    example: 'shop: shop.example.com',
  };
}

/** The ASCII text in base64 bytes that are not UTF-8, for example in UTF-16 or Latin-1; other letters become spaces. */
export function asciiOf(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('latin1').replaceAll('\0', '');
  return text.replace(/[^\t\n\r\u0020-\u007e]/g, ' ').trim();
}
