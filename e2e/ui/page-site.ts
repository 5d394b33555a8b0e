/** A site in which every part of the page has something to show, and `tidegate up` that serves it. */
import { startBackends } from '../backends/start.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from '../behaviour/site.ts';
import { issue, issueExpired } from '../certificates.ts';
import { requestOnce } from '../client/connection.ts';
import { type Instance, startInstance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import { freePort } from '../runner/port.ts';
import { secretOf } from '../runner/secrets.ts';

export interface PageSite {
  readonly instance: Instance;
  readonly url: string;
  /** The port of the service `shop`, to write more of its endpoints. */
  readonly podPort: number;
  /** Sends requests that are served, and some that fail. */
  readonly sendRequests: (rounds: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A canary of the host `shop`. */
function canary() {
  const annotations = { canary: 'true', 'canary-weight': '20', 'canary-by-header': 'X-Next' };
  const ingress = ingressOf('shop-next', 'next', { annotations });
  const [rule] = (ingress['spec'] as { rules: { host: string }[] }).rules;
  if (rule !== undefined) rule.host = hostOf('shop');
  return ingress;
}

export async function startPageSite(): Promise<PageSite> {
  const backends = await startBackends();
  const podPort = backends.ports.http;
  const port = await freePort();
  const instance = await startInstance(
    {
      'shop.yaml': [
        ingressOf('shop', 'shop', { tls: 'shop-pair', annotations: { 'ssl-redirect': 'false', 'limit-rps': '500' } }),
        canary(),
        ...podsOf('shop', takeAddresses(3), podPort),
        ...podsOf('next', takeAddresses(1), podPort),
        placeIn(NAMESPACE, secretOf('shop-pair', await issue([hostOf('shop')]))),
      ],
      'old.yaml': [
        ingressOf('old', 'shop', { tls: 'old-pair' }),
        placeIn(NAMESPACE, secretOf('old-pair', await issueExpired([hostOf('old')]))),
      ],
      'gone.yaml': [ingressOf('gone')],
      'closed.yaml': [ingressOf('closed', 'shop', { annotations: { 'auth-tls-secret': `${NAMESPACE}/missing` } })],
      'typo.yaml': [ingressOf('typo', 'shop', { path: '/upload', annotations: { 'proxy-body-size': 'lots' } })],
      'moved.yaml': [ingressOf('moved', 'shop', { annotations: { 'permanent-redirect': 'https://example.com/new' } })],
    },
    { args: ['--inspection-port', `${port}`] },
  );
  const sendRequests = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      await requestOnce({ port: instance.httpPort, host: hostOf('shop'), path: '/cart' });
      if (round % 5 === 0) await requestOnce({ port: instance.httpPort, host: hostOf('gone'), path: '/' });
      if (round % 9 === 0) await requestOnce({ port: instance.httpPort, host: 'unknown.test', path: '/' });
    }
  };
  return {
    instance,
    url: `http://127.0.0.1:${port}/`,
    podPort,
    sendRequests,
    stop: async () => {
      await instance.dispose();
      await backends.stop();
    },
  };
}
