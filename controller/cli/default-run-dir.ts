import { tmpdir } from 'node:os';

/**
 * The default run directory of `tidegate up`: `/run/tidegate` for root, otherwise a folder that belongs to the user.
 */
export function defaultRunDir(): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return '/run/tidegate';
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return runtime === undefined ? `${tmpdir()}/tidegate-${uid}` : `${runtime}/tidegate`;
}
