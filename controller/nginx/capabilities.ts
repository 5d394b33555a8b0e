/** Finds out what the installed NGINX can do, from `nginx -V`, the file system and the kernel. */
import { constants } from 'node:fs';
import { access, glob, readFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import type { Capabilities, MissingSoftware } from '../types/nginx.ts';

/** Where Debian and source builds install Lua 5.1 libraries. LuaJIT searches these folders. */
const CJSON = ['/usr/lib/*/lua/5.1/cjson.so', '/usr/lib/lua/5.1/cjson.so', '/usr/local/lib/lua/5.1/cjson.so'];
const RESTY_CORE = ['/usr/share/lua/5.1/resty/core.lua', '/usr/local/share/lua/5.1/resty/core.lua'];

const BINARY_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/nginx/sbin'];

/**
 * Reads the capabilities of `binary`, which is an absolute path or a name to find in PATH and in the usual folders. If
 * software is missing, returns what is missing and the Debian packages that contain it.
 */
export async function readCapabilities(binary = 'nginx'): Promise<Capabilities | MissingSoftware> {
  const path = await findBinary(binary);
  const version = path === undefined ? undefined : await readVersion(path);
  if (path === undefined || version === undefined) {
    return {
      missing: [`${binary} (not found, or it does not respond to -V as NGINX does)`],
      packages: ['nginx', 'libnginx-mod-http-lua', 'lua-cjson'],
    };
  }
  const lua = await findLua(version.arguments);
  const missing = [...lua.missing];
  const packages = missing.length === 0 ? [] : ['libnginx-mod-http-lua'];
  if (!(await anyExists(CJSON))) {
    missing.push('cjson.so (JSON for Lua 5.1)');
    packages.push('lua-cjson');
  }
  if (missing.length > 0) return { missing, packages };
  return {
    binary: path,
    version: version.version,
    http2Directive: atLeast(version.version, [1, 25, 1]),
    http3: version.arguments.includes('--with-http_v3_module'),
    modules: lua.modules,
    brotli: await findBrotli(version.arguments),
    headersMore: await findHeadersMore(version.arguments),
    stream: await findStream(version.arguments),
    streamPass: atLeast(version.version, [1, 25, 5]) && !version.arguments.includes('--without-stream_pass_module'),
    ipv6: await hasIpv6(),
    user: await workerUser(),
  };
}

async function findBinary(binary: string): Promise<string | undefined> {
  if (isAbsolute(binary)) return (await isExecutable(binary)) ? binary : undefined;
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...BINARY_FOLDERS]) {
    if (isAbsolute(folder) && (await isExecutable(join(folder, binary)))) return join(folder, binary);
  }
  return undefined;
}

async function readVersion(binary: string): Promise<{ version: string; arguments: string } | undefined> {
  const result = await execa(binary, ['-V'], {
    reject: false,
    timeout: 10_000,
    killSignal: 'SIGKILL',
    stdin: 'ignore',
  });
  const version = /^nginx version: \S+\/([0-9]+\.[0-9]+\.[0-9]+)/m.exec(result.stderr ?? '')?.[1];
  const configured = /^configure arguments: ?(.*)$/m.exec(result.stderr ?? '')?.[1];
  return version === undefined || configured === undefined ? undefined : { version, arguments: configured };
}

function modulesFolder(configured: string): string {
  return (
    /--modules-path=(\S+)/.exec(configured)?.[1] ??
    join(/--prefix=(\S+)/.exec(configured)?.[1] ?? '/usr/local/nginx', 'modules')
  );
}

/**
 * Finds the module of Debian's package libnginx-mod-http-brotli-filter. Brotli's other module, which serves
 * precompressed static files, is not needed.
 */
function findBrotli(configured: string): Promise<readonly string[] | undefined> {
  return findOptional(configured, /--add-module=\S*brotli/, 'ngx_http_brotli_filter_module.so');
}

/** Finds the module of Debian's package libnginx-mod-http-headers-more-filter. */
function findHeadersMore(configured: string): Promise<readonly string[] | undefined> {
  return findOptional(configured, /--add-module=\S*headers-more/, 'ngx_http_headers_more_filter_module.so');
}

/**
 * Finds the modules of Debian's packages libnginx-mod-stream and libnginx-mod-stream-js. The stream module comes first,
 * because the other one needs its symbols.
 */
async function findStream(configured: string): Promise<readonly string[] | undefined> {
  const stream = await findOptional(configured, /--with-stream(?![=_-])/, 'ngx_stream_module.so');
  const njs = await findOptional(configured, /--add-module=\S*njs/, 'ngx_stream_js_module.so');
  return stream === undefined || njs === undefined ? undefined : [...stream, ...njs];
}

async function findOptional(configured: string, source: RegExp, file: string): Promise<readonly string[] | undefined> {
  if (source.test(configured)) return [];
  const path = join(modulesFolder(configured), file);
  return (await exists(path)) ? [path] : undefined;
}

async function findLua(configured: string): Promise<{ modules: string[]; missing: string[] }> {
  const missing: string[] = [];
  const modules: string[] = [];
  const folder = modulesFolder(configured);
  // The ndk module comes first, because the Lua module needs its symbols.
  for (const [file, source] of [
    ['ndk_http_module.so', /--add-module=\S*(devel.kit|ndk)/],
    ['ngx_http_lua_module.so', /--add-module=\S*lua-nginx/],
  ] as const) {
    if (source.test(configured)) continue;
    const path = join(folder, file);
    if (await exists(path)) modules.push(path);
    else missing.push(path);
  }
  if (!(await anyExists(RESTY_CORE))) missing.push('resty/core.lua (Lua library of the module)');
  return { modules, missing };
}

function atLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, want] of wanted.entries()) {
    const have = parts[index] ?? 0;
    if (have !== want) return have > want;
  }
  return true;
}

/** Without IPv6 in the kernel, if_inet6 does not exist; with IPv6 disabled, it is empty. */
async function hasIpv6(): Promise<boolean> {
  const addresses = await readFile('/proc/net/if_inet6', 'utf8').catch(() => '');
  return addresses.trim() !== '';
}

async function workerUser(): Promise<string | null> {
  if (process.geteuid?.() !== 0) return null;
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return /^www-data:/m.test(users) ? 'www-data' : 'nobody';
}

async function anyExists(patterns: readonly string[]): Promise<boolean> {
  for await (const _ of glob([...patterns])) return true;
  return false;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
