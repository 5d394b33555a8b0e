/** Starts an instance with the hosts of the protocol tests, and their backends, most of which run in this process. */
import { startInstance } from '../../runner/instance.ts';
import type { Instance } from '../../runner/instance.ts';
import type { KubernetesObject } from '../../runner/object.ts';
import { ingressOf, podsOf } from '../site.ts';
import { startFileServer } from './file-server.ts';
import type { FileServer } from './file-server.ts';
import { startGrpcOrigin } from './grpc-origin.ts';
import type { GrpcOrigin } from './grpc-origin.ts';
import { startOrigin } from './origin.ts';
import type { Origin } from './origin.ts';

export interface Stage {
  readonly instance: Instance;
  readonly origin: Origin;
  readonly grpc: GrpcOrigin;
  readonly files: FileServer;
  stop(): Promise<void>;
}

const POD = ['127.0.0.1'];
/** A port that nothing listens on. */
const DEAD_PORT = 9;
const GRPC = { 'backend-protocol': 'GRPC' };

/** Starts the backends and the instance. The name of a host is that of its Ingress, followed by `.example.test`. */
export async function startStage(): Promise<Stage> {
  const [origin, grpc, files] = await Promise.all([startOrigin(), startGrpcOrigin(), startFileServer()]);
  async function stop(): Promise<void> {
    await instance?.dispose();
    await Promise.all([origin.stop(), grpc.stop(), files.stop()]);
  }
  const objects: KubernetesObject[] = [
    ...podsOf('app', POD, origin.port),
    ...podsOf('grpc', POD, grpc.ports.h2c),
    ...podsOf('grpcs', POD, grpc.ports.h2),
    ...podsOf('files', POD, files.port),
    ...podsOf('dead', POD, DEAD_PORT),
    ...podsOf('nobody', [], grpc.ports.h2c),
    ingressOf('app'),
    ingressOf('denied', 'app', { annotations: { 'whitelist-source-range': '10.0.0.0/8' } }),
    ingressOf('buffered', 'app', { annotations: { 'proxy-buffering': 'on' } }),
    ingressOf('files'),
    ingressOf('grpc', 'grpc', { annotations: GRPC }),
    ingressOf('grpcs', 'grpcs', { annotations: { 'backend-protocol': 'GRPCS' } }),
    ingressOf('grpc-dead', 'dead', { annotations: GRPC }),
    ingressOf('grpc-nobody', 'nobody', { annotations: GRPC }),
    ingressOf('grpc-denied', 'grpc', { annotations: { ...GRPC, 'whitelist-source-range': '10.0.0.0/8' } }),
    ingressOf('grpc-slow', 'grpc', { annotations: { ...GRPC, 'proxy-read-timeout': '1' } }),
  ];
  let instance: Instance | undefined;
  try {
    instance = await startInstance({ 'all.yaml': objects });
    return { instance, origin, grpc, files, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
