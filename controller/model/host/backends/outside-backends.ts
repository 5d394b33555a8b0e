/** Backends outside the cluster, given by DNS name or address. */
import { type AddressRules, judgeOf } from '../../../types/addresses.ts';
import type { BackendRef } from '../../../types/plan.ts';
import { backendKey } from '../../contract/backend-key.ts';
import { external } from './external-names.ts';
import type { ResolvedBackend } from './resolved-backend.ts';

const MAX_REMEMBERED = 10_000;

type Memos = WeakMap<readonly string[], Map<string, ResolvedBackend>>;
/** Rules → addresses of a name → key of the backend → result. */
const memosOf = new WeakMap<AddressRules, Memos>();
const NO_ADDRESSES: readonly string[] = [];

/**
 * The endpoints of a host outside the cluster. While its addresses do not change, the same result object is returned.
 */
export function resolveOutside(
  ref: BackendRef,
  names: ReadonlyMap<string, readonly string[]>,
  rules: AddressRules,
): ResolvedBackend {
  const memos: Memos = memosOf.get(rules) ?? new WeakMap();
  memosOf.set(rules, memos);
  const addresses = names.get(ref.service) ?? NO_ADDRESSES;
  const known = memos.get(addresses) ?? new Map<string, ResolvedBackend>();
  memos.set(addresses, known);
  const key = `${backendKey(ref)} ${names.has(ref.service)}`;
  const found = known.get(key) ?? external({ spec: { externalName: ref.service } }, ref, names, judgeOf(rules));
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, found);
  return found;
}
