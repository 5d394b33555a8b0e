/** Values for the Pod, from the Deployment or DaemonSet of the old controller. */
import type {
  V1Container,
  V1DeploymentSpec,
  V1PodDisruptionBudget,
  V1PodSpec,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { Workload } from '../old-controller.ts';
import { withoutGenerated } from './own-metadata.ts';
import { type ChartPart, type ChartValue, filled, type OmittedPart, value } from './chart-value.ts';

/** Variables that every Pod of ingress-nginx has. */
const OWN_ENV = new Set(['POD_NAME', 'POD_NAMESPACE', 'LD_PRELOAD']);
const OWN_VOLUME = /^(?:webhook-cert|modules|kube-api-access-.*|.*-token-.*)$/;

function ofPod(pod: V1PodSpec): readonly ChartValue[] {
  const local =
    pod.dnsPolicy === 'ClusterFirst' || (pod.hostNetwork === true && pod.dnsPolicy === 'ClusterFirstWithHostNet');
  const { sysctls = [], ...securityContext } = pod.securityContext ?? {};
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
    value('controller.hostname', pod.hostname),
    value('controller.podSecurityContext', securityContext),
    value('controller.sysctls', Object.fromEntries(sysctls.map(({ name, value: text }) => [name, text]))),
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
  return [
    { what: `image ${container.image ?? ''}`, why: image },
    ...named('env', container.env, (name) => OWN_ENV.has(name), environment),
    ...named('volume', pod.volumes, (name) => OWN_VOLUME.test(name), volume),
    ...named('init container', pod.initContainers, () => false, 'controller.extraInitContainers adds it'),
    ...named('container', pod.containers, (name) => name === container.name, 'controller.extraContainers adds it'),
  ];
}

/** Objects that act on the workload. */
export interface Attached {
  readonly autoscaler: V2HorizontalPodAutoscaler | undefined;
  readonly budget: V1PodDisruptionBudget | undefined;
}

function scaling({ autoscaler, budget }: Attached): readonly ChartValue[] {
  const { minReplicas, maxReplicas, metrics = [], behavior } = autoscaler?.spec ?? {};
  const target = (name: string): number | undefined =>
    metrics.find(({ resource }) => resource?.name === name)?.resource?.target.averageUtilization;
  const others = metrics.filter(({ resource }) => resource?.name !== 'cpu' && resource?.name !== 'memory');
  const scaled =
    autoscaler === undefined
      ? []
      : [
          value('controller.autoscaling.enabled', true),
          value('controller.autoscaling.minReplicas', minReplicas),
          value('controller.autoscaling.maxReplicas', maxReplicas),
          value('controller.autoscaling.targetCPUUtilizationPercentage', target('cpu') ?? 0),
          value('controller.autoscaling.targetMemoryUtilizationPercentage', target('memory') ?? 0),
          value('controller.autoscaling.behavior', behavior),
          value('controller.autoscaling.annotations', withoutGenerated(autoscaler.metadata?.annotations)),
          value('controller.autoscalingTemplate', others),
        ];
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = budget?.spec ?? {};
  return [
    ...scaled,
    value('controller.minAvailable', minAvailable === 1 ? undefined : minAvailable),
    value('controller.maxUnavailable', maxUnavailable),
    value('controller.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy),
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
    value('controller.annotations', withoutGenerated(spec.metadata?.annotations)),
    value('controller.labels', withoutGenerated(spec.metadata?.labels)),
    value('controller.podAnnotations', template?.metadata?.annotations),
    value('controller.podLabels', withoutGenerated(template?.metadata?.labels)),
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
