/** All hosts, one after the other. */
import { type Fault, faultOf } from '../../types/fault.ts';
import type { Steps } from '../../types/steps.ts';
import type { Group, Groups } from './groups.ts';
import { type HostResult, hostResult } from './host-result.ts';
import { type HostRules, sameForAll } from './host-rules.ts';
import { ingressRef } from '../contract/object-ref.ts';

export interface Results {
  /** In the order of hosts. */
  readonly list: readonly HostResult[];
  /** What was in the list of the build before and is not in this one, and the other way round. */
  readonly gone: readonly HostResult[];
  readonly come: readonly HostResult[];
  /** Of hosts that are not in the list, because planning them failed. */
  readonly faults: readonly Fault[];
}

export const NO_RESULTS: Results = { list: [], gone: [], come: [], faults: [] };

const STRIDE = 128;

/** `rules` and `before`: of this build and of the one that `results` are of. */
// oxlint-disable-next-line eslint/complexity -- one pass with pauses: each part taken out would be a generator of its own
export function* planHosts(
  groups: Groups,
  rules: HostRules,
  results: Results,
  before: HostRules | undefined,
): Steps<Results> {
  const [list, gone, come]: [HostResult[], HostResult[], HostResult[]] = [[], [], []];
  const faults: Fault[] = [];
  const old = results.list;
  let at = 0;
  /** Nothing can have changed for a host of which the Ingresses did not; known once the wildcard hosts are through. */
  let calm: boolean | undefined;
  for (const group of groups) {
    for (let was = old[at]; was !== undefined && was.group !== group && was.group.host < group.host; was = old[at]) {
      gone.push(was);
      at += 1;
    }
    const was = old[at]?.group.host === group.host ? old[at] : undefined;
    if (was !== undefined) at += 1;
    if (isPlain(group)) calm ??= before !== undefined && sameForAll(rules, before);
    const holds = calm === true && was?.group === group && isPlain(group);
    const result = holds ? was : yield* planOrFail(group, rules, was, faults);
    if (result !== undefined) list.push(result);
    if (result !== was) {
      if (was !== undefined) gone.push(was);
      if (result !== undefined) come.push(result);
    }
    if (result !== was || list.length % STRIDE === 0) yield;
  }
  for (const was of old.slice(at)) gone.push(was);
  return { list, gone, come, faults };
}

/** Undefined where planning it fails, which is a fault of ours. */
function* planOrFail(
  group: Group,
  rules: HostRules,
  was: HostResult | undefined,
  faults: Fault[],
): Steps<HostResult | undefined> {
  try {
    return yield* hostResult(group, rules, was);
  } catch (error) {
    faults.push(
      faultOf(
        error,
        group.members.map(({ ingress }) => ingressRef(ingress)),
      ),
    );
    return undefined;
  }
}

/** A host whose names are its own matter, and take none that could be somebody's, and which gives others no certificate. */
function isPlain({ host, aliased, fromWww }: Group): boolean {
  return aliased === undefined && fromWww === undefined && host !== '' && !host.startsWith('*.');
}
