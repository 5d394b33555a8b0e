/** Names of folders for an nginx.conf that a test writes by hand. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder under a name that needs no quoting: its own, or a link's, which is removed when this process ends. For
 * checkouts whose names contain a space, a quote or a `$`.
 */
export function plainPath(folder: string): string {
  if (/^[A-Za-z0-9_./-]+$/.test(folder)) return folder;
  const place = mkdtempSync(join(tmpdir(), 'tidegate-link-'));
  // NGINX's workers run as another user.
  chmodSync(place, 0o755);
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  const link = join(place, 'target');
  symlinkSync(folder, link);
  return link;
}
