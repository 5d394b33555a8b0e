/** Digest of a live document: a sum, so that the order does not matter and a changed key costs one step. */
import { hash } from 'node:crypto';
import { eachInSlices } from '../time/slices.ts';

/** A key's contribution: the first 16 bytes of SHA-256 of `<key> <JSON text>`, as a big-endian number. */
export function entryDigest(key: string, value: string): bigint {
  return BigInt(`0x${hash('sha256', `${key} ${value}`, 'hex').slice(0, 32)}`);
}

/** Sum modulo 2^128. */
export function plus(sum: bigint, entry: bigint): bigint {
  return BigInt.asUintN(128, sum + entry);
}

/** The inverse of `plus`. */
export function minus(sum: bigint, entry: bigint): bigint {
  return BigInt.asUintN(128, sum - entry);
}

/** 32 hex digits, as written after `end <revision>`. */
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
