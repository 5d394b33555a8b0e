/** A copy of a checkout, in a folder whose name contains everything that quoting can get wrong. */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = ['bin', 'controller', 'examples', 'nginx', 'templates', 'package.json'];

/** In nginx.conf, Lua, a shell and a URL. */
export const STRANGE = `it's "a" $x;{}%41 #ä`;

/** The copy's path, below `folder`. */
export function copyCheckout(folder: string): string {
  const checkout = join(folder, `checkout ${STRANGE}`);
  mkdirSync(checkout);
  for (const name of PARTS)
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true, filter: (path) => !path.includes('/golden/') });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  return checkout;
}
