/**
 * Certificate authorities for certificates of clients or backends: ca.crt and ca.crl of a Secret, as files that NGINX
 * loads.
 */
import { hash, X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { decodedBytesOf } from '../../types/left-out.ts';
import type { FilePlan } from '../../types/plan.ts';
import { type Bounds, excess } from '../contract/bounds.ts';
import { isBlank, type Judged } from '../contract/last-good.ts';
import { revocationLists } from '../values/pem/revocation-lists.ts';

export interface Authorities {
  readonly certificates: readonly X509Certificate[];
  readonly file: FilePlan;
}

export interface ClientAuthorities {
  readonly ca: Authorities;
  readonly crl: FilePlan | undefined;
}

const known = new WeakMap<V1Secret, Judged<ClientAuthorities>>();
const knownAuthorities = new WeakMap<V1Secret, Judged<Authorities>>();
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function textOf(secret: V1Secret, name: string): string {
  return Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');
}

function file(content: string): FilePlan {
  return { name: `${hash('sha256', content, 'hex').slice(0, 32)}.pem`, content };
}

function readAuthorities(secret: V1Secret): Judged<Authorities> {
  const blocks = textOf(secret, 'ca.crt').match(CERTIFICATE);
  if (blocks === null) return { ok: false, reason: 'has no PEM certificate in ca.crt' };
  try {
    const all = blocks.map((block) => new X509Certificate(block));
    const certificates = [...new Map(all.map((each) => [each.fingerprint512, each])).values()];
    // Text around the certificates, for instance a private key, is left out.
    const content = `${certificates.map((each) => each.toString().trim()).join('\n')}\n`;
    return { ok: true, value: { certificates, file: file(content) } };
  } catch {
    return { ok: false, reason: 'holds an unreadable ca.crt' };
  }
}

function read(secret: V1Secret): Judged<ClientAuthorities> {
  if (isBlank(secret, 'ca.crt')) return { ok: false, reason: 'has no ca.crt to verify clients with', gone: true };
  const ca = readAuthorities(secret);
  if (!ca.ok) return ca;
  if (secret.data?.['ca.crl'] === undefined) return { ok: true, value: { ca: ca.value, crl: undefined } };
  const lists = revocationLists(textOf(secret, 'ca.crl'), ca.value.file.content);
  if (lists === undefined)
    return { ok: false, reason: 'holds a ca.crl that is not a list of revoked certificates in PEM' };
  return { ok: true, value: { ca: ca.value, crl: file(lists) } };
}

/**
 * Why ca.crt or ca.crl is too large to be read, as the end of a sentence that begins with the Secret; undefined if
 * neither is.
 */
export function authoritiesTooLarge(secret: V1Secret, bounds: Bounds): string | undefined {
  for (const name of ['ca.crt', 'ca.crl']) {
    const bytes = decodedBytesOf(secret.data?.[name] ?? '');
    const reason = excess('authoritiesBytes', bytes, bounds, `has a ${name} of`);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The authorities and the revocation list; each Secret object is read only once. */
export function clientAuthorities(secret: V1Secret, bounds: Bounds): Judged<ClientAuthorities> {
  const large = authoritiesTooLarge(secret, bounds);
  if (large !== undefined) return { ok: false, reason: large };
  const found = known.get(secret) ?? read(secret);
  known.set(secret, found);
  return found;
}

/** The authorities in ca.crt, which must be present and within bounds; each Secret object is read only once. */
export function authoritiesOf(secret: V1Secret): Judged<Authorities> {
  const found = knownAuthorities.get(secret) ?? readAuthorities(secret);
  knownAuthorities.set(secret, found);
  return found;
}

export function tellAuthorities({ certificates: [first, ...others] }: Authorities): string {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `the authority with the serial number ${first?.serialNumber ?? ''}${more}`;
}
