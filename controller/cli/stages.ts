/** The stages put together from a command's options. */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Assemble, createAssemble, type StaticOptions } from '../app/assembly.ts';
import type { CertificatePair } from '../app/fallback-certificate.ts';
import { DEFAULT_PREFIX } from '../model/annotations/annotations.ts';
import type { RenderOptions } from '../render/options.ts';
import { createRender, type Render } from '../render/render.ts';
import { isPlainPath } from '../types/conf-value.ts';
import { rangeItems } from '../types/addresses.ts';
import type { Capabilities } from '../types/nginx.ts';
import type { ModelArguments } from './arguments.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT_IN_TEMPLATES = path.join(ROOT, 'templates');
export const LUA_DIRECTORY = path.join(ROOT, 'nginx', 'lua');
export const START_COMMAND = path.join(ROOT, 'nginx', 'start.sh');

/**
 * The Lua code as nginx.conf names it: by a link where the checkout's own name has a space, a quote or a `$`, and
 * relative to NGINX's working directory where the run directory's has.
 */
function luaDirectory(runDirectory: string): string {
  if (isPlainPath(LUA_DIRECTORY)) return LUA_DIRECTORY;
  return isPlainPath(runDirectory) ? path.join(runDirectory, LUA_LINK) : path.join('..', LUA_LINK);
}

/** Below the run directory. */
const LUA_LINK = 'conf/lua';

/** Makes that link, where it is needed. The run directory has to be one of our own. */
export async function linkLua(runDirectory: string): Promise<void> {
  if (isPlainPath(LUA_DIRECTORY)) return;
  const link = path.join(runDirectory, LUA_LINK);
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(LUA_DIRECTORY, link);
}

/** Reads both templates of a folder and compiles them. Throws what is wrong with one, with its file name. */
export async function loadRender(directory: string, options: RenderOptions): Promise<Render> {
  const read = async (name: string) => readFile(path.join(directory, name), 'utf8');
  return createRender({ conf: await read('nginx.conf.hbs'), server: await read('server.hbs') }, options);
}

const WANTED_OPEN_FILES = 65_536;
/** Where root finds the kernel's own limit, unless it was raised. */
const KERNEL_OPEN_FILES = 1_048_576;

/** As many descriptors as wanted, and as the hard limit allows: without root a worker cannot raise it. */
function openFiles(): StaticOptions['openFiles'] {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const root = process.geteuid?.() === 0;
  const most = root || hard === undefined ? KERNEL_OPEN_FILES : Number(hard);
  return { standard: Math.min(WANTED_OPEN_FILES, most), most };
}

export function renderOptions(
  given: ModelArguments,
  capabilities: Pick<Capabilities, 'http2Directive' | 'modules' | 'brotli' | 'headersMore' | 'ipv6' | 'user'>,
  runDirectory: string,
  fallbackCertificate: CertificatePair,
): RenderOptions {
  return {
    capabilities,
    luaDirectory: luaDirectory(runDirectory),
    runDirectory,
    httpPort: given.httpPort,
    httpsPort: given.httpsPort,
    strictAccess: given.strictAccess ?? false,
    fallbackCertificate,
  };
}

/** Options of the model from those of a command. */
export function modelOptions(
  given: ModelArguments,
  fallbackCertificate: CertificatePair,
  { brotli, headersMore }: Pick<Capabilities, 'brotli' | 'headersMore'>,
): StaticOptions {
  return {
    controllerClass: given.controllerClass,
    ingressClass: given.ingressClass,
    ingressClassByName: given.ingressClassByName,
    watchIngressWithoutClass: given.watchIngressWithoutClass,
    configMap: given.configmap,
    defaultBackendService: given.defaultBackendService ?? null,
    defaultSslCertificate: given.defaultSslCertificate ?? null,
    fallbackCertificate,
    annotationsPrefix: given.annotationsPrefix ?? DEFAULT_PREFIX,
    disableCatchAll: given.disableCatchAll ?? false,
    strictPaths: given.strictPaths ?? false,
    isolateNamespaces: given.isolateNamespaces ?? false,
    redirectsToSlash: given.redirectTrailingSlash ?? false,
    ignoreModsecurity: given.ignoreModsecurity ?? false,
    sslPassthrough: given.enableSslPassthrough ?? false,
    addresses: {
      allowed: rangeItems(given.allowAddresses),
      own: given.own?.addresses ?? [],
      ownPorts: given.own?.ports ?? [],
    },
    externalNames: !(given.disableSvcExternalName ?? false),
    httpsPort: given.httpsPort,
    processors: given.processors ?? availableParallelism(),
    openFiles: openFiles(),
    brotli: brotli !== undefined,
    headersMore: headersMore !== undefined,
    bounds: given.bounds,
    ...(given.zone !== undefined && { zone: given.zone }),
  };
}

export function assembleWith(
  given: ModelArguments,
  certificate: CertificatePair,
  capabilities: Pick<Capabilities, 'brotli' | 'headersMore'>,
  render: () => Render,
): Assemble {
  return createAssemble(modelOptions(given, certificate, capabilities), render);
}
