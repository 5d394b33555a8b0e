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
import { ownPorts } from './own-ports.ts';
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
  readonly streamDirectory: string;
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
  /**
   * Ports on which NGINX or the controller itself listens (`TCP 8080`) → the flags that name them. If absent, those on
   * which NGINX listens in every case.
   */
  readonly reservedPorts?: ReadonlyMap<string, string>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT_IN_TEMPLATES = path.join(ROOT, 'templates');
export const LUA_DIRECTORY = path.join(ROOT, 'nginx', 'lua');
export const STREAM_DIRECTORY = path.join(ROOT, 'nginx', 'stream');
export const START_COMMAND = path.join(ROOT, 'nginx', 'start.sh');

/**
 * The path of a folder of code for NGINX, as nginx.conf names it. If the path of the checkout has a space, a quote or a
 * `$`, this is the path of a symbolic link in the run directory. If the path of the run directory has such a character
 * too, the link is named relative to NGINX's working directory.
 */
function codeDirectory(folder: string, link: string, runDirectory: string): string {
  if (isPlainPath(folder)) return folder;
  return isPlainPath(runDirectory) ? path.join(runDirectory, link) : path.join('..', link);
}

/** Folders of code for NGINX, and the paths of their symbolic links, relative to the run directory. */
const LINKS = [
  [LUA_DIRECTORY, 'conf/lua'],
  [STREAM_DIRECTORY, 'conf/njs'],
] as const;

/** Creates the symbolic links to code for NGINX that are needed. The run directory must belong to this process. */
export async function linkCode(runDirectory: string): Promise<void> {
  for (const [folder, name] of LINKS) {
    if (isPlainPath(folder)) continue;
    const link = path.join(runDirectory, name);
    await mkdir(path.dirname(link), { recursive: true });
    await rm(link, { force: true });
    await symlink(folder, link);
  }
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
    luaDirectory: codeDirectory(...LINKS[0], runDirectory),
    streamDirectory: codeDirectory(...LINKS[1], runDirectory),
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
  const read = async (name: string, optional = false) => {
    const builtIn = await readFile(path.join(BUILT_IN_TEMPLATES, name), 'utf8');
    if (given.templateDir === '') return builtIn;
    const file = path.join(given.templateDir, name);
    try {
      const source = await readFile(file, 'utf8').catch((error: unknown) => {
        if (optional && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      if (source === undefined) return builtIn;
      assertEscaped(source);
      for (const text of templateNotices(file, source, builtIn)) notice(text);
      return source;
    } catch (error) {
      throw new UsageError(`--template-dir: ${file}: ${errorText(error)}`);
    }
  };
  const sources = {
    conf: await read('nginx.conf.hbs'),
    server: await read('server.hbs'),
    stream: await read('stream.hbs', true),
  };
  return createRender(sources, options);
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
    stream: { codeDirectory: site.streamDirectory, port: given.streamPort },
    ...(site.measures !== undefined && { measures: site.measures }),
  };
}

const NO_STREAM_MODULES =
  "--enable-ssl-passthrough: NGINX's stream modules are not installed; as root: apt-get install " +
  '--no-install-recommends libnginx-mod-stream libnginx-mod-stream-js';

/** Options of the model. Flags in model/contract/flags.ts become options unchanged, without a line in this function. */
export function modelOptions(given: BuildArguments, site: BuildSite): StaticOptions {
  const { ownPod } = site;
  const { brotli, headersMore, stream } = site.capabilities;
  const fault = ownershipFault(given);
  if (fault !== undefined) throw new UsageError(fault);
  if (given.enableSslPassthrough && stream === undefined) throw new UsageError(NO_STREAM_MODULES);
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
    streams: {
      tcp: given.tcpServicesConfigmap === '' ? null : given.tcpServicesConfigmap,
      udp: given.udpServicesConfigmap === '' ? null : given.udpServicesConfigmap,
      installed: stream !== undefined,
      reserved: site.reservedPorts ?? ownPorts(nginxPorts(given)),
    },
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

/** The flags that name ports of NGINX, with their ports. */
export function nginxPorts({
  httpPort,
  httpsPort,
  streamPort,
}: Pick<BuildArguments, 'httpPort' | 'httpsPort' | 'streamPort'>): Readonly<Record<string, number>> {
  return { '--http-port': httpPort, '--https-port': httpsPort, '--stream-port': streamPort };
}

export function buildWith(given: BuildArguments, site: BuildSite, render: () => Render): Build {
  return createBuild(modelOptions(given, site), render);
}
