/** Which changes reload NGINX. There are 200 hosts, and reloads are counted by the start times of the workers. */
import { connect } from 'node:tls';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue } from '../certificates.ts';
import { requestOnce } from '../client/connection.ts';
import { serviceOf, takeAddress } from '../runner/endpoints.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { secretOf } from '../runner/secrets.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const HOSTS = 200;
const WITH_TLS = 10;
const CHANGES = 1000;

let backends: Backends;
let instance: Instance;
const sites = Array.from({ length: HOSTS }, (_, i) => `h${i}`);
const addressOf = new Map<string, string>();

function writePods(site: string): void {
  const [address = ''] = takeAddresses(1);
  addressOf.set(site, address);
  instance.write(`pods-${site}.yaml`, podsOf(site, [address], backends.ports.http));
}

async function secret(site: string): Promise<KubernetesObject> {
  return placeIn(NAMESPACE, secretOf(`tls-${site}`, await issue([hostOf(site)])));
}

async function fingerprint(site: string): Promise<string> {
  const options = { port: instance.httpsPort, host: '127.0.0.1', servername: hostOf(site), rejectUnauthorized: false };
  const socket = connect(options);
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

/** The ConfigMap that custom-headers of the site h70 names. */
function headers(team: string): KubernetesObject[] {
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: NAMESPACE, name: 'headers' }, data: { team } }];
}

async function teamOf(site: string): Promise<string | undefined> {
  const exchange = await requestOnce({ port: instance.httpPort, host: hostOf(site), path: '/' });
  return exchange.kind === 'answer' ? exchange.answer.headers.get('team') : undefined;
}

/** Makes a change and returns how many reloads it caused. */
async function reloadsOf(change: () => Promise<void>): Promise<number> {
  const generations = watchGenerations(instance.runDir);
  try {
    await change();
    await sleep(300);
    return generations.reloads();
  } finally {
    generations.stop();
  }
}

/**
 * Waits until earlier changes have been processed. A change without a reload may have no effect to wait for; therefore
 * this changes endpoints and waits until they are served.
 */
async function untilSeen(): Promise<void> {
  writePods('h60');
  await untilServed(instance, 'h60', [addressOf.get('h60') ?? '']);
}

beforeAll(async () => {
  backends = await startBackends();
  const files: Record<string, KubernetesObject[]> = {};
  for (const [i, site] of sites.entries()) {
    const address = takeAddress();
    addressOf.set(site, address);
    files[`pods-${site}.yaml`] = podsOf(site, [address], backends.ports.http);
    files[`ingress-${site}.yaml`] = [ingressOf(site, site, i < WITH_TLS ? { tls: `tls-${site}` } : {})];
    if (i < WITH_TLS) files[`tls-${site}.yaml`] = [await secret(site)];
  }
  files['ingress-h70.yaml'] = [
    ingressOf('h70', 'h70', { annotations: { 'custom-headers': `${NAMESPACE}/headers` } }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
      data: { 'global-allowed-response-headers': 'Team' },
    },
  ];
  files['headers.yaml'] = headers('blue');
  instance = await startInstance(files);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it(`${CHANGES} endpoint changes take effect without a reload`, async () => {
  const plain = sites.slice(WITH_TLS);
  const reloads = await reloadsOf(async () => {
    for (let done = 0; done < CHANGES; done += 20) {
      const group = Array.from({ length: 20 }, (_, i) => plain[(done + i) % plain.length] ?? '');
      group.forEach(writePods);
      for (const site of group) await untilServed(instance, site, [addressOf.get(site) ?? '']);
    }
  });
  for (const site of plain) await untilServed(instance, site, [addressOf.get(site) ?? ''], { timeout: 100 });
  expect(reloads).toBe(0);
}, 120_000);

it('replaced certificates take effect without a reload', async () => {
  const before = new Map<string, string>();
  const reloads = await reloadsOf(async () => {
    for (const site of sites.slice(0, WITH_TLS)) {
      before.set(site, await fingerprint(site));
      instance.write(`tls-${site}.yaml`, [await secret(site)]);
    }
    for (const [site, old] of before)
      await until(`${site} has its new certificate`, async () => (await fingerprint(site)) !== old);
  });
  expect(reloads).toBe(0);
  expect(before.size).toBe(WITH_TLS);
}, 30_000);

it('a change to a custom-headers ConfigMap takes effect without a reload', async () => {
  expect(await teamOf('h70')).toBe('blue');
  const reloads = await reloadsOf(async () => {
    instance.write('headers.yaml', headers('red'));
    await until('the response has the new header', async () => (await teamOf('h70')) === 'red');
  });
  expect(reloads).toBe(0);
}, 30_000);

it('paths that move to other Services need no reload', async () => {
  const moved = sites.slice(20, 40);
  const reloads = await reloadsOf(async () => {
    for (const site of moved) instance.write(`ingress-${site}.yaml`, [ingressOf(site, 'h50')]);
    for (const site of moved) await untilServed(instance, site, [addressOf.get('h50') ?? '']);
  });
  expect(reloads).toBe(0);
}, 30_000);

it('changes to affinity, upstream-hash-by and service-upstream take effect without a reload', async () => {
  const setsCookie = async (site: string) => {
    const exchange = await requestOnce({ port: instance.httpPort, host: hostOf(site), path: '/' });
    return exchange.kind === 'answer' && exchange.answer.setCookies.length > 0;
  };
  const [itself = ''] = takeAddresses(1);
  const reloads = await reloadsOf(async () => {
    instance.write('ingress-h41.yaml', [ingressOf('h41', 'h41', { annotations: { affinity: 'cookie' } })]);
    await until('the response sets a session cookie', async () => setsCookie('h41'));
    instance.write('ingress-h41.yaml', [ingressOf('h41', 'h41', { annotations: { 'upstream-hash-by': '$uri' } })]);
    await until('the response sets no session cookie', async () => !(await setsCookie('h41')));
    const [, ...slices] = podsOf('h42', takeAddresses(1), backends.ports.http);
    const service = serviceOf('h42', NAMESPACE, { port: backends.ports.http }, itself);
    const ingress = ingressOf('h42', 'h42', { annotations: { 'service-upstream': 'true' } });
    // The Service's port is not 80, so the Ingress names the Service's targetPort, 8080, instead.
    instance.write('pods-h42.yaml', [service, ...slices]);
    instance.writeText('ingress-h42.yaml', JSON.stringify(ingress).replaceAll('"number":80', '"number":8080'));
    await untilServed(instance, 'h42', [itself]);
  });
  expect(reloads).toBe(0);
}, 30_000);

it('a change to a label or to white space in a manifest causes no reload', async () => {
  const reloads = await reloadsOf(async () => {
    const ingress = ingressOf('h100');
    instance.write('ingress-h100.yaml', [{ ...ingress, metadata: { ...ingress.metadata, labels: { team: 'shop' } } }]);
    const text = readFileSync(`${instance.folder}/ingress-h101.yaml`, 'utf8');
    instance.writeText('ingress-h101.yaml', `# edited\n\n${text}\n\n`);
    await untilSeen();
  });
  expect(reloads).toBe(0);
});

it('a new host causes exactly one reload', async () => {
  const [address = ''] = takeAddresses(1);
  const reloads = await reloadsOf(async () => {
    instance.write('new.yaml', [ingressOf('new'), ...podsOf('new', [address], backends.ports.http)]);
    await untilServed(instance, 'new', [address]);
  });
  expect(reloads).toBe(1);
});

/** The minimum time between two reloads of `tidegate up`, in milliseconds. */
const SPACING_MS = 1500;

it('50 new hosts cause at most one reload per 1.5 s until all manifests are read', async () => {
  const [address = ''] = takeAddresses(1);
  instance.write('pods-burst.yaml', podsOf('burst', [address], backends.ports.http));
  let seen = 0;
  const reloads = await reloadsOf(async () => {
    const begin = performance.now();
    for (let i = 0; i < 50; i += 1) {
      instance.write(`burst-${i}.yaml`, [ingressOf(`burst${i}`, 'burst')]);
      await sleep(5);
    }
    await untilSeen();
    seen = performance.now() - begin;
    for (let i = 0; i < 50; i += 1) await untilServed(instance, `burst${i}`, [address]);
  });
  expect(reloads).toBeGreaterThan(0);
  expect(reloads).toBeLessThanOrEqual(1 + Math.ceil(seen / SPACING_MS));
}, 60_000);

it('the log line about a reload contains its duration', async () => {
  const reloads = instance.lines.filter((line) => /\breload\b/.test(line));
  expect(reloads.length).toBeGreaterThanOrEqual(2);
  for (const line of reloads.filter((text) => text.startsWith('reload'))) expect(line).toMatch(/\d+ ?ms/);
});
