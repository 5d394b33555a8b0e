/** Handles scenarios with requests to IPv6 addresses on a machine without IPv6; many containers have none. */
import { networkInterfaces } from 'node:os';
import type { RequestSpec, Scenario } from './scenario.ts';

/** Whether a network interface of this machine has an IPv6 address. */
export function hasIpv6(interfaces = networkInterfaces()): boolean {
  return Object.values(interfaces).some((addresses) => addresses?.some(({ family }) => family === 'IPv6') === true);
}

function asksIpv6({ address }: RequestSpec): boolean {
  return address?.includes(':') === true;
}

/** The requests that can be sent on this machine. */
export function possible(requests: readonly RequestSpec[], ipv6: boolean): readonly RequestSpec[] {
  return ipv6 ? requests : requests.filter((request) => !asksIpv6(request));
}

/** Whether a scenario can prove its keys on this machine. If its IPv6 requests are skipped, its control might pass. */
export function canProve({ requests }: Pick<Scenario, 'requests'>, ipv6: boolean): boolean {
  return ipv6 || !requests.some(asksIpv6);
}
