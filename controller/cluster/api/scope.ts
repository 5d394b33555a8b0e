/**
 * Watches all objects of some kinds: in all namespaces, in one namespace, or in the namespaces that a selector matches.
 */
import type { V1IngressLoadBalancerIngress } from '@kubernetes/client-node';
import type { Kind, ObjectKey } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../manifests/check/endpoint-slice.ts';
import type { ApiConnection } from './connection.ts';
import { createFeed } from './feed.ts';
import type { FeedOptions } from './feed.ts';
import type { ObjectStore } from './object-store.ts';
import { startReflector } from './reflector.ts';
import type { Reflector } from './reflector.ts';
import type { Selection } from './resources.ts';
import type { Tuning } from './tuning.ts';

export interface ScopeOptions {
  readonly connection: ApiConnection;
  readonly tuning: Tuning;
  readonly store: ObjectStore;
  readonly watchNamespace: string | undefined;
  readonly watchNamespaceSelector: string | undefined;
  /** Whether all Namespaces are watched if there is no selector. */
  readonly namespaces: boolean;
  readonly services: ReadonlySet<ObjectKey>;
  /** Updated in place when the status of an Ingress changes. */
  readonly statuses: Map<ObjectKey, readonly V1IngressLoadBalancerIngress[]>;
  readonly onChange: () => void;
  readonly onState: () => void;
}

/**
 * Starts the reflectors. With a namespace selector, all namespaces are watched, and the store leaves objects of other
 * namespaces out of the Snapshot. A namespace that starts to match is therefore available at once, and 1,000 matching
 * namespaces do not need 3,000 watches.
 */
export function startScope(options: ScopeOptions): readonly Reflector[] {
  const { watchNamespace, watchNamespaceSelector, namespaces, services, statuses } = options;
  const where = watchNamespace === undefined ? {} : { namespace: watchNamespace };
  const inside = (key: ObjectKey) => watchNamespace === undefined || key.startsWith(`${watchNamespace}/`);
  const whole = (kind: Kind, seen?: FeedOptions['seen']) => start(options, { kind, ...where }, inside, { seen });
  const reflectors = [
    whole('Ingress', ({ key, addresses }, present) => {
      if (present) statuses.set(key, addresses);
      else statuses.delete(key);
    }),
    whole('Service'),
    whole('EndpointSlice'),
    // IngressClasses are cluster-scoped. An installation for one namespace may not have permission to read them.
    start(options, { kind: 'IngressClass' }, () => true, { mayBeForbidden: watchNamespace !== undefined }),
  ];
  if (watchNamespaceSelector !== undefined)
    reflectors.push(start(options, { kind: 'Namespace', labelSelector: watchNamespaceSelector }, () => true));
  else if (namespaces) reflectors.push(start(options, { kind: 'Namespace' }, () => true));
  for (const service of services) if (!inside(service)) reflectors.push(...startService(options, service));
  return reflectors;
}

/** Watches one Service outside the watched namespace, and its EndpointSlices. */
function startService(options: ScopeOptions, service: ObjectKey): Reflector[] {
  const [namespace = '', name = ''] = service.split('/');
  const mine: FeedOptions['covers'] = (_key, { metadata }) =>
    metadata?.namespace === namespace && metadata.labels?.[SERVICE_NAME_LABEL] === name;
  const named = { kind: 'Service', namespace, fieldSelector: `metadata.name=${name}` } as const;
  const labelled = { kind: 'EndpointSlice', namespace, labelSelector: `${SERVICE_NAME_LABEL}=${name}` } as const;
  return [
    start(options, named, (key) => key === service, { mayBeForbidden: true }),
    start(options, labelled, mine, { mayBeForbidden: true }),
  ];
}

function start(
  { connection, tuning, store, onChange, onState }: ScopeOptions,
  selection: Selection,
  covers: FeedOptions['covers'],
  { seen, mayBeForbidden = false }: { readonly seen?: FeedOptions['seen']; readonly mayBeForbidden?: boolean } = {},
): Reflector {
  const feed = createFeed({ store, kind: selection.kind, covers, onChange, ...(seen === undefined ? {} : { seen }) });
  return startReflector({ connection, tuning, selection, feed, mayBeForbidden, onState });
}
