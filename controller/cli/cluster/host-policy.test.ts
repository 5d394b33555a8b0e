import { expect, test } from 'vitest';
import { missingHostPolicy } from './host-policy.ts';

const KEY = 'ingress-nginx/hosts';
const given = { hostOwnership: 'configmap', hostPolicyConfigmap: KEY } as const;

test('the controller does not start without the ConfigMap that says to whom hosts belong', () => {
  expect(missingHostPolicy(given, { ConfigMap: new Map() })).toBe(
    '--host-policy-configmap: ConfigMap ingress-nginx/hosts does not exist; create it ' +
      '(kubectl --namespace ingress-nginx create configmap hosts)',
  );
  expect(missingHostPolicy(given, { ConfigMap: new Map([[KEY, {}]]) })).toBeUndefined();
  const off = { hostOwnership: 'off', hostPolicyConfigmap: '' } as const;
  expect(missingHostPolicy(off, { ConfigMap: new Map() })).toBeUndefined();
});
