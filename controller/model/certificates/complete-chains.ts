/** The certificates of a build with completed chains. */
import type { LiveCertificate } from '../../types/live.ts';
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { draftOf, type Table } from '../../types/table/table.ts';
import { completed } from './chain-end.ts';
import type { BuildOptions } from '../contract/options.ts';
import { DEFAULT_CERTIFICATE } from './tls.ts';

export interface CompletedChains {
  readonly certificates: Table<LiveCertificate>;
  readonly problems: readonly Problem[];
}

const STRIDE = 16;

/**
 * Completes the chains of `certificates`, a table whose keys are those of the live data without the prefix `c:`. If
 * there is nothing to add, the same table is returned. A chain that could not be completed is served as it is, because
 * many clients find the missing certificates themselves; a Problem is reported for its Secret.
 */
export function* completeChains(
  certificates: Table<LiveCertificate>,
  { intermediates, defaultSslCertificate }: BuildOptions,
): Steps<CompletedChains> {
  if (intermediates === undefined || intermediates.size === 0) return { certificates, problems: [] };
  const draft = draftOf(certificates);
  const failures = new Map<ObjectKey, string>();
  let seen = 0;
  for (const [key, certificate] of certificates) {
    const { certificate: whole, failure } = completed(certificate, intermediates);
    draft.set(key, whole);
    const secret = key === DEFAULT_CERTIFICATE ? defaultSslCertificate : key;
    if (failure !== undefined && secret !== null) failures.set(secret, failure);
    if ((seen += 1) % STRIDE === 0) yield;
  }
  const inOrder = [...failures].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    certificates: yield* draft.freeze(),
    problems: inOrder.map(([secret, failure]) => incomplete(secret, failure)),
  };
}

function incomplete(secret: ObjectKey, failure: string): Problem {
  const [namespace = '', name = ''] = secret.split('/');
  return {
    code: 'incomplete-chain',
    severity: 'warning',
    effect: 'none',
    object: { kind: 'Secret', namespace, name },
    field: ['data', 'tls.crt'],
    message: `the chain of the certificate cannot be completed: ${failure}`,
    example: 'tls.crt with the certificate first, followed by every intermediate certificate',
  };
}
