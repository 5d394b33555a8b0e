/**
 * The key from which NGINX computes the tokens of stateless resets. With the same key before and after a reload,
 * clients recognize the reset that a worker sends for a connection of an older worker, and open a new connection at
 * once.
 */
import { createHash } from 'node:crypto';
import type { FilePlan } from '../types/plan.ts';
import type { RenderOptions } from './options.ts';

const BYTES_OF_NAME = 16;

/** Derived from the key of the self-signed certificate, which each run directory has for itself and keeps. */
export function quicKeyFile({ fallbackCertificate: { key } }: Pick<RenderOptions, 'fallbackCertificate'>): FilePlan {
  const content = createHash('sha256').update(`quic_host_key\n${key}`).digest('hex');
  const name = createHash('sha256')
    .update(content)
    .digest('hex')
    .slice(0, 2 * BYTES_OF_NAME);
  return { name: `${name}.quic`, content };
}
