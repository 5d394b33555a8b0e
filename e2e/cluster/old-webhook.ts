/** Emulates the admission webhook of ingress-nginx: its certificate, and a server that admits every object. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { issue } from '../certificates.ts';
import type { KeyPair } from '../certificates.ts';
import { addClusterIp } from './cluster-ip.ts';

const NAME = 'ingress-nginx-admission';
const SERVICE = 'ingress-nginx-controller-admission';

export interface OldWebhook {
  /** How often the API server has called the webhook. */
  readonly asked: number;
  /** Does the work of the Job before an installation or upgrade: creates a certificate, unless there is one. */
  create(): Promise<void>;
  /**
   * Does the work of the Job after an installation or upgrade: writes the CA to the webhook's configuration. The
   * server responds from now on.
   */
  patch(): Promise<void>;
  /** Stops the server, as when the last Pod of ingress-nginx has stopped. */
  stop(): Promise<void>;
}

/**
 * The API server calls the cluster IP of the webhook's Service, which no proxy forwards in these tests. Therefore the
 * address is added to the loopback interface, which needs root and a separate network namespace.
 */
export function createOldWebhook(kubectl: Kubectl, namespace: string): OldWebhook {
  let authority: KeyPair | undefined;
  let pair: KeyPair | undefined;
  let server: Server | undefined;
  let asked = 0;

  async function listen(): Promise<void> {
    const address = await addClusterIp(kubectl, namespace, SERVICE);
    server = createServer({ ...pair }, (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        asked += 1;
        const { uid } = (JSON.parse(text) as { request: { uid: string } }).request;
        const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(review));
      });
    });
    server.listen(443, address);
    await once(server, 'listening');
  }
  async function stop(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    closing.closeAllConnections();
    closing.close();
    await once(closing, 'close');
  }
  return {
    get asked() {
      return asked;
    },
    async create() {
      authority ??= await issue(['Old Authority'], undefined, true);
      pair ??= await issue([`${SERVICE}.${namespace}.svc`], authority);
    },
    async patch() {
      const caBundle = Buffer.from(authority?.cert ?? '').toString('base64');
      const patch = JSON.stringify([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: caBundle }]);
      await kubectl.run(['patch', 'validatingwebhookconfiguration', NAME, '--type=json', '--patch', patch]);
      await stop();
      await listen();
    },
    stop,
  };
}
