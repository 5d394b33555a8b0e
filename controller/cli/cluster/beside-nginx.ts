/** Creates the driver of the NGINX in the other container of the Pod, and the build for that NGINX. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Build } from '../../app/build.ts';
import { fallbackCertificate } from '../../app/fallback-certificate.ts';
import { processors } from '../../app/processors.ts';
import { createSidecarNginx } from '../../nginx/index.ts';
import type { RenderOptions } from '../../render/options.ts';
import type { Log } from '../../report/logger.ts';
import type { Capabilities, Nginx } from '../../types/nginx.ts';
import type { Arguments } from '../flag-values.ts';
import { measuresOf } from '../metrics-flags.ts';
import { buildWith, linkCode, loadRender, renderOptions, thisMachine } from '../stages.ts';
import type { Identity } from './identity.ts';
import { apiServerAt, ownPodOf, portsOfFlags } from './reserved-ports.ts';

export interface BesideNginx {
  readonly runDir: string;
  readonly nginx: Nginx;
  readonly build: Build;
}

export async function besideNginx(
  flags: Arguments<'controller'>,
  capabilities: Capabilities,
  http3Obstacle: string | null,
  identity: Pick<Identity, 'api' | 'namespace' | 'pod' | 'zone'>,
  log: Log,
): Promise<BesideNginx> {
  const runDir = path.resolve(flags.runDir);
  await mkdir(path.join(runDir, 'controller'), { recursive: true });
  await linkCode(runDir);
  const { maxDrainingWorkers: most, httpListenPort, httpsListenPort, statusPort } = flags;
  const nginx = createSidecarNginx({
    runDir,
    capabilities,
    log: (text) => log.warn(text),
    // A value less than one selects the driver's default.
    ...(most >= 1 && { maxDrainingWorkers: Math.floor(most) }),
  });
  const certificate = await fallbackCertificate(path.join(runDir, 'controller', 'fallback.pem'));
  const { zone } = identity;
  const measures = measuresOf(flags);
  const site = {
    ...thisMachine(capabilities, runDir, certificate, http3Obstacle, await processors()),
    ownPod: ownPodOf(flags, identity),
    apiServer: apiServerAt(identity.api.server),
    reservedPorts: portsOfFlags(flags),
    ...(zone !== undefined && { zone }),
    ...(measures !== undefined && { measures }),
  };
  const options = renderOptions(flags, site);
  const inContainer: RenderOptions = { ...options, httpListenPort, httpsListenPort, statusPort, logs: 'container' };
  const render = await loadRender(flags, inContainer, (text) => log.warn(text));
  return { runDir, nginx, build: buildWith(flags, site, () => render) };
}

/** Minimum time between two reloads, in milliseconds; 0 for no minimum. */
export function spacingMs({ syncRateLimit: perSecond }: Arguments<'controller'>): number {
  return perSecond <= 0 ? 0 : Math.round(1000 / perSecond);
}
