/**
 * Combines the stages: creates the build and the renderer from a command's flags and from properties of the machine or
 * container in which NGINX runs.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Build, createBuild, type StaticOptions } from '../app/build.ts';
import type { CertificatePair } from '../app/fallback-certificate.ts';
import { modelFlagsOf } from '../model/contract/flags.ts';
import type { ListeningPod } from '../model/contract/options.ts';
import type { RenderOptions } from '../render/options.ts';
import { assertEscaped } from '../render/engine.ts';
import { createRender, type Render } from '../render/render.ts';
import { templateNotices } from '../render/template-contract.ts';
import { ownershipFault } from './ownership-flags.ts';
import { UsageError } from './usage-error.ts';
import { isPlainPath } from '../types/conf-value.ts';
import { OWN_PORTS, rangeItems, type ReservedPorts } from '../types/addresses.ts';
import { errorText } from '../types/error-text.ts';
import type { Measures } from '../types/request-metrics.ts';
import type { Arguments } from './flag-values.ts';

type Shared<A, B> = Pick<A, keyof A & keyof B>;

/** The flags that all commands that build a Plan have in common. */
export type BuildArguments = Shared<
  Arguments<'controller'>,
  Shared<Arguments<'up'>, Shared<Arguments<'render'>, Arguments<'check'>>>
>;

/** Inputs of a build besides flags and cluster: properties of the machine or container in which NGINX runs. */
export interface BuildSite {
  readonly capabilities: RenderOptions['capabilities'];
  readonly runDirectory: string;
  readonly luaDirectory: string;
  readonly fallbackCertificate: CertificatePair;
  /** Number of worker processes if the setting worker-processes is auto. */
  readonly processors: number;
  readonly openFiles: StaticOptions['openFiles'];
  /** What NGINX lacks for HTTP/3, as the end of a sentence that begins with `use-http3`; null: nothing. */
  readonly http3Obstacle: string | null;
  readonly ownPod?: ListeningPod;
  /** Where the API server listens, as far as that is known before the cluster is read. */
  readonly apiServer?: readonly ReservedPorts[];
  /** What NGINX's workers count about requests; if absent, they count nothing. */
  readonly measures?: Measures;
  /** The zone whose endpoints are preferred. */
  readonly zone?: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT_IN_TEMPLATES = path.join(ROOT, 'templates');
export const LUA_DIRECTORY = path.join(ROOT, 'nginx', 'lua');
export const START_COMMAND = path.join(ROOT, 'nginx', 'start.sh');

/**
 * The path of the Lua code, as nginx.conf names it. If the path of the checkout has a space, a quote or a `$`, this is
 * the path of a symbolic link in the run directory. If the path of the run directory has such a character too, the link
 * is named relative to NGINX's working directory.
 */
function luaDirectory(runDirectory: string): string {
  if (isPlainPath(LUA_DIRECTORY)) return LUA_DIRECTORY;
  return isPlainPath(runDirectory) ? path.join(runDirectory, LUA_LINK) : path.join('..', LUA_LINK);
}

/** Path of the symbolic link to the Lua code, relative to the run directory. */
const LUA_LINK = 'conf/lua';

/** Creates the symbolic link to the Lua code if it is needed. The run directory must belong to this process. */
export async function linkLua(runDirectory: string): Promise<void> {
  if (isPlainPath(LUA_DIRECTORY)) return;
  const link = path.join(runDirectory, LUA_LINK);
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(LUA_DIRECTORY, link);
}

const WANTED_OPEN_FILES = 65_536;
/** The kernel's default limit of open files for one process, up to which root can raise its own limit. */
export const KERNEL_OPEN_FILES = 1_048_576;

/** Limits for the number of open files of a worker. Without root, NGINX cannot raise the hard limit. */
function openFiles(): StaticOptions['openFiles'] {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const root = process.geteuid?.() === 0;
  return withinLimit(root || hard === undefined ? KERNEL_OPEN_FILES : Number(hard));
}

export function withinLimit(most: number): StaticOptions['openFiles'] {
  return { standard: Math.min(WANTED_OPEN_FILES, most), most };
}

/** Properties of this machine, for an NGINX that runs here. */
export function thisMachine(
  capabilities: BuildSite['capabilities'],
  runDirectory: string,
  fallbackCertificate: CertificatePair,
  http3Obstacle: string | null,
  processors = availableParallelism(),
): BuildSite {
  return {
    capabilities,
    runDirectory,
    luaDirectory: luaDirectory(runDirectory),
    fallbackCertificate,
    processors,
    openFiles: openFiles(),
    http3Obstacle,
  };
}

/**
 * Reads and compiles the templates. Calls `notice` for each part that a template of `--template-dir` may lack. If a
 * file is missing or is not a valid template, throws a UsageError that names the file.
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
      throw new UsageError(`--template-dir: ${file}: ${errorText(error)}`);
    }
  };
  return createRender({ conf: await read('nginx.conf.hbs'), server: await read('server.hbs') }, options);
}

export function renderOptions(given: BuildArguments, site: BuildSite): RenderOptions {
  return {
    capabilities: site.capabilities,
    luaDirectory: site.luaDirectory,
    runDirectory: site.runDirectory,
    httpPort: given.httpPort,
    httpsPort: given.httpsPort,
    strictAccess: given.strictAccess,
    fallbackCertificate: site.fallbackCertificate,
    ...(site.measures !== undefined && { measures: site.measures }),
  };
}

/** Options of the model. Flags in model/contract/flags.ts become options unchanged, without a line in this function. */
export function modelOptions(given: BuildArguments, site: BuildSite): StaticOptions {
  const { ownPod } = site;
  const { brotli, headersMore } = site.capabilities;
  const fault = ownershipFault(given);
  if (fault !== undefined) throw new UsageError(fault);
  return {
    ...modelFlagsOf(given),
    annotationsPrefix: given.annotationsPrefix.replace(/\/$/, ''),
    configMap: given.configmap,
    hostPolicyConfigMap: given.hostPolicyConfigmap === '' ? null : given.hostPolicyConfigmap,
    defaultBackendService: given.defaultBackendService === '' ? null : given.defaultBackendService,
    defaultSslCertificate: given.defaultSslCertificate === '' ? null : given.defaultSslCertificate,
    fallbackCertificate: site.fallbackCertificate,
    redirectsToSlash: given.redirectTrailingSlash,
    sslPassthrough: given.enableSslPassthrough,
    addresses: {
      allowed: rangeItems(given.allowAddresses),
      reserved: [...(ownPod === undefined ? [] : [{ ...ownPod, what: OWN_PORTS }]), ...(site.apiServer ?? [])],
    },
    ...(ownPod !== undefined && { ownPod }),
    externalNames: !given.disableSvcExternalName,
    httpsPort: given.httpsPort,
    processors: site.processors,
    openFiles: site.openFiles,
    brotli: brotli !== undefined,
    headersMore: headersMore !== undefined,
    http3Obstacle: site.http3Obstacle,
    bounds: given.bounds,
    ...(site.zone !== undefined && { zone: site.zone }),
  };
}

export function buildWith(given: BuildArguments, site: BuildSite, render: () => Render): Build {
  return createBuild(modelOptions(given, site), render);
}
