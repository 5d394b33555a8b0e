/**
 * Templates with a hole of ours: a location that passes gRPC asks for a value that nobody gives, so that rendering throws.
 * Other Ingresses are fine, and so are those of which the paths are closed.
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
