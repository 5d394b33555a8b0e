/** Copies the checkout to a folder whose name contains characters that must be quoted. */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARTS = [
  'bin',
  'controller',
  'examples',
  'nginx',
  'scripts',
  'templates',
  'ui',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** A name with characters that must be quoted in nginx.conf, Lua, a shell or a URL. */
export const STRANGE = `it's "a" $x;{}%41 #ä`;

/** Copies the checkout into `folder`, and returns the path of the copy. */
export function copyCheckout(folder: string): string {
  const checkout = join(folder, `checkout ${STRANGE}`);
  mkdirSync(checkout);
  for (const name of PARTS)
    cpSync(join(ROOT, name), join(checkout, name), {
      recursive: true,
      filter: (path) => !/\/golden\/|\/ui\/(?:dist|screenshots)/.test(path),
    });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  return checkout;
}
