/** What the NGINX of this machine can do. */
import { readCapabilities } from '../controller/nginx/index.ts';
import type { Capabilities } from '../controller/types/nginx.ts';

/** Throws if something that Tidegate needs is missing. */
export async function requireCapabilities(): Promise<Capabilities> {
  const capabilities = await readCapabilities();
  if ('missing' in capabilities) throw new Error(`missing: ${capabilities.missing.join(', ')}`);
  return capabilities;
}
