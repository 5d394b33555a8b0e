/** Describes the machine on which a bench ran. */
import { cpus, loadavg, release, totalmem } from 'node:os';
import { execa } from 'execa';

export interface Machine {
  /** Model of the first processor. */
  readonly cpu: string;
  readonly cores: number;
  /** Memory in GiB. */
  readonly memory: number;
  readonly kernel: string;
  /** Load average of the minute before the bench began: shows other work of the machine. */
  readonly load: number;
}

export interface Versions {
  readonly nginx: string;
  /** Version of the Debian package of lua-nginx-module. */
  readonly lua: string;
  readonly openssl: string;
  readonly node: string;
}

export function readMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** Versions of this machine's NGINX; `unknown` if the Lua module is not a Debian package. */
export async function readVersions(): Promise<Versions> {
  const { stderr } = await execa('nginx', ['-V'], { timeout: 10_000 });
  const lua = await execa('dpkg-query', ['-W', '-f', '${Version}', 'libnginx-mod-http-lua'], {
    reject: false,
    timeout: 10_000,
  });
  return {
    nginx: /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown',
    lua: lua.stdout === undefined || lua.stdout === '' ? 'unknown' : lua.stdout.replace(/^\d+:/, ''),
    openssl: /running with OpenSSL (\S+)|built with OpenSSL (\S+)/.exec(stderr)?.slice(1).find(Boolean) ?? 'unknown',
    node: process.versions.node,
  };
}
