/**
 * Rules for EndpointSlices in addition to their shape. Loopback addresses are accepted, because they are usual without
 * a cluster.
 */
import { isIP } from 'node:net';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import type { FieldPath } from '../../../types/problem.ts';
import type { Findings } from '../finding.ts';
import { isPort } from '../../../types/ports.ts';
import { isDnsSubdomain } from '../names.ts';
import type { Loose } from './loose.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

const ADDRESS_TYPES = ['IPv4', 'IPv6', 'FQDN'] as const;
type AddressType = (typeof ADDRESS_TYPES)[number];
const EXAMPLES: Readonly<Record<AddressType, string>> = {
  IPv4: '10.0.0.1',
  IPv6: '2001:db8::1',
  FQDN: 'backend.example.com',
};

export function checkEndpointSlice(slice: Loose<V1EndpointSlice>, findings: Findings): void {
  const { addressType, endpoints = [], ports = [] } = slice;
  const known = ADDRESS_TYPES.find((type) => type === addressType);
  if (known === undefined) {
    const message = addressType === undefined ? 'is missing' : `must be one of ${ADDRESS_TYPES.join(', ')}`;
    findings.error('required-field', ['addressType'], message, {
      value: addressType,
      example: 'IPv4',
    });
  }
  if ((slice.metadata?.labels?.[SERVICE_NAME_LABEL] ?? '') === '') {
    findings.warning(
      'slice-without-service',
      ['metadata', 'labels'],
      `without the label ${SERVICE_NAME_LABEL}, these endpoints belong to no Service`,
      {
        example: `${SERVICE_NAME_LABEL}: web`,
      },
    );
  }
  for (const [index, { addresses = [] }] of endpoints.entries())
    checkAddresses(addresses, known, ['endpoints', index, 'addresses'], findings);
  for (const [index, { port }] of ports.entries()) {
    if (port === undefined || isPort(port)) continue;
    findings.error('invalid-port', ['ports', index, 'port'], 'must be from 1 to 65535', {
      value: port,
      example: '8080',
    });
  }
}

/** Checks that there are addresses and, if `type` is defined, that they are of this type. */
function checkAddresses(
  addresses: readonly string[],
  type: AddressType | undefined,
  field: FieldPath,
  findings: Findings,
): void {
  if (addresses.length === 0) {
    findings.error('required-field', field, 'must list an address', { example: '- 10.0.0.1' });
  }
  for (const [at, address] of addresses.entries()) {
    if (type === undefined || isAddress(address, type)) continue;
    findings.error('invalid-address', [...field, at], `must be an ${type} address`, {
      value: address,
      example: EXAMPLES[type],
    });
  }
}

function isAddress(address: string, type: AddressType): boolean {
  if (type === 'FQDN') return isDnsSubdomain(address) && isIP(address) === 0;
  return isIP(address) === (type === 'IPv4' ? 4 : 6) && !address.includes('%');
}
