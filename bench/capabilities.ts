/** The capabilities of this machine's NGINX. */
import { readCapabilities } from '../controller/nginx/index.ts';
import type { Capabilities } from '../controller/types/nginx.ts';

/** Reads the capabilities. Throws if a module that Tidegate needs is missing. */
export async function requireCapabilities(): Promise<Capabilities> {
  const capabilities = await readCapabilities();
  if ('missing' in capabilities) throw new Error(`missing: ${capabilities.missing.join(', ')}`);
  return capabilities;
}
