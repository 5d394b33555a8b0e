/** Paths that a list in the ConfigMap exempts from authentication or from redirects to HTTPS. */
import type { Settings } from './settings.ts';

/** Whether a path is exempt: it must begin with an item of the list. `path`: as written in the Ingress. */
export function isExempt(
  path: string,
  settings: Settings,
  list: 'no-auth-locations' | 'no-tls-redirect-locations',
): boolean {
  return settings[list].some((prefix) => path.startsWith(prefix));
}
