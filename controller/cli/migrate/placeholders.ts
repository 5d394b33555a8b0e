/** Stands in for Secrets whose content is not known, so that a build treats them as usable. */
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import { createPair } from '../../app/fallback-certificate.ts';
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';

/** A user without a usable password. */
const HASH = '{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=';

/** The Secrets that are read as `auth-map`, in which each key is the name of a user. */
function userMaps(ingresses: Iterable<V1Ingress>, prefix: string): ReadonlySet<ObjectKey> {
  const found = new Set<ObjectKey>();
  for (const { metadata: { namespace = '', annotations = {} } = {} } of ingresses) {
    const secret = annotations[`${prefix}/auth-secret`];
    if (annotations[`${prefix}/auth-secret-type`] === 'auth-map' && secret !== undefined)
      found.add(secret.includes('/') ? secret : `${namespace}/${secret}`);
  }
  return found;
}

function encoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}

/**
 * Adds Secrets to a Snapshot: those of `wanted` that exist, or of which that is not known, but whose content was not
 * read. Returns their keys.
 */
export async function withPlaceholders(
  snapshot: Snapshot,
  wanted: Iterable<ObjectKey>,
  existing: ReadonlySet<ObjectKey> | undefined,
  prefix: string,
): Promise<{ readonly snapshot: Snapshot; readonly added: ReadonlySet<ObjectKey> }> {
  const { chain, key } = await createPair();
  const usable = encoded({ 'tls.crt': chain, 'tls.key': key, 'ca.crt': chain, auth: `user:${HASH}\n` });
  const users = encoded({ user: HASH });
  const maps = userMaps(snapshot.Ingress.values(), prefix);
  const secrets = new Map<ObjectKey, V1Secret>(snapshot.Secret);
  const added = new Set<ObjectKey>();
  for (const each of wanted) {
    const content = { ...secrets.get(each)?.data };
    if (Object.keys(content).length > 0 || existing?.has(each) === false) continue;
    const [namespace = '', name = ''] = each.split('/');
    secrets.set(each, { metadata: { namespace, name }, data: maps.has(each) ? users : usable });
    added.add(each);
  }
  return { snapshot: { ...snapshot, Secret: secrets }, added };
}

/** Codes of Problems that depend on the content of a certificate. */
const OF_CONTENT = /^(?:certificate-|alias-certificate$|incomplete-chain$|chain-order$|ssl-dh-param$)/;

/** Whether a Problem may be about the content of a placeholder. */
export function mayBeOfPlaceholder({ code, object }: Problem, added: ReadonlySet<ObjectKey>): boolean {
  if (added.size === 0) return false;
  if (OF_CONTENT.test(code)) return true;
  return object?.kind === 'Secret' && added.has(`${object.namespace}/${object.name}`);
}
