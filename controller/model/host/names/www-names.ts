/** Names that from-to-www-redirect adds: `www.example.com` for the host `example.com`, and the reverse. */
import type { Problem } from '../../../types/problem.ts';
import type { HostOwners } from '../../contract/host-owners.ts';
import { annotationField } from '../../features/annotations.ts';
import type { Group } from '../groups.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import { isHostname } from '../../values/names.ts';
import { notOwnedName } from './owned-names.ts';

/** The host with `www.` added or removed; undefined for wildcards and the catch-all host. */
function otherName(host: string): string | undefined {
  const name = host.startsWith('www.') ? host.slice('www.'.length) : `www.${host}`;
  return host !== '' && isHostname(name) ? name : undefined;
}

/**
 * Host → the name that is redirected to it. A name that is itself the host of an Ingress is not redirected. `groups`:
 * in the order of hosts.
 */
export function nameWww(
  groups: readonly Group[],
  isHost: (name: string) => boolean,
  owners: HostOwners,
  problems: Problem[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { host, fromWww } of groups) {
    if (fromWww === undefined) continue;
    const name = otherName(host);
    const reason =
      name === undefined
        ? `${host === '' ? 'a rule without a host' : host} has no counterpart with or without www.`
        : isHost(name)
          ? `${name} is the host of an Ingress, which takes precedence`
          : taken.has(name)
            ? `${name} is already redirected to another host`
            : undefined;
    const notOwned = name === undefined ? undefined : notOwnedName(fromWww, 'from-to-www-redirect', name, owners);
    if (reason !== undefined) problems.push(leftOut(fromWww, host, reason));
    else if (notOwned !== undefined) problems.push(notOwned);
    else if (name !== undefined) names.set(host, name);
    if (name !== undefined && notOwned === undefined) taken.add(name);
  }
  return names;
}

function leftOut(model: IngressModel, host: string, reason: string): Problem {
  return {
    code: 'www-redirect-left-out',
    severity: 'notice',
    effect: 'ignored-key',
    object: model.ref,
    field: annotationField(`${model.prefix}/from-to-www-redirect`),
    value: host,
    message: `from-to-www-redirect is left out: ${reason}`,
  };
}
