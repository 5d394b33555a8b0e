/** Runs the chart's Pod on this machine: its volumes, its service account, and two containers of the image. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator } from '../apiserver/emulator.ts';
import { freePort } from '../runner/port.ts';
import { startContainer } from './container.ts';
import type { Container, Mount } from './container.ts';
import type { Image } from './image.ts';

export interface Pod {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly statusPort: number;
  /** The folder on this machine that contains the volumes conf, run and controller, like a run directory. */
  readonly volumes: string;
  startNginx(): Promise<Container>;
  startController(): Promise<Container>;
  dispose(): Promise<void>;
}

const RUN = '/run/tidegate';
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Creates the volumes in memory, owned by root and world-writable, as the kubelet creates volumes without an fsGroup.
 * `more`: flags of the controller in addition to those of every Pod.
 */
export async function createPod(
  image: Image,
  emulator: Emulator,
  more: Readonly<Record<string, string | number | true>> = {},
): Promise<Pod> {
  const volumes = mkdtempSync('/dev/shm/tidegate-pod-');
  chmodSync(volumes, 0o755);
  for (const name of ['conf', 'run', 'controller', 'token']) {
    mkdirSync(join(volumes, name));
    chmodSync(join(volumes, name), 0o777);
  }
  const files = { token: emulator.token, 'ca.crt': emulator.ca, namespace: 'ingress-nginx' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(volumes, 'token', name), text ?? '');
  const [httpPort, httpsPort, statusPort, healthPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const flags = {
    'http-port': httpPort,
    'https-port': httpsPort,
    'http-listen-port': httpPort,
    'https-listen-port': httpsPort,
    'status-port': statusPort,
    'healthz-port': healthPort,
    'healthz-host': '127.0.0.1',
    'allow-addresses': '127.0.0.0/8',
    'watch-ingress-without-class': true,
    'publish-status-address': '192.0.2.1',
    'log-format': 'text',
    ...more,
  };
  const environment = [`KUBERNETES_SERVICE_HOST=127.0.0.1`, `KUBERNETES_SERVICE_PORT=${emulator.port}`];
  const containers: Container[] = [];

  function volume(mode: Mount['mode'], name: string): Mount {
    return { mode, from: join(volumes, name), to: `${RUN}/${name}` };
  }
  async function start(command: readonly string[], mounts: readonly Mount[]): Promise<Container> {
    const container = await startContainer({ rootfs: image.rootfs, uid: image.uid, mounts, command });
    containers.push(container);
    return container;
  }
  return {
    httpPort,
    httpsPort,
    statusPort,
    volumes,
    startNginx: () =>
      start(['/opt/tidegate/nginx/start.sh', '--wait', RUN], [volume('ro', 'conf'), volume('rw', 'run')]),
    startController: () =>
      start(
        [
          'env',
          ...environment,
          ...image.config.Entrypoint,
          'controller',
          ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
        ],
        [
          volume('rw', 'conf'),
          volume('ro', 'run'),
          volume('rw', 'controller'),
          { mode: 'ro', from: join(volumes, 'token'), to: SERVICE_ACCOUNT },
        ],
      ),
    async dispose() {
      for (const container of containers) await container.dispose();
      rmSync(volumes, { recursive: true, force: true });
    },
  };
}
