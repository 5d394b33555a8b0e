/** The order in which the certificates of a chain are sent: clients may require each to be followed by its issuer. */
import type { X509Certificate } from 'node:crypto';

/** Leaf first. Certificates that are not on its way to a root come last, in their written order. */
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
