import type { V1Ingress } from '@kubernetes/client-node';
import { type FieldPath, shorten } from '../../types/problem.ts';

/** Field path of an annotation; `name` includes the prefix. */
export function annotationField(name: string): FieldPath {
  return ['metadata', 'annotations', name];
}

/** Field path and shortened value of an annotation, for a Problem; `name` does not include the prefix. */
export function annotationOf(
  { ingress, prefix }: { readonly ingress: Pick<V1Ingress, 'metadata'>; readonly prefix: string },
  name: string,
): { readonly field: FieldPath; readonly value?: string } {
  const full = `${prefix}/${name}`;
  const written = ingress.metadata?.annotations?.[full];
  return { field: annotationField(full), ...(written !== undefined && { value: shorten(written) }) };
}
