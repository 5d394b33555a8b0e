/** Handles scenarios with requests to IPv6 addresses on a machine without IPv6, as many containers are. */
import { networkInterfaces } from 'node:os';
import type { RequestSpec, Scenario } from './scenario.ts';

/** Whether the machine has an IPv6 address; the controller looks at the kernel's list of them. */
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

/** Whether a scenario proves its keys here: without its IPv6 requests, its control might pass, too. */
export function canProve({ requests }: Pick<Scenario, 'requests'>, ipv6: boolean): boolean {
  return ipv6 || !requests.some(asksIpv6);
}
