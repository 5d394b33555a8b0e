import { expect, test } from 'vitest';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { missingHostPolicy } from './host-policy.ts';

const KEY = 'ingress-nginx/hosts';
const given = { hostOwnership: 'configmap', hostPolicyConfigmap: KEY } as const;

test('the controller does not start without the ConfigMap that says to whom hosts belong', () => {
  expect(missingHostPolicy(given, { ConfigMap: new Map() })).toBe(
    '--host-policy-configmap: ConfigMap ingress-nginx/hosts does not exist; create it ' +
      '(kubectl --namespace ingress-nginx create configmap hosts --from-literal=shop=shop.example.com)',
  );
  const withParts = (parts: V1ConfigMap) => missingHostPolicy(given, { ConfigMap: new Map([[KEY, parts]]) });
  for (const empty of [{}, { data: {} }])
    expect(withParts(empty)).toMatch(/^--host-policy-configmap: ConfigMap ingress-nginx\/hosts has no entry; add one/);
  expect(withParts({ data: { shop: 'shop.example.com' } })).toBeUndefined();
  expect(withParts({ binaryData: { shop: '/w==' } })).toBeUndefined();
  const off = { hostOwnership: 'off', hostPolicyConfigmap: '' } as const;
  expect(missingHostPolicy(off, { ConfigMap: new Map() })).toBeUndefined();
});
