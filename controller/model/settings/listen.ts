/** The addresses and protocols on which NGINX accepts requests. */
import type { ListenPlan } from '../../types/plan.ts';
import type { Settings } from './settings.ts';
import { familyOf } from '../values/addresses.ts';

/**
 * If any address is set, even of one family only, requests are accepted on the set addresses alone: an administrator
 * who sets an address does not want NGINX to be reachable on others.
 */
export function listenPlan(settings: Settings): ListenPlan {
  const of = (family: 'ipv4' | 'ipv6') => {
    const own = settings[`bind-address-${family}`];
    return own.length > 0 ? own : settings['bind-address'].filter((address) => familyOf(address) === family);
  };
  const ipv6 = !settings['disable-ipv6'];
  const named = [...of('ipv4'), ...of('ipv6')];
  return {
    proxyProtocol: settings['use-proxy-protocol'],
    addresses: named.length === 0 ? null : named.filter((address) => ipv6 || familyOf(address) === 'ipv4'),
    ipv6,
  };
}
