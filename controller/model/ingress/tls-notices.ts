/** Problems of `spec.tls`: names without a rule, names that cannot have a certificate, and too many names. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { FieldPath, ObjectRef, Problem } from '../../types/problem.ts';
import { countOf } from '../../types/left-out.ts';
import type { HostContribution } from '../features/annotation.ts';
import type { Bounds } from '../contract/bounds.ts';
import { mostTlsNames, tlsNamesLeftOut } from './within-bounds.ts';

export function tooManyTlsNames(ingress: V1Ingress, object: ObjectRef, bounds: Bounds): Problem[] {
  const left = tlsNamesLeftOut(ingress);
  const most = mostTlsNames(bounds);
  if (left === 0) return [];
  return [
    {
      code: 'bound-exceeded',
      severity: 'error',
      effect: 'default-certificate',
      object,
      field: ['spec', 'tls'],
      message:
        `spec.tls has ${most + left} names, more than ${most}, which is twice --max-ingress-hosts ` +
        `(${bounds.ingressHosts}); the names listed first are used; the others are not`,
    },
  ];
}

/**
 * Reports that names which match a pattern in `server-alias` get the default certificate: certificates are looked up by
 * exact names and wildcard hosts. One Problem, for the first pattern of an Ingress that has a certificate.
 */
export function patternsOverTls(
  { spec }: V1Ingress,
  object: ObjectRef,
  { aliases = [] }: Pick<HostContribution, 'aliases'>,
  field: FieldPath,
): Problem[] {
  const pattern = aliases.find(isPattern);
  const secured = spec?.tls?.some(({ secretName = '' }) => secretName !== '') === true;
  if (pattern === undefined || !secured) return [];
  return [
    {
      code: 'alias-certificate',
      severity: 'notice',
      effect: 'default-certificate',
      object,
      field,
      value: pattern,
      message:
        `over TLS, names that match ${pattern} get the default certificate: certificates are found by exact names ` +
        'and wildcard hosts',
      example: 'a rule with the host "*.example.com", and the same name in spec.tls',
    },
  ];
}

function isPattern(alias: string): boolean {
  return alias.startsWith('~') || alias.startsWith('*');
}

/** Reports names in `spec.tls` that no rule of the Ingress has: one Problem for each entry of `spec.tls`. */
export function unruledTls(
  { spec }: V1Ingress,
  object: ObjectRef,
  { aliases = [], fromWww }: Pick<HostContribution, 'aliases' | 'fromWww'>,
): Problem[] {
  const rules = spec?.rules ?? [];
  // If rules were left out because they exceed the bounds, the names may belong to these rules.
  if (countOf(rules.at(-1)?.host ?? '') !== undefined) return [];
  const ruled = new Set(rules.map(({ host }) => host ?? ''));
  const parents = new Set([...ruled].map((host) => host.slice(host.indexOf('.') + 1)));
  const patterns = aliases.some(isPattern);
  const named = new Set([...ruled, ...aliases]);
  const isServed = (host: string): boolean =>
    named.has(host) ||
    // A certificate for a wildcard covers hosts with one more label.
    (host.startsWith('*.') && parents.has(host.slice(2))) ||
    (fromWww === true && (ruled.has(`www.${host}`) || ruled.has(host.replace(/^www\./, ''))));
  if (patterns) return [];
  return (spec?.tls ?? []).flatMap(({ hosts = [] }, index): Problem[] => {
    const lacking = hosts.filter((host) => countOf(host) === undefined && !isServed(host.toLowerCase()));
    const [first] = lacking;
    if (first === undefined) return [];
    const more = lacking.length - 1;
    return [
      {
        code: 'tls-host-without-rule',
        severity: 'notice',
        effect: 'none',
        object,
        field: ['spec', 'tls', index, 'hosts', hosts.indexOf(first)],
        value: first,
        message:
          `no rule of this Ingress has the host ${first}` +
          `${more === 0 ? '' : `, nor ${more} other ${more === 1 ? 'host' : 'hosts'} of this entry`}: the ` +
          `certificate is not used for ${more === 0 ? 'this host' : 'these hosts'}`,
        example: `spec.rules with host: ${first}`,
      },
    ];
  });
}
