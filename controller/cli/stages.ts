/** Combines the stages, from a command's flags and from where NGINX runs. */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Build, createBuild, type StaticOptions } from '../app/build.ts';
import type { CertificatePair } from '../app/fallback-certificate.ts';
import { modelFlagsOf } from '../model/contract/flags.ts';
import type { RenderOptions } from '../render/options.ts';
import { assertEscaped } from '../render/engine.ts';
import { createRender, type Render } from '../render/render.ts';
import { templateNotices } from '../render/template-contract.ts';
import { UsageError } from './usage-error.ts';
import { isPlainPath } from '../types/conf-value.ts';
import { rangeItems } from '../types/addresses.ts';
import type { Arguments } from './flag-values.ts';

type Shared<A, B> = Pick<A, keyof A & keyof B>;

/** Flags of every command that builds a Plan. */
export type BuildArguments = Shared<
  Arguments<'controller'>,
  Shared<Arguments<'up'>, Shared<Arguments<'render'>, Arguments<'check'>>>
>;

/** Inputs of a build besides flags and cluster: where NGINX runs, and what it is given there. */
export interface Site {
  readonly capabilities: RenderOptions['capabilities'];
  readonly runDirectory: string;
  readonly luaDirectory: string;
  readonly fallbackCertificate: CertificatePair;
  /** Worker processes if the settings say auto. */
  readonly processors: number;
  readonly openFiles: StaticOptions['openFiles'];
  /** Addresses of this Pod, and the ports that NGINX and the controller have there. */
  readonly own?: { readonly addresses: readonly string[]; readonly ports: readonly number[] };
  /** Zone whose endpoints are preferred. */
  readonly zone?: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT_IN_TEMPLATES = path.join(ROOT, 'templates');
export const LUA_DIRECTORY = path.join(ROOT, 'nginx', 'lua');
export const START_COMMAND = path.join(ROOT, 'nginx', 'start.sh');

/**
 * The path of the Lua code for nginx.conf: a link if the checkout's name has a space, a quote or a `$`, and relative to
 * NGINX's working directory if the run directory's has one.
 */
function luaDirectory(runDirectory: string): string {
  if (isPlainPath(LUA_DIRECTORY)) return LUA_DIRECTORY;
  return isPlainPath(runDirectory) ? path.join(runDirectory, LUA_LINK) : path.join('..', LUA_LINK);
}

/** Below the run directory. */
const LUA_LINK = 'conf/lua';

/** Makes that link, if it is needed. The run directory has to be one of our own. */
export async function linkLua(runDirectory: string): Promise<void> {
  if (isPlainPath(LUA_DIRECTORY)) return;
  const link = path.join(runDirectory, LUA_LINK);
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(LUA_DIRECTORY, link);
}

const WANTED_OPEN_FILES = 65_536;
/** Where root finds the kernel's limit, unless it was raised. */
export const KERNEL_OPEN_FILES = 1_048_576;

/** As many descriptors as wanted, within the hard limit, which a worker without root cannot raise. */
function openFiles(): StaticOptions['openFiles'] {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const root = process.geteuid?.() === 0;
  return withinLimit(root || hard === undefined ? KERNEL_OPEN_FILES : Number(hard));
}

export function withinLimit(most: number): StaticOptions['openFiles'] {
  return { standard: Math.min(WANTED_OPEN_FILES, most), most };
}

/** An NGINX on this machine. */
export function thisMachine(
  capabilities: Site['capabilities'],
  runDirectory: string,
  fallbackCertificate: CertificatePair,
  processors = availableParallelism(),
): Site {
  return {
    capabilities,
    runDirectory,
    luaDirectory: luaDirectory(runDirectory),
    fallbackCertificate,
    processors,
    openFiles: openFiles(),
  };
}

/**
 * Reads and compiles the templates; `notice` is told what those of `--template-dir` may lack. Throws a UsageError that names
 * the file that is missing or is not a template.
 */
export async function loadRender(
  given: BuildArguments,
  options: RenderOptions,
  notice: (text: string) => void,
): Promise<Render> {
  const read = async (name: string) => {
    const builtIn = await readFile(path.join(BUILT_IN_TEMPLATES, name), 'utf8');
    if (given.templateDir === '') return builtIn;
    const file = path.join(given.templateDir, name);
    try {
      const source = await readFile(file, 'utf8');
      assertEscaped(source);
      for (const text of templateNotices(file, source, builtIn)) notice(text);
      return source;
    } catch (error) {
      throw new UsageError(`--template-dir: ${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return createRender({ conf: await read('nginx.conf.hbs'), server: await read('server.hbs') }, options);
}

export function renderOptions(given: BuildArguments, site: Site): RenderOptions {
  return {
    capabilities: site.capabilities,
    luaDirectory: site.luaDirectory,
    runDirectory: site.runDirectory,
    httpPort: given.httpPort,
    httpsPort: given.httpsPort,
    strictAccess: given.strictAccess,
    fallbackCertificate: site.fallbackCertificate,
  };
}

/** Options of the model. A flag that the model takes unchanged needs no line here: see model/contract/flags.ts. */
export function modelOptions(given: BuildArguments, site: Site): StaticOptions {
  const { brotli, headersMore } = site.capabilities;
  return {
    ...modelFlagsOf(given),
    annotationsPrefix: given.annotationsPrefix.replace(/\/$/, ''),
    configMap: given.configmap,
    defaultBackendService: given.defaultBackendService === '' ? null : given.defaultBackendService,
    defaultSslCertificate: given.defaultSslCertificate === '' ? null : given.defaultSslCertificate,
    fallbackCertificate: site.fallbackCertificate,
    redirectsToSlash: given.redirectTrailingSlash,
    sslPassthrough: given.enableSslPassthrough,
    addresses: {
      allowed: rangeItems(given.allowAddresses),
      own: site.own?.addresses ?? [],
      ownPorts: site.own?.ports ?? [],
    },
    externalNames: !given.disableSvcExternalName,
    httpsPort: given.httpsPort,
    processors: site.processors,
    openFiles: site.openFiles,
    brotli: brotli !== undefined,
    headersMore: headersMore !== undefined,
    bounds: given.bounds,
    ...(site.zone !== undefined && { zone: site.zone }),
  };
}

export function buildWith(given: BuildArguments, site: Site, render: () => Render): Build {
  return createBuild(modelOptions(given, site), render);
}
