/** A malformed Ingress with what could be read of it: its name and annotations, whose errors are reported, too. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { RefusedIngress } from '../cluster/index.ts';

export function malformedIngress({ ref: { namespace, name }, annotations }: RefusedIngress): V1Ingress {
  const values = Object.fromEntries([...annotations].map(([full, { value }]) => [full, value]));
  return { metadata: { namespace, name, annotations: values } };
}
