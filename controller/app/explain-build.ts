/** Explains single requests from a build: combines the model's knowledge with `explain/`. */
import type { V1Ingress } from '@kubernetes/client-node';
import { explain } from '../explain/explain.ts';
import type { ExplainInput } from '../explain/explain-input.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { ExplainedRequest } from '../explain/request.ts';
import { settingOrigins } from '../model/ingress/setting-origins.ts';
import type { ObjectRef } from '../types/problem.ts';
import type { Build, Built } from './build.ts';
import { keyOfRef } from './trials.ts';

/** What NGINX is configured with besides the Plan. */
export type ExplainedFront = Pick<ExplainInput, 'ports' | 'strictAccess'>;

/**
 * Returns a function that explains requests. Nothing is computed until that function is called, and the build stays in
 * memory as long as the function does. `endpointsOf` may know newer endpoints than the build.
 */
export function explainBuild(
  { plan, problems, snapshot, overrides, faults }: Built,
  { options }: Pick<Build, 'options'>,
  front: ExplainedFront,
  endpointsOf: ExplainInput['endpointsOf'] = (key) => plan.live.backends.get(key)?.endpoints ?? [],
): (request: ExplainedRequest) => Explanation {
  /** The version of an Ingress that is in force. */
  const inForce = (ref: ObjectRef): V1Ingress | undefined => {
    const key = keyOfRef(ref);
    const left = faults.get(key)?.entry ?? overrides.quarantine.get(key);
    return left?.lastGood ?? snapshot.Ingress.get(key);
  };
  const originsOf: ExplainInput['originsOf'] = (ref, owners) => {
    const all = { ...options, ...overrides };
    const of = (each: ObjectRef, scope: 'location' | 'host') => {
      const ingress = inForce(each);
      return ingress === undefined ? [] : settingOrigins(ingress, scope, snapshot, all);
    };
    return [...of(ref, 'location'), ...owners.flatMap((owner) => of(owner, 'host'))];
  };
  const names = new Set(plan.externalNames);
  const dnsNameOf: ExplainInput['dnsNameOf'] = (backend) => {
    const [namespace = '', service = ''] = backend.split('/');
    const written = namespace.startsWith('-')
      ? service
      : snapshot.Service.get(`${namespace}/${service}`)?.spec?.externalName;
    const name = written?.toLowerCase().replace(/\.$/, '');
    return name !== undefined && names.has(name) ? name : undefined;
  };
  const hostOfRule: ExplainInput['hostOfRule'] = (ref, rule) => inForce(ref)?.spec?.rules?.[rule]?.host ?? '';
  return (request) => explain({ plan, endpointsOf, problems, ...front, hostOfRule, dnsNameOf, originsOf }, request);
}
