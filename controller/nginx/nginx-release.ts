/** Finds out which release of NGINX is installed: its version, and the version of its Debian package. */
import { readFile, realpath } from 'node:fs/promises';
import { execa } from 'execa';

export interface NginxRelease {
  /** `1.26.3` */
  readonly version: string;
  /** The package that contains the binary; undefined if no package does, or if dpkg is missing. */
  readonly package?: {
    /** Version of the source package: `1.26.3-3+deb13u11` */
    readonly version: string;
    /** Codename of the Debian release, such as `trixie`; undefined if another distribution made the package. */
    readonly debian: string | undefined;
  };
}

/** `binary`: absolute path. `osRelease`: the file that names the distribution. */
export async function readRelease(
  binary: string,
  version: string,
  osRelease = '/etc/os-release',
): Promise<NginxRelease> {
  const path = await realpath(binary).catch(() => binary);
  const [, name] = /^([a-z0-9+.-]+)(?::[a-z0-9-]+)?: /.exec(await query('--search', path)) ?? [];
  if (name === undefined) return { version };
  const found = (await query('--show', '--showformat', '${source:Version}', name)).trim();
  if (found === '') return { version };
  return { version, package: { version: found, debian: await codename(osRelease) } };
}

/** The output of dpkg-query; empty if it fails. */
async function query(...given: readonly string[]): Promise<string> {
  const result = await execa('dpkg-query', given, { reject: false, timeout: 10_000, stdin: 'ignore' });
  return result.exitCode === 0 ? (result.stdout ?? '') : '';
}

async function codename(osRelease: string): Promise<string | undefined> {
  const text = await readFile(osRelease, 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  return field('ID') === 'debian' ? field('VERSION_CODENAME') : undefined;
}
