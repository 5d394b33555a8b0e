/** Paths that a list of the ConfigMap exempts from a rule. */
import type { Settings } from './settings.ts';

/** `path`: the Ingress's path, as written; it is exempt if it begins with an item of the list. */
export function isExempt(
  path: string,
  settings: Settings,
  list: 'no-auth-locations' | 'no-tls-redirect-locations',
): boolean {
  return settings[list].some((prefix) => path.startsWith(prefix));
}
