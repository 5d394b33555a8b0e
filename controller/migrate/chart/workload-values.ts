/** Values for the Pod, from the Deployment or DaemonSet of the old controller. */
import type {
  V1Container,
  V1DeploymentSpec,
  V1PodDisruptionBudget,
  V1PodSpec,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { Workload } from '../old-controller.ts';
import { type ChartPart, type ChartValue, filled, type OmittedPart, value } from './chart-value.ts';

/** Labels that the chart, helm and Kubernetes set themselves. */
const OWN_LABEL =
  /^(?:app\.kubernetes\.io\/(?:name|instance|component|version|part-of|managed-by)|helm\.sh\/chart|pod-template-.*)$/;
/** Variables that every Pod of ingress-nginx has. */
const OWN_ENV = new Set(['POD_NAME', 'POD_NAMESPACE', 'LD_PRELOAD']);
const OWN_VOLUME = /^(?:webhook-cert|modules|kube-api-access-.*|.*-token-.*)$/;

function without(labels: Readonly<Record<string, string>> | undefined, own: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !own.test(name)));
}

function ofPod(pod: V1PodSpec): readonly ChartValue[] {
  const local =
    pod.dnsPolicy === 'ClusterFirst' || (pod.hostNetwork === true && pod.dnsPolicy === 'ClusterFirstWithHostNet');
  const linux = JSON.stringify(pod.nodeSelector) === '{"kubernetes.io/os":"linux"}';
  return [
    value('controller.hostNetwork', pod.hostNetwork === true ? true : undefined),
    value('controller.dnsPolicy', local ? undefined : pod.dnsPolicy),
    value('controller.dnsConfig', pod.dnsConfig),
    value('controller.nodeSelector', linux ? undefined : pod.nodeSelector),
    value('controller.tolerations', pod.tolerations),
    value('controller.affinity', pod.affinity),
    value('controller.topologySpreadConstraints', pod.topologySpreadConstraints),
    value('controller.priorityClassName', pod.priorityClassName),
    value('controller.runtimeClassName', pod.runtimeClassName),
    value('controller.hostAliases', pod.hostAliases),
    value('imagePullSecrets', pod.imagePullSecrets),
    value(
      'controller.terminationGracePeriodSeconds',
      [undefined, 30, 300].includes(pod.terminationGracePeriodSeconds) ? undefined : pod.terminationGracePeriodSeconds,
    ),
  ];
}

/** The ports of the node on which the old Pod listens. */
function hostPorts({ ports = [] }: V1Container, { hostNetwork }: V1PodSpec): readonly ChartValue[] {
  if (hostNetwork === true) return [];
  const found = ports.filter(({ name, hostPort }) => hostPort !== undefined && (name === 'http' || name === 'https'));
  if (found.length === 0) return [];
  const of = Object.fromEntries(found.map(({ name = '', hostPort }) => [name, hostPort]));
  return [value('controller.hostPort.enabled', true), value('controller.hostPort.ports', of)];
}

/** The names of things, except those that every Pod of ingress-nginx has, each with how the chart's values add it. */
function named(
  what: string,
  items: readonly { readonly name: string }[] | undefined,
  isUsual: (name: string) => boolean,
  why: string,
): readonly OmittedPart[] {
  return (items ?? []).filter(({ name }) => !isUsual(name)).map(({ name }) => ({ what: `${what} ${name}`, why }));
}

function omittedOf(container: V1Container, pod: V1PodSpec): readonly OmittedPart[] {
  const image = 'the chart uses its own image; controller.image chooses another registry or tag';
  const environment = 'controller.extraEnvs is for NGINX, and manager.extraEnvs for the controller';
  const volume = 'controller.extraVolumes and extraVolumeMounts add a volume to NGINX';
  const hasContext = Object.keys(pod.securityContext ?? {}).length > 0;
  return [
    { what: `image ${container.image ?? ''}`, why: image },
    ...named('env', container.env, (name) => OWN_ENV.has(name), environment),
    ...named('volume', pod.volumes, (name) => OWN_VOLUME.test(name), volume),
    ...named('init container', pod.initContainers, () => false, 'controller.extraInitContainers adds it'),
    ...named('container', pod.containers, (name) => name === container.name, 'controller.extraContainers adds it'),
    ...(hasContext
      ? [{ what: 'securityContext of the Pod', why: 'the Pods meet the restricted Pod Security Standard without it' }]
      : []),
  ];
}

/** Objects that act on the workload. */
export interface Attached {
  readonly autoscaler: V2HorizontalPodAutoscaler | undefined;
  readonly budget: V1PodDisruptionBudget | undefined;
}

function scaling({ autoscaler, budget }: Attached): readonly ChartValue[] {
  const { minReplicas, maxReplicas, metrics = [] } = autoscaler?.spec ?? {};
  const target = (name: string): number | undefined =>
    metrics.find(({ resource }) => resource?.name === name)?.resource?.target.averageUtilization;
  const scaled =
    autoscaler === undefined
      ? []
      : [
          value('controller.autoscaling.enabled', true),
          value('controller.autoscaling.minReplicas', minReplicas),
          value('controller.autoscaling.maxReplicas', maxReplicas),
          value('controller.autoscaling.targetCPUUtilizationPercentage', target('cpu') ?? 0),
          value('controller.autoscaling.targetMemoryUtilizationPercentage', target('memory') ?? 0),
        ];
  const { minAvailable, maxUnavailable } = budget?.spec ?? {};
  return [
    ...scaled,
    value('controller.minAvailable', minAvailable === 1 ? undefined : minAvailable),
    value('controller.maxUnavailable', maxUnavailable),
  ];
}

export function workloadValues(workload: Workload, attached: Attached): ChartPart {
  const { object, spec, container } = workload;
  const template = spec.spec?.template;
  const pod: V1PodSpec = template?.spec ?? { containers: [] };
  // A DaemonSet has no number of replicas.
  const { replicas } = (spec.spec ?? {}) as V1DeploymentSpec;
  const values = [
    value('controller.kind', object.kind === 'DaemonSet' ? object.kind : undefined),
    value('controller.replicaCount', attached.autoscaler === undefined && replicas !== 1 ? replicas : undefined),
    value('controller.podAnnotations', template?.metadata?.annotations),
    value('controller.podLabels', without(template?.metadata?.labels, OWN_LABEL)),
    value(
      'controller.resources',
      container.resources,
      'For the container of NGINX. manager.resources are those of the container of the controller.',
    ),
    ...ofPod(pod),
    ...hostPorts(container, pod),
    ...scaling(attached),
  ];
  return { values: filled(values), leftOut: omittedOf(container, pod) };
}
