/** What becomes of scenarios that ask addresses of IPv6 on a machine that has none, as many containers are. */
import { networkInterfaces } from 'node:os';
import type { RequestSpec, Scenario } from './scenario.ts';

/** Whether the machine has an address of IPv6; the controller looks at the kernel's list of them. */
export function hasIpv6(interfaces = networkInterfaces()): boolean {
  return Object.values(interfaces).some((addresses) => addresses?.some(({ family }) => family === 'IPv6') === true);
}

function asksIpv6({ address }: RequestSpec): boolean {
  return address?.includes(':') === true;
}

/** What of these requests can be sent here. */
export function possible(requests: readonly RequestSpec[], ipv6: boolean): readonly RequestSpec[] {
  return ipv6 ? requests : requests.filter((request) => !asksIpv6(request));
}

/** Whether a scenario proves its keys here: without the requests to IPv6 its control may hold as well. */
export function canProve({ requests }: Pick<Scenario, 'requests'>, ipv6: boolean): boolean {
  return ipv6 || !requests.some(asksIpv6);
}
