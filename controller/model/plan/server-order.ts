/**
 * The order of server blocks in nginx.conf: the default server, wildcard hosts, hosts with alias patterns, then others.
 */
import type { HostPlan } from '../../types/plan.ts';
import { isServed } from '../host/groups.ts';
import type { HostResult } from '../host/host-result.ts';

/** Server blocks of one host with their sort keys. The last word of a key is the first server name of the block. */
export function blocksOf({ group, output: { plan, www } }: HostResult): readonly (readonly [string, HostPlan])[] {
  const own = isServed(group) ? [[`${rankOf(group.host, plan)} ${firstName(plan)}`, plan] as const] : [];
  // The key of the block that redirects to or from `www.` sorts after the block to which it redirects.
  return www === undefined ? own : [...own, [`${RANKS.plain} ${group.host} ${firstName(www)}`, www]];
}

/** nginx tries server names that are regular expressions in the order of the file: see host/names/server-names.ts. */
const RANKS = { default: 0, wildcard: 1, pattern: 2, plain: 3 } as const;

function rankOf(host: string, plan: HostPlan): number {
  if (plan.isDefault) return RANKS.default;
  if (plan.names.length === 1) return host.startsWith('*.') ? RANKS.wildcard : RANKS.plain;
  return plan.names.some(({ kind }) => kind === 'regex') ? RANKS.pattern : RANKS.plain;
}

function firstName({ names }: HostPlan): string {
  return names[0]?.text ?? '';
}
