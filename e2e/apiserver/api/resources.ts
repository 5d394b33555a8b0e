/** The kinds that the emulator supports, and the properties of each of them. */

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /**
   * Whether `status` is a subresource. Writes to the object then ignore the status, and writes to the status ignore
   * everything else.
   */
  readonly status: boolean;
  /** Whether a PUT without a resourceVersion is rejected. */
  readonly conditional: boolean;
  /** The fields that a field selector may contain, in addition to metadata.name and metadata.namespace. */
  readonly fields: readonly string[];
  /** The table of the store that contains the objects. Both API groups of Event share one table. */
  readonly table: string;
}

type Short = Partial<Resource> & Pick<Resource, 'kind' | 'plural'>;

function resource(group: string, short: Short): Resource {
  const defaults = { version: 'v1', shortNames: [], namespaced: true, status: false, conditional: false, fields: [] };
  return { ...defaults, group, singular: short.kind.toLowerCase(), table: short.plural, ...short };
}

const INVOLVED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
const EVENT_FIELDS = ['reason', 'type', 'reportingComponent', 'source'];

export const RESOURCES: readonly Resource[] = [
  resource('', {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    status: true,
    fields: ['status.phase'],
  }),
  resource('', {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    status: true,
    fields: ['spec.unschedulable'],
  }),
  resource('', {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    status: true,
    fields: ['spec.nodeName', 'status.phase', 'status.podIP'],
  }),
  resource('', {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    status: true,
    fields: ['spec.clusterIP', 'spec.type'],
  }),
  resource('', { kind: 'Secret', plural: 'secrets', fields: ['type'] }),
  resource('', { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] }),
  resource('', {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    fields: [...EVENT_FIELDS, ...INVOLVED.map((name) => `involvedObject.${name}`)],
  }),
  resource('apps', { kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], status: true }),
  resource('apps', { kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], status: true }),
  resource('autoscaling', {
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    status: true,
  }),
  resource('policy', {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    status: true,
  }),
  resource('networking.k8s.io', { kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'], status: true }),
  resource('networking.k8s.io', { kind: 'IngressClass', plural: 'ingressclasses', namespaced: false }),
  resource('discovery.k8s.io', { kind: 'EndpointSlice', plural: 'endpointslices' }),
  resource('admissionregistration.k8s.io', {
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  }),
  resource('coordination.k8s.io', { kind: 'Lease', plural: 'leases', conditional: true }),
  resource('events.k8s.io', {
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    fields: [...EVENT_FIELDS, ...INVOLVED.map((name) => `regarding.${name}`)],
  }),
];

/** The apiVersion of a resource, such as `v1` or `networking.k8s.io/v1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return RESOURCES.find((one) => one.group === group && one.version === version && one.plural === plural);
}

/** The resource with this apiVersion and kind. */
export function resourceOf(apiVersion: string | undefined, kind: string | undefined): Resource | undefined {
  return RESOURCES.find((one) => apiVersionOf(one) === apiVersion && one.kind === kind);
}
