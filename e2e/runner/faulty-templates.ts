/**
 * Templates with a deliberate error: a location with gRPC uses an undefined value, so that rendering throws. Ingresses
 * without gRPC, and paths that answer 503, are rendered as usual.
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
