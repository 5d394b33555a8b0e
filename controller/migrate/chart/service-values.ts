/** Values for the Services of the controller. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import { type ChartValue, filled, value } from './chart-value.ts';
import type { OldNames } from './names.ts';
import { withoutGenerated } from './own-metadata.ts';

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

/** `5432-tcp`, or with a prefix. */
const STREAM_PORT = /^(?:(.+)-)?(\d+)-(tcp|udp)$/;

/** The node ports of TCP and UDP services, by protocol and port. */
function streamNodes(at: string, ports: readonly V1ServicePort[]): readonly ChartValue[] {
  return ports.flatMap(({ name = '', nodePort }) => {
    const [, , port, protocol] = STREAM_PORT.exec(name) ?? [];
    if (port === undefined || protocol === undefined || nodePort === undefined) return [];
    return [{ path: [...at.split('.'), 'nodePorts', protocol, port], value: nodePort }];
  });
}

function portValues(at: string, { spec: { ports = [] } = {} }: V1Service): readonly ChartValue[] {
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
  // The API server may have chosen these numbers, but others may know them, such as a firewall.
  const nodes = byName(
    ports,
    ({ nodePort }) => nodePort,
    () => undefined,
  );
  const has = (name: string): boolean => ports.some((each) => each.name === name);
  const inner = at.endsWith('internal');
  return [
    value(`${at}.ports`, numbers),
    value(`${at}.targetPorts`, targets),
    value(`${at}.nodePorts`, nodes),
    ...streamNodes(at, ports),
    value(`${at}.appProtocol`, ports.some(({ appProtocol }) => appProtocol !== undefined) ? undefined : false),
    value(`${at}.enableHttp`, has('http') || inner ? undefined : false),
    value(`${at}.enableHttps`, has('https') || inner ? undefined : false),
  ];
}

function ofService(at: string, service: V1Service, usualType: string): readonly ChartValue[] {
  const { metadata = {}, spec = {} } = service;
  return [
    value(`${at}.type`, spec.type === usualType ? undefined : spec.type),
    value(`${at}.annotations`, withoutGenerated(metadata.annotations)),
    value(`${at}.labels`, withoutGenerated(metadata.labels)),
    value(`${at}.externalIPs`, spec.externalIPs),
    value(`${at}.loadBalancerIP`, spec.loadBalancerIP),
    value(`${at}.loadBalancerSourceRanges`, spec.loadBalancerSourceRanges),
    value(`${at}.loadBalancerClass`, spec.loadBalancerClass),
    value(
      `${at}.externalTrafficPolicy`,
      spec.externalTrafficPolicy === 'Cluster' ? undefined : spec.externalTrafficPolicy,
    ),
    value(`${at}.healthCheckNodePort`, spec.healthCheckNodePort),
    value(`${at}.allocateLoadBalancerNodePorts`, spec.allocateLoadBalancerNodePorts === false ? false : undefined),
    value(`${at}.trafficDistribution`, spec.trafficDistribution),
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
  const [prefix] = (external?.spec?.ports ?? []).flatMap(({ name: port = '' }) => STREAM_PORT.exec(port)?.[1] ?? []);
  return filled([
    value('portNamePrefix', prefix),
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
          value('controller.metrics.service.annotations', withoutGenerated(metrics.metadata?.annotations)),
        ]),
  ]);
}
