/** Paths that a list of the ConfigMap takes out of a rule that holds for all others. */
import type { Settings } from './settings.ts';

/** `path`: that of the Ingress, as written; it is exempt where one of the list is how it begins. */
export function isExempt(
  path: string,
  settings: Settings,
  list: 'no-auth-locations' | 'no-tls-redirect-locations',
): boolean {
  return settings[list].some((prefix) => path.startsWith(prefix));
}
