/** Finds the server block that serves a name, as NGINX does. */
import type { HostPlan, Plan } from '../../types/plan.ts';
import type { Steps } from '../../types/steps.ts';
import type { ConfAnswer } from '../schema/pages.ts';

export interface FoundHost {
  readonly host: HostPlan;
  readonly match: ConfAnswer['match'];
}

/** How many hosts are examined in one step. */
const STRIDE = 64;

/**
 * The block with this name, or else the first one with a pattern that matches it, or else the block for all other
 * names. A host may also be given as written in Ingresses, such as `*.example.com`. Undefined if there are no blocks.
 */
export function* findHost(hosts: Plan['static']['hosts'], asked: string): Steps<FoundHost | undefined> {
  const name = asked.toLowerCase().replace(/\.$/, '');
  let pattern: HostPlan | undefined;
  let other: HostPlan | undefined;
  let count = 0;
  for (const host of hosts.values()) {
    if (host.names.some(({ kind, text }) => kind === 'exact' && text === name) || (name !== '' && host.host === name))
      return { host, match: 'name' };
    if (pattern === undefined && host.names.some(({ kind, text }) => kind === 'regex' && matches(text, name)))
      pattern = host;
    if (host.isDefault) other = host;
    count += 1;
    if (count % STRIDE === 0) yield;
  }
  if (pattern !== undefined) return { host: pattern, match: 'pattern' };
  return other === undefined ? undefined : { host: other, match: 'default' };
}

/**
 * Whether a pattern matches. The model accepts only patterns whose time is proportional to the length of the name. A
 * pattern that JavaScript does not understand (PCRE knows more syntax) does not match.
 */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(name);
  } catch {
    return false;
  }
}
