/** Contents of a Secret for TLS with backends: the certificate authorities, and the client certificate. */
import { hash } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { FilePlan } from '../../types/plan.ts';
import type { Bounds } from '../contract/bounds.ts';
import { pairOf } from '../values/pem/certificate-pair.ts';
import { type Authorities, authoritiesOf, tellAuthorities, authoritiesTooLarge } from './client-authorities.ts';
import { isBlank, type Judged } from '../contract/last-good.ts';

export interface BackendCredentials {
  readonly ca: Authorities | undefined;
  readonly certificate: { readonly chain: FilePlan; readonly key: FilePlan; readonly serialNumber: string } | undefined;
}

function file(content: string): FilePlan {
  return { name: `${hash('sha256', content, 'hex').slice(0, 32)}.pem`, content };
}

/** The credentials in a Secret; each one that is present must be valid. With `verifies`, ca.crt is required. */
export function backendCredentials(secret: V1Secret, verifies: boolean, bounds: Bounds): Judged<BackendCredentials> {
  const large = authoritiesTooLarge(secret, bounds);
  if (large !== undefined) return { ok: false, reason: large };
  const hasCa = !isBlank(secret, 'ca.crt');
  if (verifies && !hasCa) return { ok: false, reason: 'has no ca.crt to verify with', gone: true };
  const hasPair = !isBlank(secret, 'tls.crt') && !isBlank(secret, 'tls.key');
  if (!hasCa && !hasPair) return { ok: false, reason: 'has neither ca.crt nor tls.crt with tls.key', gone: true };
  const ca = hasCa ? authoritiesOf(secret) : undefined;
  if (ca?.ok === false) return ca;
  const pair = hasPair ? pairOf(secret, bounds) : undefined;
  if (pair?.ok === false) return pair;
  return {
    ok: true,
    value: {
      ca: ca?.value,
      certificate: pair && {
        chain: file(pair.certificate.chain),
        key: file(pair.certificate.key),
        serialNumber: pair.leaf.serialNumber,
      },
    },
  };
}

export function tellCredentials({ ca, certificate }: BackendCredentials): string {
  return [
    ...(ca === undefined ? [] : [tellAuthorities(ca)]),
    ...(certificate === undefined ? [] : [`the certificate with the serial number ${certificate.serialNumber}`]),
  ].join(', ');
}
