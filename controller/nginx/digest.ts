/**
 * Digest of a live document: the sum of the digests of its entries. So the order of the entries does not matter, and a
 * changed key costs one subtraction and one addition.
 */
import { hash } from 'node:crypto';
import { eachInSlices } from '../time/slices.ts';

/** Digest of one entry: the first 16 bytes of the SHA-256 of `<key> <JSON text>`, as a big-endian number. */
export function entryDigest(key: string, value: string): bigint {
  return BigInt(`0x${hash('sha256', `${key} ${value}`, 'hex').slice(0, 32)}`);
}

/** Adds an entry's digest, modulo 2^128. */
export function plus(sum: bigint, entry: bigint): bigint {
  return BigInt.asUintN(128, sum + entry);
}

/** Subtracts an entry's digest, modulo 2^128. */
export function minus(sum: bigint, entry: bigint): bigint {
  return BigInt.asUintN(128, sum - entry);
}

/** Formats a digest as 32 hex digits, as in the line `end <revision> <digest>`. */
export function formatDigest(sum: bigint): string {
  return sum.toString(16).padStart(32, '0');
}

/** Digest of a whole document, computed in slices so that the event loop stays free. */
export async function documentDigest(document: Iterable<readonly [string, string]>): Promise<bigint> {
  let sum = 0n;
  await eachInSlices(document, ([key, value]) => {
    sum = plus(sum, entryDigest(key, value));
  });
  return sum;
}
