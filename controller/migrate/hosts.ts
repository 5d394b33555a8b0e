/** Effects that Ingresses have on others of the same host. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { ObjectRef, Problem } from '../types/problem.ts';
import { CONFLICT_CODE } from '../types/denial.ts';
import { ingressRef, keyOf } from '../model/contract/object-ref.ts';
import type { Duplicate, MigrationReport, RegexHost } from './report.ts';
import { isEffective, type World } from './world.ts';

/** The host of the rule that a Problem is about. */
function hostOf({ field: [first, rules, rule] = [] }: Problem, ingress: V1Ingress | undefined): string {
  if (first !== 'spec' || rules !== 'rules' || typeof rule !== 'number') return '';
  return ingress?.spec?.rules?.[rule]?.host?.toLowerCase() ?? '';
}

function isPattern(ingress: V1Ingress, prefix: string): boolean {
  return isEffective(ingress, prefix, 'use-regex') || isEffective(ingress, prefix, 'rewrite-target');
}

/** `hosts` of a report, from the Problems `wider-path` and `path-conflict` of a build. */
export function judgeHosts(problems: readonly Problem[], world: World): MigrationReport['hosts'] {
  const { served, ofHost, options } = world;
  const wider = new Map<string, ObjectRef[]>();
  const duplicates: Duplicate[] = [];
  for (const problem of problems) {
    const { code, object, winner, value = '', message } = problem;
    const ingress = object === undefined ? undefined : served.get(keyOf(object));
    if (object === undefined || ingress === undefined) continue;
    const host = hostOf(problem, ingress);
    if (code === 'wider-path') wider.set(host, [...(wider.get(host) ?? []), object]);
    if (code === CONFLICT_CODE && winner !== undefined)
      duplicates.push({ host, path: value, winner, loser: object, text: message });
  }
  const regex = [...ofHost].flatMap(([host, keys]): RegexHost[] => {
    const ingresses = keys.flatMap((key) => served.get(key) ?? []);
    const because = ingresses.filter((each) => isPattern(each, options.annotationsPrefix)).map(ingressRef);
    return because.length === 0 ? [] : [{ host, because, wider: wider.get(host) ?? [] }];
  });
  return { regex, duplicates };
}
