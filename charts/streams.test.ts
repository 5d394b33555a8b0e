/** The values tcp and udp: ports of the Pod, the Service and the NetworkPolicy; ConfigMaps; flags. */
import type { V1ConfigMap, V1NetworkPolicy, V1Service } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { cases, helm, only, render } from './helm.ts';
import { renderPod } from './pod.ts';

const file = cases().get('tcp-udp') ?? '';

describe.skipIf(helm === undefined)('TCP and UDP services of the chart', () => {
  test('the Service has the ports under the names of the ingress-nginx chart', async () => {
    const { spec } = only<V1Service>(
      await render({
        files: [file],
        values: { controller: { metrics: { enabled: false }, admissionWebhooks: { enabled: false } } },
      }),
      'Service',
    );
    const port = (name: string, number: number, protocol: string) => ({
      name,
      port: number,
      protocol,
      targetPort: name,
    });
    expect(spec?.ports?.slice(2)).toEqual([
      port('edge-22-tcp', 22, 'TCP'),
      { ...port('edge-5432-tcp', 5432, 'TCP'), nodePort: 30_432 },
      port('edge-53-udp', 53, 'UDP'),
    ]);
  });

  test('the Pod declares the ports, may bind ports below 1024, and gets the flags', async () => {
    const { spec, nginx, controller } = await renderPod({ files: [file], kubeVersion: '1.35.0' });
    expect(nginx.ports).toEqual(
      expect.arrayContaining([
        { name: 'edge-5432-tcp', containerPort: 5432, protocol: 'TCP' },
        { name: 'edge-53-udp', containerPort: 53, protocol: 'UDP' },
      ]),
    );
    expect(spec.securityContext?.sysctls).toEqual([{ name: 'net.ipv4.ip_unprivileged_port_start', value: '22' }]);
    expect(controller.args).toEqual(
      expect.arrayContaining([
        '--tcp-services-configmap=ingress-nginx/ingress-nginx-tcp',
        '--udp-services-configmap=ingress-nginx/ingress-nginx-udp',
      ]),
    );
  });

  test('the ConfigMaps contain the entries; without entries there are none', async () => {
    const maps = (objects: readonly { readonly kind: string }[]) =>
      objects.filter(({ kind }) => kind === 'ConfigMap').map((object) => object as V1ConfigMap);
    const named = new Map(
      maps(await render({ files: [file] })).map(
        ({ metadata, data }) => [metadata?.name, [data, metadata?.annotations]] as const,
      ),
    );
    expect(named.get('ingress-nginx-tcp')).toEqual([
      { 22: 'ingress-nginx/ssh:ssh:PROXY', 5432: 'shop/db:5432' },
      { team: 'data' },
    ]);
    expect(named.get('ingress-nginx-udp')?.[0]).toEqual({ 53: 'kube-system/kube-dns:53' });
    const names = maps(await render()).map(({ metadata }) => metadata?.name);
    expect(names).not.toContain('ingress-nginx-tcp');
  });

  test('with hostPort, the ports are host ports, too', async () => {
    const { controller } = await renderPod({ files: [file], values: { controller: { hostPort: { enabled: true } } } });
    expect(controller.ports).toEqual(
      expect.arrayContaining([
        { name: 'edge-5432-tcp', containerPort: 5432, protocol: 'TCP', hostPort: 5432 },
        { name: 'edge-53-udp', containerPort: 53, protocol: 'UDP', hostPort: 53 },
      ]),
    );
  });

  test('the internal Service has the ports, with node ports of its own', async () => {
    const internal = { enabled: true, annotations: { a: 'b' }, type: 'NodePort', nodePorts: { udp: { 53: 30_053 } } };
    const services = (await render({ files: [file], values: { controller: { service: { internal } } } })).filter(
      ({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('-internal'),
    );
    expect((services[0] as V1Service | undefined)?.spec?.ports?.slice(2)).toEqual([
      { name: 'edge-22-tcp', port: 22, protocol: 'TCP', targetPort: 'edge-22-tcp' },
      { name: 'edge-5432-tcp', port: 5432, protocol: 'TCP', targetPort: 'edge-5432-tcp' },
      { name: 'edge-53-udp', port: 53, protocol: 'UDP', targetPort: 'edge-53-udp', nodePort: 30_053 },
    ]);
  });

  test('one number may be a TCP and a UDP port', async () => {
    const { nginx } = await renderPod({
      values: { tcp: { 53: 'kube-system/dns:53' }, udp: { 53: 'kube-system/dns:53' } },
    });
    expect(nginx.ports?.slice(2).map(({ name, containerPort, protocol }) => [name, containerPort, protocol])).toEqual([
      ['53-tcp', 53, 'TCP'],
      ['53-udp', 53, 'UDP'],
    ]);
  });

  test('the NetworkPolicy admits the ports', async () => {
    const { spec } = only<V1NetworkPolicy>(await render({ files: [file] }), 'NetworkPolicy');
    expect(spec?.ingress?.[0]?.ports).toEqual(
      expect.arrayContaining([
        { protocol: 'TCP', port: 5432 },
        { protocol: 'UDP', port: 53 },
      ]),
    );
  });

  test('controller.tcp.configMapNamespace is the namespace of the ConfigMap', async () => {
    const values = { tcp: { 9000: 'a/b:9000' }, controller: { tcp: { configMapNamespace: 'edge' } } };
    const { controller } = await renderPod({ values });
    expect(controller.args).toContain('--tcp-services-configmap=edge/ingress-nginx-tcp');
  });
});
