/**
 * The annotation tidegate.dev/allow-from, with which the owner of a Secret or ConfigMap allows Ingresses of other
 * namespaces to name it. Its purpose is that of a ReferenceGrant of the Gateway API.
 */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';
import { isLabel } from './names.ts';

/** Annotations of an Ingress that may name a Secret or ConfigMap of another namespace. */
export const REFERRING = [
  'auth-secret',
  'auth-tls-secret',
  'proxy-ssl-secret',
  'auth-proxy-set-headers',
  'custom-headers',
  'fastcgi-params-configmap',
] as const;
export type Referring = (typeof REFERRING)[number];

/** One item of the list. `namespace`: `*` stands for all namespaces; `by`: undefined stands for all annotations. */
export interface Grant {
  readonly namespace: string;
  readonly by: Referring | undefined;
}

function readGrant(text: string) {
  const [namespace = '', by, ...rest] = text.split(':');
  if (rest.length > 0 || (namespace !== '*' && !isLabel(namespace)))
    return reject('is neither a namespace nor *, alone or with an annotation');
  if (by === undefined) return accept<Grant>({ namespace, by });
  const known = REFERRING.find((name) => name === by);
  return known === undefined
    ? reject(`does not name one of these annotations after the colon: ${REFERRING.join(', ')}`)
    : accept<Grant>({ namespace, by: known });
}

/** `shop, blog:auth-secret`; an invalid item allows nothing, and the other items apply. */
export const allowFrom: Parser<readonly Grant[]> = listOf({
  accepts:
    'namespaces or *, each optionally followed by a colon and an annotation, separated by commas, spaces or line breaks',
  item: readGrant,
  value: (grants) => grants,
  separator: /[\s,]+/,
});
