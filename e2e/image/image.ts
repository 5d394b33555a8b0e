/** Builds the image with scripts/image.sh. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Image {
  /** The folder with the image's root file system. */
  readonly rootfs: string;
  readonly config: ImageConfig;
  /** The user in `config.User`, which is `user:group`. */
  readonly uid: number;
}

export interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly StopSignal: string;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The exit code of image.sh if this machine cannot build an image. */
const UNAVAILABLE = 3;

/**
 * Builds what has changed since the last build. If this machine cannot build images, returns the reason as a string. If
 * the build fails, throws with the end of its output.
 */
export function buildImage(): Image | string {
  const run = spawnSync('sh', ['scripts/image.sh'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25 * 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status === UNAVAILABLE) return run.stderr.trim();
  if (run.status !== 0) throw new Error(`scripts/image.sh: ${run.status ?? run.signal}\n${run.stderr.slice(-4000)}`);
  const rootfs = run.stdout.trim().split('\n').at(-1) ?? '';
  const inspected = JSON.parse(readFileSync(join(dirname(rootfs), 'image.json'), 'utf8')) as {
    OCIv1: { config: ImageConfig };
  };
  const { config } = inspected.OCIv1;
  return { rootfs, config, uid: Number(config.User.split(':')[0]) };
}
