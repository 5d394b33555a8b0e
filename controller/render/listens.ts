/** The addresses that server blocks listen on. */
import { socketAddress, word } from '../types/conf-value.ts';
import type { StaticPlan } from '../types/plan.ts';
import type { RenderOptions } from './options.ts';

type Listening = Pick<StaticPlan, 'listen' | 'http2'>;

/** All addresses of both families; null is all of IPv4. */
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

/** The given addresses, in the notation of `everyAddress`; `0.0.0.0` and `::` stand for all of their family. */
function namedAddresses(addresses: readonly string[], { capabilities }: RenderOptions): readonly (string | null)[] {
  const there = addresses.filter((address) => capabilities.ipv6 || !address.includes(':'));
  // A block without `listen` would listen on port 80 of all addresses.
  if (there.length === 0) return ['127.0.0.1'];
  return there.map((address) => (address === '0.0.0.0' ? null : address));
}

/** In every server block: nginx requires them to agree about an address. */
export function listens(plan: Listening, options: RenderOptions) {
  const { addresses } = plan.listen;
  const all = addresses === null ? everyAddress(plan, options) : namedAddresses(addresses, options);
  return listensOn(all, plan, options);
}

/**
 * All other addresses, if some are named. nginx binds all of them and checks which one a connection arrived at: it
 * could neither bind one while it has all, nor all while it has one, and would reject every reload from then on.
 */
export function otherAddresses(plan: Listening, options: RenderOptions) {
  const { addresses } = plan.listen;
  if (addresses === null) return [];
  const named = new Set(namedAddresses(addresses, options));
  return listensOn(
    everyAddress(plan, options).filter((address) => !named.has(address)),
    plan,
    options,
  );
}
