/** Backends that are no Services: hosts by DNS name or address. */
import type { BackendRef } from '../types/plan.ts';
import { backendKey, external, type ResolvedBackend } from './backends.ts';

const MAX_REMEMBERED = 10_000;

/** Addresses of a name → what came of them, by key of the backend. */
const memos = new WeakMap<readonly string[], Map<string, ResolvedBackend>>();
const NO_ADDRESSES: readonly string[] = [];

/** Addresses of a host outside of the cluster. The same addresses give the same result object. */
export function resolveOutside(ref: BackendRef, names: ReadonlyMap<string, readonly string[]>): ResolvedBackend {
  const addresses = names.get(ref.service) ?? NO_ADDRESSES;
  const known = memos.get(addresses) ?? new Map<string, ResolvedBackend>();
  memos.set(addresses, known);
  const key = `${backendKey(ref)} ${names.has(ref.service)}`;
  const found = known.get(key) ?? external({ spec: { externalName: ref.service } }, ref, names);
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, found);
  return found;
}
