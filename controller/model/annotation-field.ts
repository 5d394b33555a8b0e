import type { FieldPath } from '../types/problem.ts';

/** Path of an annotation, named in full. */
export function annotationField(name: string): FieldPath {
  return ['metadata', 'annotations', name];
}
