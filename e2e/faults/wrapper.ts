/** NGINX behind a script that fails on command (nginx-wrapper.sh), found first in PATH. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Wrapper {
  /** Environment of a controller that finds the script instead of NGINX. */
  readonly env: Readonly<Record<string, string>>;
  /** How it fails from now on; undefined: it runs NGINX. */
  mode(mode: 'hang-test' | 'die' | undefined): void;
  /** How often it was started. */
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
