/** Builds from manifests or Snapshots with fixed values for everything that differs between machines. */
import { readFile } from 'node:fs/promises';
import { type Built, createBuild, type StaticOptions } from '../app/build.ts';
import { buildSafely } from '../app/faults.ts';
import { DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import { DEFAULT_MODEL_FLAGS } from '../model/contract/flags.ts';
import type { Quarantine } from '../model/contract/options.ts';
import type { RenderOptions } from '../render/options.ts';
import { createRender } from '../render/render.ts';
import { NO_EXCEPTIONS } from '../types/addresses.ts';
import type { Snapshot } from '../types/snapshot.ts';

const template = (name: string) => readFile(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
export const TEMPLATES = {
  conf: await template('nginx.conf.hbs'),
  server: await template('server.hbs'),
  stream: await template('stream.hbs'),
};
const fallbackCertificate = { chain: 'CERTIFICATE\n', key: 'KEY\n' };

export const RENDER_OPTIONS: RenderOptions = {
  capabilities: {
    http2Directive: true,
    modules: ['/modules/lua.so'],
    brotli: ['/modules/brotli.so'],
    headersMore: ['/modules/headers-more.so'],
    stream: ['/modules/stream.so', '/modules/stream-js.so'],
    ipv6: false,
    user: null,
  },
  luaDirectory: '/tidegate/lua',
  stream: { codeDirectory: '/tidegate/stream', port: 10_247 },
  runDirectory: '/run/tidegate',
  httpPort: 80,
  httpsPort: 443,
  liveSize: '64m',
  fallbackCertificate,
};

export const MODEL_OPTIONS: StaticOptions = {
  ...DEFAULT_MODEL_FLAGS,
  watchIngressWithoutClass: true,
  configMap: 'ingress-nginx/ingress-nginx-controller',
  hostPolicyConfigMap: null,
  defaultBackendService: null,
  defaultSslCertificate: null,
  fallbackCertificate,
  redirectsToSlash: false,
  addresses: NO_EXCEPTIONS,
  sslPassthrough: false,
  externalNames: true,
  httpsPort: 443,
  processors: 2,
  openFiles: { standard: 65_536, most: 65_536 },
  brotli: true,
  headersMore: true,
  http3Obstacle: null,
  bounds: DEFAULT_BOUNDS,
};

const render = createRender(TEMPLATES, RENDER_OPTIONS);

export function buildFixed(
  snapshot: Snapshot,
  quarantine: ReadonlyMap<string, Quarantine> = new Map(),
  options: Partial<StaticOptions> = {},
): Built {
  const build = createBuild({ ...MODEL_OPTIONS, ...options }, () => render);
  return buildSafely(build, snapshot, { quarantine, resolvedNames: new Map() });
}
