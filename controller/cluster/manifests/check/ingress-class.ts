/** Rules for IngressClasses in addition to their shape. */
import type { V1IngressClass } from '@kubernetes/client-node';
import type { Findings } from '../finding.ts';
import type { Loose } from './loose.ts';

export function checkIngressClass(ingressClass: Loose<V1IngressClass>, findings: Findings): void {
  if ((ingressClass.spec?.controller ?? '') !== '') return;
  findings.error('required-field', ['spec', 'controller'], 'is missing', {
    example: 'k8s.io/ingress-nginx',
  });
}
