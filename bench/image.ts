/** Runs the NGINX of the image that `npm run image` built, in a container (needs root). */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { readCapabilities } from '../controller/nginx/index.ts';
import type { Capabilities } from '../controller/types/nginx.ts';
import { startContainer } from '../e2e/image/container.ts';
import type { Container, Mount } from '../e2e/image/container.ts';
import type { Scope } from './bench.ts';
import { readTimes, testCommand } from './conf-test.ts';
import type { ConfTest } from './conf-test.ts';
import type { RunDirectory } from './disk.ts';

export interface ImageNginx {
  readonly rootfs: string;
  readonly version: string;
  readonly capabilities: Pick<Capabilities, 'http2Directive' | 'modules' | 'brotli' | 'headersMore' | 'ipv6' | 'user'>;
}

/** The user id of the image's user. */
const UID = 101;
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const MODULES = ['ndk_http_module.so', 'ngx_http_lua_module.so'];

/** Returns the image's NGINX, or a string that says why it is not available. */
export async function findImage(): Promise<ImageNginx | string> {
  if (process.geteuid?.() !== 0) return 'starting a container needs root';
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tidegate', 'image');
  const machine = process.arch === 'x64' ? 'amd64' : process.arch;
  const rootfs = join(cache, machine, 'rootfs');
  if (!existsSync(join(rootfs, 'usr/sbin/nginx'))) return 'there is no image; `npm run image` builds one';
  const { stderr } = await execa('chroot', [rootfs, 'nginx', '-v'], { timeout: 10_000 });
  const version = /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown';
  const own = await readCapabilities();
  return {
    rootfs,
    version,
    capabilities: {
      // The image is based on Debian 13, whose NGINX has the directive `http2`.
      http2Directive: true,
      modules: MODULES.map((name) => `/usr/lib/nginx/modules/${name}`),
      brotli: [],
      headersMore: [],
      ipv6: 'ipv6' in own && own.ipv6,
      user: null,
    },
  };
}

async function enter({ rootfs }: ImageNginx, directory: RunDirectory, command: readonly string[]): Promise<Container> {
  const mounts: Mount[] = [
    { mode: 'ro', from: join(REPOSITORY, 'nginx'), to: join(REPOSITORY, 'nginx') },
    { mode: 'rw', from: directory.path, to: directory.path },
  ];
  return startContainer({ rootfs, uid: UID, mounts, command });
}

/** Runs and times `nginx -t` inside the container. */
export async function testInImage(image: ImageNginx, directory: RunDirectory): Promise<ConfTest> {
  const [shell = '', option = '', test = ''] = testCommand(directory);
  // The container sleeps until it is ended, because one that has exited cannot be distinguished from one that did not
  // start.
  const container = await enter(image, directory, [shell, option, `${test}; sleep 120`]);
  try {
    await container.line(/^[\d.]+ [\d.]+ [\d.]+$/, 120_000);
    return readTimes(container.lines.join('\n'));
  } finally {
    await container.dispose();
  }
}

/** Starts NGINX with the run directory; does not wait until it is ready. */
export async function startInImage(
  scope: Scope,
  image: ImageNginx,
  directory: RunDirectory,
): Promise<{ master: number; stop(): Promise<unknown> }> {
  const container = await enter(image, directory, [join(REPOSITORY, 'nginx/start.sh'), directory.path]);
  scope.defer(async () => container.dispose());
  return { master: container.pid, stop: async () => container.dispose() };
}
