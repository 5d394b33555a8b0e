/** Checks whether the watched namespace exists. With a misspelt name, nothing would be served and no error reported. */
import type { ApiClient } from '../types/api.ts';
import { errorText } from '../types/error-text.ts';

export type NamespaceCheck =
  | { readonly kind: 'exists' }
  | { readonly kind: 'missing' }
  /** It is unknown whether the namespace exists. `reason` is a sentence without a full stop. */
  | { readonly kind: 'unknown'; readonly reason: string };

const TIMEOUT_MS = 10_000;

/**
 * Checks once; never rejects. If the Namespace cannot be read for lack of permission, the result is "unknown", not
 * "missing".
 */
export async function checkNamespace(api: ApiClient, name: string): Promise<NamespaceCheck> {
  const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
  try {
    const { status } = await api.request('GET', path, { timeoutMs: TIMEOUT_MS });
    if (status === 200) return { kind: 'exists' };
    if (status === 404) return { kind: 'missing' };
    if (status === 403) return { kind: 'unknown', reason: `GET ${path} is forbidden` };
    return { kind: 'unknown', reason: `GET ${path} returned ${status}` };
  } catch (error) {
    return { kind: 'unknown', reason: `GET ${path}: ${errorText(error)}` };
  }
}
