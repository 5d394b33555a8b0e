/**
 * Computes the expected state of NGINX from manifests, by `tidegate render`, which does not depend on earlier states.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Instance } from '../runner/instance.ts';

export interface Source {
  /** nginx.conf in the form that `comparable` returns. */
  readonly conf: string;
  /** Live key → the MD5 of its text. The default certificate is left out, because each run generates its own. */
  readonly live: ReadonlyMap<string, string>;
}

const PROGRAM = fileURLToPath(new URL('../../bin/tidegate.js', import.meta.url));

/**
 * Removes parts of nginx.conf that do not depend on the manifests: paths, the version and modules of NGINX, limits of
 * processes, the default certificate, and the counting of requests, which `tidegate render` leaves out.
 */
export function comparable(conf: string): string {
  const runDir = /^error_log (\S+)\/run\/error\.log/m.exec(conf)?.[1];
  if (runDir === undefined) throw new Error(`no run directory in this nginx.conf: ${conf.slice(0, 500)}`);
  return conf
    .replaceAll(runDir, 'RUN_DIR')
    .replace(/^# Configuration checksum: .*$/m, '')
    .replace(/conf = "[0-9a-f]{16}"/, '')
    .replaceAll(/^\s*(?:http2 on|user [^;]+|load_module [^;]+|ssl_certificate(?:_key)? files\/[^;]+);\n/gm, '')
    .replaceAll(/^\s*(?:worker_rlimit_nofile|worker_connections|lua_package_path) .*\n/gm, '')
    .replaceAll(
      /^\s*(?:lua_shared_dict tidegate_metrics|metrics(?:_hosts)? =|(?:exit_worker|log)_by_lua_block) .*\n/gm,
      '',
    )
    .replace(/^\s*location = \/v1\/connections \{[^}]*\}\n/m, '')
    .replaceAll(/ (ssl|quic) http2\b/g, ' $1')
    .replaceAll(/\n{2,}/g, '\n')
    .trim();
}

/** Computes the state for a folder of manifests and the ports of an instance. Rejects if a manifest has errors. */
export async function readSource(folder: string, instance: Instance, args: readonly string[]): Promise<Source> {
  const ports = ['--http-port', String(instance.httpPort), '--https-port', String(instance.httpsPort)];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, 'render', '-o', 'json', ...ports, ...args, folder],
    { maxBuffer: 512 * 1024 * 1024 },
  );
  const { conf, live } = JSON.parse(stdout) as { conf: string; live: Record<string, unknown> };
  const entries = Object.entries(live).filter(([key]) => key !== 'c:_');
  const md5 = (value: unknown): string => createHash('md5').update(JSON.stringify(value)).digest('hex');
  return {
    conf: comparable(conf),
    live: new Map(entries.map(([key, value]) => [key, md5(value)])),
  };
}
