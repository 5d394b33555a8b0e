/** TCP and UDP services and TLS passthrough in a Pod of the image, with its NGINX, its modules and its file system. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../apiserver/emulator.ts';
import type { Emulator } from '../apiserver/emulator.ts';
import type { JsonObject } from '../apiserver/api/object.ts';
import { commonNameOf, firstLine, OF_PODS, PASSED, startTlsPods, tlsSite } from '../behaviour/passthrough-site.ts';
import type { TlsPods } from '../behaviour/passthrough-site.ts';
import {
  ask,
  podBehind,
  SHOP,
  startTcpPods,
  startUdpPods,
  streamService,
  tcpServices,
  udpServices,
} from '../behaviour/stream-site.ts';
import type { TcpPods } from '../behaviour/stream-site.ts';
import { issue } from '../certificates.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { secretOf } from '../runner/secrets.ts';
import { readState } from '../runner/state.ts';
import { buildImage } from './image.ts';
import { createPod } from './pod.ts';
import type { Pod } from './pod.ts';

const ALLOWED = 'nginx.ingress.kubernetes.io/allowlist-source-range';
const image = buildImage();
const unavailable = typeof image === 'string' ? image : undefined;
if (unavailable !== undefined) console.warn(`the stream block of the image is not tested: ${unavailable}`);

describe.skipIf(unavailable !== undefined)('the stream block of a Pod of the image', () => {
  const ports = { pod: 0, tcp: 0, tls: 0, udp: 0 };
  let emulator: Emulator;
  let pods: TcpPods;
  let dns: Awaited<ReturnType<typeof startUdpPods>>;
  let tlsPods: TlsPods;
  let pod: Pod;

  const put = (objects: readonly object[]) => objects.forEach((object) => emulator.put(object as JsonObject));

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    emulator = await startEmulator({ tls: true, token: 'of-the-service-account' });
    pods = await startTcpPods(2, ports.pod);
    dns = await startUdpPods(1, ports.pod);
    tlsPods = await startTlsPods(1);
    const secret = secretOf('db-tls', await issue(['db.example.test']));
    put([
      tcpServices({ [ports.tcp]: `${SHOP}/db:main`, [ports.tls]: `${SHOP}/db:main:TLS=${SHOP}/db-tls` }),
      udpServices({ [ports.udp]: `${SHOP}/dns:main` }),
      ...streamService('db', pods.addresses, ports.pod),
      ...streamService('dns', dns.addresses, ports.pod, 'UDP'),
      { ...secret, metadata: { name: 'db-tls', namespace: SHOP } },
      ...tlsSite('passed', tlsPods.addresses, tlsPods.port, PASSED),
      ...tlsSite('plain', tlsPods.addresses, tlsPods.port),
      ...tlsSite('listed', tlsPods.addresses, tlsPods.port, { ...PASSED, [ALLOWED]: '127.0.0.9' }),
    ]);
    pod = await createPod(image as Exclude<typeof image, string>, emulator, {
      'tcp-services-configmap': `${SHOP}/tcp`,
      'udp-services-configmap': `${SHOP}/udp`,
      'enable-ssl-passthrough': true,
      'stream-port': await freePort(),
    });
    await pod.startNginx();
    const controller = await pod.startController();
    await controller.line(/ ready$/, 60_000);
  }, 120_000);

  afterAll(async () => {
    await pod?.dispose();
    await emulator?.stop();
    await pods?.stop();
    await dns?.stop();
    tlsPods?.stop();
  }, 60_000);

  it('serves TCP and UDP entries; endpoints change without a reload', async () => {
    const { generation } = await readState(pod.volumes);
    expect(pods.addresses).toContain(await podBehind(ports.tcp));
    expect(await ask(ports.udp, 'question')).toBe(`${dns.addresses[0]} question`);
    const [first = ''] = pods.addresses;
    put(streamService('db', [first], ports.pod));
    await until('only the first endpoint answers', async () => {
      const seen = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => podBehind(ports.tcp)));
      return seen.every((each) => each === first);
    });
    expect((await readState(pod.volumes)).generation).toBe(generation);
  });

  it('terminates TLS with the certificate of a Secret', async () => {
    expect(await commonNameOf(ports.tls, 'db')).toBe('db.example.test');
  });

  it('passes TLS connections on, and hands those for other hosts over to the http block', async () => {
    expect(await firstLine(pod.httpsPort, 'passed', { alpn: ['acme-tls/1'] })).toContain('acme-tls/1');
    expect(await commonNameOf(pod.httpsPort, 'passed')).toBe(OF_PODS);
    expect(await commonNameOf(pod.httpsPort, 'plain')).not.toBe(OF_PODS);
    expect(readFileSync(join(pod.volumes, 'conf/nginx.conf'), 'utf8')).toContain('pass $tidegate_tls;');
  });

  it('applies access lists to connections that are passed on', async () => {
    const from = async (address: string) => commonNameOf(pod.httpsPort, 'listed', { from: address }).catch(String);
    expect([await from('127.0.0.9'), await from('127.0.0.8')]).toEqual([OF_PODS, expect.stringContaining('Error')]);
  });
});
