/**
 * Templates with an error of ours: a location that passes gRPC uses an undefined value, so that rendering throws. Other
 * Ingresses are fine, and so are those with closed paths.
 */
import { copyTemplates, type Templates } from '../faults/templates.ts';

const PASSES = '{{#if passes.grpc}}\n';
const HOLE = '{{#if passes.grpc}}\n            {{valueThatNobodyGives}};\n';

/** Annotations of an Ingress that cannot be rendered with these templates. */
export const FAULTY_ANNOTATIONS = { 'backend-protocol': 'GRPC' } as const;

export function faultyTemplates(): Templates & { readonly mend: () => void } {
  const templates = copyTemplates();
  templates.change(PASSES, HOLE, 'server.hbs');
  return { ...templates, mend: () => templates.change(HOLE, PASSES, 'server.hbs') };
}
