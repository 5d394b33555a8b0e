import type { V1Ingress, V1IngressClass } from '@kubernetes/client-node';
import { expect, it } from 'vitest';
import { emptySnapshot } from '../../types/snapshot.ts';
import { classChangeIn } from './ingress-class-change.ts';

const OPTIONS = {
  controllerClass: 'example.com/ours',
  ingressClass: 'ours',
  ingressClassByName: false,
  watchIngressWithoutClass: false,
};
const LEGACY = 'kubernetes.io/ingress.class';

function told(ingress: Pick<V1Ingress, 'spec'> & { annotations?: Record<string, string> }): string {
  const classes = new Map<string, V1IngressClass>(
    ['ours', 'other'].map((name) => [name, { metadata: { name }, spec: { controller: `example.com/${name}` } }]),
  );
  const { spec, annotations = {} } = ingress;
  const web: V1Ingress = { metadata: { namespace: 'shop', name: 'web', annotations }, ...(spec && { spec }) };
  const snapshot = { ...emptySnapshot(), IngressClass: classes, Ingress: new Map([['shop/web', web]]) };
  return classChangeIn(snapshot, 'shop/web', OPTIONS);
}

it.each([
  ['an IngressClass of another controller', { spec: { ingressClassName: 'other' } }, 'another-class'],
  ['the annotation of another controller', { annotations: { [LEGACY]: 'other' } }, 'another-class'],
  [
    'an empty ingressClassName and the annotation of another controller',
    { spec: { ingressClassName: '' }, annotations: { [LEGACY]: 'other' } },
    'another-class',
  ],
  ['an IngressClass that does not exist', { spec: { ingressClassName: 'deleted' } }, 'unknown'],
  ['no class', {}, 'unknown'],
  ['our own IngressClass', { spec: { ingressClassName: 'ours' } }, 'unknown'],
])('classChangeIn() finds the reason why Tidegate no longer serves an Ingress with %s', (_, ingress, expected) => {
  expect(told(ingress)).toBe(expected);
});

it('classChangeIn() reports that an Ingress no longer exists', () => {
  expect(classChangeIn(emptySnapshot(), 'shop/web', OPTIONS)).toBe('gone');
});
