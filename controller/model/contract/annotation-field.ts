import type { V1Ingress } from '@kubernetes/client-node';
import { type FieldPath, shorten } from '../../types/problem.ts';

/** Path of an annotation, by its full name. */
export function annotationField(name: string): FieldPath {
  return ['metadata', 'annotations', name];
}

/** An annotation of an Ingress, by its name without the prefix, as Problems name and show it. */
export function annotationOf(
  { ingress, prefix }: { readonly ingress: Pick<V1Ingress, 'metadata'>; readonly prefix: string },
  name: string,
): { readonly field: FieldPath; readonly value?: string } {
  const full = `${prefix}/${name}`;
  const written = ingress.metadata?.annotations?.[full];
  return { field: annotationField(full), ...(written !== undefined && { value: shorten(written) }) };
}
