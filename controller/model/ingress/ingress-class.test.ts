/** Ingresses that other controllers serve, which the command `check` reports. */
import { expect, test } from 'vitest';
import { emptySnapshot } from '../../types/snapshot.ts';
import { ingressesOfOthers } from './ingress-class.ts';

const OPTIONS = {
  controllerClass: 'k8s.io/ingress-nginx',
  ingressClass: 'nginx',
  ingressClassByName: false,
  watchIngressWithoutClass: false,
};

test('Ingresses of other classes are reported, but not those of missing classes, which every build reports', () => {
  const named = (name: string, spec: object, annotations: Record<string, string> = {}) =>
    [`a/${name}`, { metadata: { namespace: 'a', name, annotations }, spec }] as const;
  const snapshot = {
    ...emptySnapshot(),
    IngressClass: new Map([
      ['nginx', { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } }],
      ['other', { metadata: { name: 'other' }, spec: { controller: 'example.com/other' } }],
    ]),
    Ingress: new Map([
      named('ours', { ingressClassName: 'nginx' }),
      named('theirs', { ingressClassName: 'other' }),
      named('nobody', { ingressClassName: 'nobody' }),
      named('legacy', {}, { 'kubernetes.io/ingress.class': 'traefik' }),
      named('without', {}),
    ]),
  };
  expect(ingressesOfOthers(snapshot, OPTIONS).map(({ object, message }) => `${object?.name}: ${message}`)).toEqual([
    'theirs: this controller serves class nginx, not other',
    'legacy: this controller serves class nginx, not traefik',
    'without: the Ingress names no class, and this controller serves class nginx',
  ]);
  expect(ingressesOfOthers(snapshot, { ...OPTIONS, watchIngressWithoutClass: true })).toHaveLength(2);
});
