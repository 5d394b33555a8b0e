/** Names of folders for an nginx.conf that a test writes by hand. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder under a name without anything to quote: its own, or that of a link, which goes with this process. For
 * checkouts whose names hold a space, a quote or a `$`.
 */
export function plainPath(folder: string): string {
  if (/^[A-Za-z0-9_./-]+$/.test(folder)) return folder;
  const place = mkdtempSync(join(tmpdir(), 'tidegate-link-'));
  // NGINX's workers are another user.
  chmodSync(place, 0o755);
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  const link = join(place, 'target');
  symlinkSync(folder, link);
  return link;
}
