/** Names for completion. */
import type { Plan } from '../../types/plan.ts';
import { namespaceOf } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import type { NamesAnswer } from '../schema/pages.ts';

const MOST = 10_000;
const STRIDE = 256;

export function* namesAnswer(plan: Plan): Steps<NamesAnswer> {
  const hosts: string[] = [];
  for (const { host } of plan.static.hosts.values()) {
    if (hosts.length === MOST) break;
    if (host !== '') hosts.push(host);
    if (hosts.length % STRIDE === 0) yield;
  }
  const namespaces = new Set<string>();
  for (const key of plan.ingresses) namespaces.add(namespaceOf(key));
  return { hosts, namespaces: [...namespaces].sort() };
}
