/**
 * Sorts the certificates of a chain for sending: some clients require each certificate to be followed by its issuer.
 */
import type { X509Certificate } from 'node:crypto';

/**
 * The leaf comes first. Certificates that are not on the way from the leaf to a root come last, in the written order.
 */
export function inChainOrder(leaf: X509Certificate, others: readonly X509Certificate[]): readonly X509Certificate[] {
  const left = new Set(others);
  const chain = [leaf];
  for (let current: X509Certificate | undefined = leaf; current !== undefined;) {
    const issued: X509Certificate = current;
    current = [...left].find((other) => issued.checkIssued(other));
    if (current === undefined) break;
    left.delete(current);
    chain.push(current);
  }
  return [...chain, ...left];
}
