import { tmpdir } from 'node:os';

/** Where NGINX's files go unless told otherwise: `/run/tidegate` for root, else a folder of the user's own. */
export function defaultRunDir(): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return '/run/tidegate';
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return runtime === undefined ? `${tmpdir()}/tidegate-${uid}` : `${runtime}/tidegate`;
}
