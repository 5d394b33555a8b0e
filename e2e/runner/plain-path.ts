/** Names of folders that a test can write into its own nginx.conf without quoting. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A path to the folder that needs no quoting. If the folder's own path contains a space, a quotation mark or a `$`, as
 * the path of a checkout may, the result is a symbolic link to the folder. The link is removed when this process exits.
 */
export function plainPath(folder: string): string {
  if (/^[A-Za-z0-9_./-]+$/.test(folder)) return folder;
  const place = mkdtempSync(join(tmpdir(), 'tidegate-link-'));
  // NGINX's workers run as another user and must be able to follow the link.
  chmodSync(place, 0o755);
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  const link = join(place, 'target');
  symlinkSync(folder, link);
  return link;
}
