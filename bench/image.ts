/** The NGINX of the image that `npm run image` built, in its own container (needs root). */
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

/** The user of the image. */
const UID = 101;
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const MODULES = ['ndk_http_module.so', 'ngx_http_lua_module.so'];

/** The image's NGINX, or why it is not available. */
export async function findImage(): Promise<ImageNginx | string> {
  if (process.geteuid?.() !== 0) return 'a container takes root';
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
      // The image is Debian 13 or later, whose NGINX has the directive.
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

/** `nginx -t` in the image, timed inside. */
export async function testInImage(image: ImageNginx, directory: RunDirectory): Promise<ConfTest> {
  const [shell = '', option = '', test = ''] = testCommand(directory);
  // It stays until it is ended: a container that has already exited cannot be told from one that did not start.
  const container = await enter(image, directory, [shell, option, `${test}; sleep 120`]);
  try {
    await container.line(/^[\d.]+ [\d.]+ [\d.]+$/, 120_000);
    return readTimes(container.lines.join('\n'));
  } finally {
    await container.dispose();
  }
}

/** Starts NGINX on the run directory; does not wait. */
export async function startInImage(
  scope: Scope,
  image: ImageNginx,
  directory: RunDirectory,
): Promise<{ master: number; stop(): Promise<unknown> }> {
  const container = await enter(image, directory, [join(REPOSITORY, 'nginx/start.sh'), directory.path]);
  scope.defer(async () => container.dispose());
  return { master: container.pid, stop: async () => container.dispose() };
}
