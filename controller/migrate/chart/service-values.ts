/** Values for the Services of the controller. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import { type ChartValue, filled, value } from './chart-value.ts';
import type { OldNames } from './names.ts';

const OWN_LABEL = /^(?:app\.kubernetes\.io\/|helm\.sh\/)/;
/** Annotations that are not of the author of the values. */
const OWN_ANNOTATION = /^(?:meta\.helm\.sh\/|kubectl\.kubernetes\.io\/)/;

function without(texts: Readonly<Record<string, string>> | undefined, own: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(texts ?? {}).filter(([name]) => !own.test(name)));
}

function byName(
  ports: readonly V1ServicePort[],
  read: (port: V1ServicePort) => unknown,
  usual: (name: string) => unknown,
): Record<string, unknown> {
  const named = ports.filter(({ name }) => name === 'http' || name === 'https');
  return Object.fromEntries(
    named.flatMap((port) => {
      const found = read(port);
      return found === undefined || found === usual(port.name ?? '') ? [] : [[port.name ?? '', found]];
    }),
  );
}

function portValues(at: string, { spec: { type, ports = [] } = {} }: V1Service): readonly ChartValue[] {
  const numbers = byName(
    ports,
    ({ port }) => port,
    (name) => ({ http: 80, https: 443 })[name],
  );
  const targets = byName(
    ports,
    ({ targetPort }) => targetPort,
    (name) => name,
  );
  // The API server chooses the node ports of a load balancer, and keeps them.
  const nodes =
    type === 'NodePort'
      ? byName(
          ports,
          ({ nodePort }) => nodePort,
          () => undefined,
        )
      : {};
  const has = (name: string): boolean => ports.some((each) => each.name === name);
  return [
    value(`${at}.ports`, numbers),
    value(`${at}.targetPorts`, targets),
    value(`${at}.nodePorts`, nodes),
    value(`${at}.enableHttp`, has('http') || at.endsWith('internal') ? undefined : false),
    value(`${at}.enableHttps`, has('https') || at.endsWith('internal') ? undefined : false),
  ];
}

function ofService(at: string, service: V1Service, usualType: string): readonly ChartValue[] {
  const { metadata = {}, spec = {} } = service;
  return [
    value(`${at}.type`, spec.type === usualType ? undefined : spec.type),
    value(`${at}.annotations`, without(metadata.annotations, OWN_ANNOTATION)),
    value(`${at}.labels`, without(metadata.labels, OWN_LABEL)),
    value(`${at}.externalIPs`, spec.externalIPs),
    value(`${at}.loadBalancerIP`, spec.loadBalancerIP),
    value(`${at}.loadBalancerSourceRanges`, spec.loadBalancerSourceRanges),
    value(`${at}.loadBalancerClass`, spec.loadBalancerClass),
    value(
      `${at}.externalTrafficPolicy`,
      spec.externalTrafficPolicy === 'Cluster' ? undefined : spec.externalTrafficPolicy,
    ),
    value(`${at}.sessionAffinity`, spec.sessionAffinity === 'None' ? undefined : spec.sessionAffinity),
    value(`${at}.ipFamilyPolicy`, spec.ipFamilyPolicy === 'SingleStack' ? undefined : spec.ipFamilyPolicy),
    value(`${at}.ipFamilies`, spec.ipFamilies?.join(',') === 'IPv4' ? undefined : spec.ipFamilies),
    ...portValues(at, service),
  ];
}

/** Values for the public Service of the controller, for its internal one, and for the one of its metrics. */
export function serviceValues(services: readonly V1Service[], names: OldNames): readonly ChartValue[] {
  const [, name = ''] = names.key.split('/');
  const named = (suffix: string): V1Service | undefined =>
    services.find(({ metadata }) => metadata?.namespace === names.namespace && metadata.name === `${name}${suffix}`);
  const [external, internal, metrics] = [named(''), named('-internal'), named('-metrics')];
  return filled([
    ...(external === undefined
      ? [value(internal === undefined ? 'controller.service.enabled' : 'controller.service.external.enabled', false)]
      : ofService('controller.service', external, 'LoadBalancer')),
    ...(internal === undefined
      ? []
      : [
          value('controller.service.internal.enabled', true),
          ...ofService('controller.service.internal', internal, external?.spec?.type ?? 'LoadBalancer'),
        ]),
    ...(metrics === undefined
      ? []
      : [
          value('controller.metrics.enabled', true),
          value('controller.metrics.service.annotations', without(metrics.metadata?.annotations, OWN_ANNOTATION)),
        ]),
  ]);
}
