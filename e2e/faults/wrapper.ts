/** Replaces NGINX in PATH with the script nginx-wrapper.sh, which runs NGINX or fails, as a test demands. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Wrapper {
  /** The environment variables of a controller that runs the script instead of NGINX. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets how the script fails. If undefined, it runs NGINX. */
  mode(mode: 'hang-test' | 'die' | undefined): void;
  /** How many starts of NGINX were attempted. */
  starts(): number;
  dispose(): void;
}

const SCRIPT = fileURLToPath(new URL('nginx-wrapper.sh', import.meta.url));
const SBIN = '/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin';

export function createWrapper(): Wrapper {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-wrapper-'));
  copyFileSync(SCRIPT, join(folder, 'nginx'));
  const path = `${process.env['PATH'] ?? ''}:${SBIN}`;
  const nginx = execFileSync('/bin/sh', ['-c', 'command -v nginx'], { env: { PATH: path }, encoding: 'utf8' }).trim();
  const starts = join(folder, 'starts');
  return {
    env: { PATH: `${folder}:${path}`, TIDEGATE_REAL_NGINX: nginx },
    mode(mode) {
      if (mode === undefined) rmSync(join(folder, 'mode'), { force: true });
      else writeFileSync(join(folder, 'mode'), mode);
    },
    starts: () => (existsSync(starts) ? readFileSync(starts, 'utf8').split('\n').length - 1 : 0),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
