import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readManifests } from '../cluster/index.ts';
import { buildFixed } from '../golden/build-fixed.ts';
import { optionsOf } from '../golden/case-options.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { listedPorts, streamLines } from './try-streams.ts';
import { curlLines } from './try-urls.ts';

const STREAMS = fileURLToPath(new URL('../golden/cases/streams', import.meta.url));
const { snapshot } = await readManifests([`${STREAMS}/in.yaml`]);
const options = await optionsOf(STREAMS);

function planOf(tcp?: Readonly<Record<string, string>>, given: Snapshot = snapshot) {
  const configMap = { metadata: { namespace: 'ingress-nginx', name: 'tcp' }, data: tcp ?? {} };
  const changed = tcp === undefined ? [] : [['ingress-nginx/tcp', configMap] as const];
  return buildFixed({ ...given, ConfigMap: new Map([...given.ConfigMap, ...changed]) }, undefined, options).plan;
}

/** The Service vault with an endpoint: the hosts of its Ingresses are served. */
function withVault(): Snapshot {
  const slice = {
    metadata: { name: 'vault-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'vault' } },
    addressType: 'IPv4',
    endpoints: ['10.0.0.3'],
    ports: [{ port: 8200, protocol: 'TCP' }],
  };
  return { ...snapshot, slicesOfService: new Map([...snapshot.slicesOfService, ['shop/vault', [slice]]]) };
}

test('the ports of TCP and UDP services are listed, and commands for those with endpoints', () => {
  const plan = planOf();
  expect(listedPorts(plan)).toBe('TCP 5432, 5433, 5434, 5435; UDP 53');
  expect(streamLines(plan, 9)).toEqual([
    'curl telnet://127.0.0.1:5432  # shop/db:5432',
    'openssl s_client -connect 127.0.0.1:5434  # shop/db:5432',
    'curl telnet://127.0.0.1:5435  # shop/db:5432',
  ]);
  expect(streamLines(plan, 1)).toHaveLength(1);
});

test('of many ports, the first are listed', () => {
  const ports = Array.from({ length: 14 }, (_, index) => [`${5001 + index}`, 'shop/db:5432'] as const);
  expect(listedPorts(planOf(Object.fromEntries(ports)))).toBe(
    'TCP 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5010 and 4 more; UDP 53',
  );
});

test('nothing is listed without services', () => {
  expect([listedPorts(undefined), streamLines(undefined), curlLines(undefined, 80, 443)]).toEqual(['', [], []]);
});

test('for a host with TLS passthrough, https is proposed and not http', () => {
  const lines = curlLines(planOf(undefined, withVault()), 8080, 8443, 9);
  expect(lines.filter((line) => line.includes('vault.example.com'))).toEqual([
    'curl -k --resolve vault.example.com:8443:127.0.0.1 https://vault.example.com:8443/',
  ]);
  expect(lines.filter((line) => line.includes('plain.example.org'))).toEqual([
    'curl --resolve plain.example.org:8080:127.0.0.1 http://plain.example.org:8080/',
  ]);
  expect(lines.filter((line) => line.includes('shut.example.com'))).toEqual([]);
});
