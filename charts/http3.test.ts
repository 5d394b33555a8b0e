/** How the chart publishes HTTP/3. */
import type { V1NetworkPolicy, V1Service } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { cases, helm, only, render, type Rendered } from './helm.ts';
import { renderPod } from './pod.ts';

const SERVICE = 'ingress-nginx-controller';
const matrix = cases();
const filesOf = (name: string) => [matrix.get(name) ?? ''];
const ON = { config: { 'use-http3': 'true' } };

function services(objects: readonly Rendered[]): Readonly<Record<string, readonly string[]>> {
  const found = objects.filter((each): each is Rendered & V1Service => each.kind === 'Service');
  return Object.fromEntries(
    found.map(({ metadata, spec }) => [
      metadata.name,
      (spec?.ports ?? []).map(({ protocol, port, targetPort }) => `${port}/${protocol} ${targetPort}`),
    ]),
  );
}

async function servicesOf(controller: object): Promise<ReturnType<typeof services>> {
  const { [`${SERVICE}-admission`]: _, ...others } = services(await render({ values: { controller } }));
  return others;
}

describe.skipIf(helm === undefined)('HTTP/3 in the chart', () => {
  const tcp = ['80/TCP http', '443/TCP https'];

  test('is published in a Service of its own, only if the ConfigMap turns it on', async () => {
    expect(await servicesOf({})).toEqual({ [SERVICE]: tcp });
    expect(await servicesOf({ config: { 'use-http3': 'false' } })).toEqual({ [SERVICE]: tcp });
    expect(await servicesOf(ON)).toEqual({ [SERVICE]: tcp, [`${SERVICE}-http3`]: ['443/UDP 8443'] });
    expect(await servicesOf({ config: { 'use-http3': true } })).toHaveProperty([`${SERVICE}-http3`]);
  });

  test('can be published in the same Service, elsewhere, or with the number of another port', async () => {
    const one = services(await render({ files: filesOf('http3-one-service') }));
    expect(one[SERVICE]).toEqual([...tcp, '443/UDP 9443']);
    expect(one).not.toHaveProperty([`${SERVICE}-http3`]);
    expect(await servicesOf({ ...ON, service: { http3: { enabled: false } } })).toEqual({ [SERVICE]: tcp });
    const other = await servicesOf({ ...ON, service: { ports: { https: 8443 } } });
    expect(other[`${SERVICE}-http3`]).toEqual(['8443/UDP 8443']);
  });

  test('the Service has the address of the other one, but no cluster IP or health check port of it', async () => {
    const objects = await render({ files: filesOf('http3') });
    const { metadata, spec } = only<V1Service>(objects, 'Service', `${SERVICE}-http3`);
    expect(metadata?.annotations).toEqual({ 'metallb.io/allow-shared-ip': 'edge', 'example.com/protocol': 'udp' });
    expect(spec).toMatchObject({
      type: 'LoadBalancer',
      loadBalancerIP: '203.0.113.10',
      externalTrafficPolicy: 'Local',
    });
    expect(spec?.ports?.[0]?.nodePort).toBe(30444);
    expect(spec?.clusterIP).toBeUndefined();
    expect(spec?.healthCheckNodePort).toBeUndefined();
    expect(spec?.selector).toEqual(only<V1Service>(objects, 'Service', SERVICE).spec?.selector);
    expect(only<V1Service>(objects, 'Service', SERVICE).spec?.healthCheckNodePort).toBe(32000);
    expect(services(objects)[`${SERVICE}-internal`]).toEqual(tcp);
  });

  test('the NetworkPolicy admits the UDP port, and the container declares no second port of this number', async () => {
    const ports = ({ spec }: V1NetworkPolicy) => spec?.ingress?.[0]?.ports ?? [];
    const on = only<V1NetworkPolicy>(await render({ files: filesOf('http3') }), 'NetworkPolicy');
    expect(ports(on)).toContainEqual({ protocol: 'UDP', port: 8443 });
    const values = { controller: { networkPolicy: { enabled: true } } };
    const off = only<V1NetworkPolicy>(await render({ values }), 'NetworkPolicy');
    expect(ports(off).filter(({ protocol }) => protocol === 'UDP')).toEqual([]);
    const { nginx } = await renderPod({ files: filesOf('http3') });
    expect(nginx.ports?.filter(({ protocol }) => protocol === 'UDP')).toEqual([]);
  });
});
