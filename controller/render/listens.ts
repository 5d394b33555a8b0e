/** The addresses that server blocks listen on. */
import { socketAddress, word } from '../types/conf-value.ts';
import type { StaticPlan } from '../types/plan.ts';
import type { RenderOptions } from './options.ts';

type Listening = Pick<StaticPlan, 'listen' | 'http2'>;

/** All there are of both families; null is all of IPv4. */
function everyAddress({ listen }: Listening, { capabilities }: RenderOptions): readonly (string | null)[] {
  return listen.ipv6 && capabilities.ipv6 ? [null, '::'] : [null];
}

function listensOn(addresses: readonly (string | null)[], plan: Listening, options: RenderOptions) {
  const proxy = plan.listen.proxyProtocol ? [word('proxy_protocol')] : [];
  const http2 = plan.http2 && !options.capabilities.http2Directive ? [word('http2')] : [];
  const { httpPort, httpsPort, httpListenPort = httpPort, httpsListenPort = httpsPort } = options;
  return addresses.flatMap((address) => [
    { address: socketAddress(address, httpListenPort), parameters: proxy },
    { address: socketAddress(address, httpsListenPort), parameters: [word('ssl'), ...http2, ...proxy] },
  ]);
}

/** What every server block says: nginx wants them to agree about an address. */
export function listens(plan: Listening, options: RenderOptions) {
  const { addresses } = plan.listen;
  if (addresses === null) return listensOn(everyAddress(plan, options), plan, options);
  const there = addresses.filter((address) => options.capabilities.ipv6 || !address.includes(':'));
  // A block without any would be one on port 80 of all addresses.
  return listensOn(there.length === 0 ? ['127.0.0.1'] : there, plan, options);
}

/**
 * All other addresses, where some are named. nginx binds all of them and looks which one a connection came to: it could
 * neither bind one while it has all, nor all while it has one, and would refuse every reload from then on.
 */
export function otherAddresses(plan: Listening, options: RenderOptions) {
  return plan.listen.addresses === null ? [] : listensOn(everyAddress(plan, options), plan, options);
}
