/**
 * Ingresses that only NGINX itself refuses do not affect other Ingresses, however many there are, including at the
 * first start.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import type { Templates } from '../faults/templates.ts';
import { startInstance, untilOnlyNewest } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { REFUSED_ANNOTATIONS, refusingTemplates } from '../runner/refusing-templates.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

const sites = Array.from({ length: 20 }, (_, i) => `q${i}`);
const pods = new Map(sites.map((site) => [site, takeAddresses(1)]));
/** Refused Ingresses. There are more of them than the controller's search for refused Ingresses has rounds. */
const bad = Array.from({ length: 14 }, (_, i) => `bad${i}`);

let backends: Backends;
let templates: Templates;
let instance: Instance;

/** An Ingress that NGINX refuses. Another `size` makes another version of the Ingress. */
function badIngress(name: string, size = 8): KubernetesObject {
  return ingressOf(name, 'q0', { annotations: { ...REFUSED_ANNOTATIONS, 'proxy-buffer-size': `${size}k` } });
}

function settingsOf(data: Record<string, string>): KubernetesObject[] {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }];
}

async function allServe(): Promise<void> {
  const wrong: string[] = [];
  for (const [site, addresses] of pods) {
    const pod = await podOf(instance, site);
    if (!addresses.includes(pod)) wrong.push(`${site}: ${pod}`);
  }
  expect(wrong).toEqual([]);
}

function complaint(site: string): RegExp {
  return new RegExp(
    `sites/${site}: nginx refuses the configuration of this Ingress: "proxy_buffer_size" directive is dup`,
  );
}

beforeAll(async () => {
  backends = await startBackends();
  templates = refusingTemplates();
}, 30_000);

afterAll(async () => {
  await instance?.dispose();
  templates?.dispose();
  await backends?.stop();
});

it('all other Ingresses are served from the first start on if NGINX refuses Ingresses and a setting', async () => {
  const files: Record<string, KubernetesObject[]> = {
    'bad.yaml': bad.map((name) => badIngress(name)),
    'settings.yaml': settingsOf({ 'http-snippet': 'no_such_directive on;', 'proxy-body-size': '7m' }),
  };
  for (const [site, addresses] of pods) {
    files[`${site}.yaml`] = [ingressOf(site), ...podsOf(site, addresses, backends.ports.http)];
  }
  instance = await startInstance(files, { args: ['--template-dir', templates.folder] });
  await untilServed(instance, 'q19', pods.get('q19') ?? []);
  for (const name of bad) {
    await instance.line(complaint(name), 0, 10_000);
    expect(await podOf(instance, name)).toBe('503');
  }
  await instance.line(/data\.http-snippet: .*"no_such_directive"/);
  await untilOnlyNewest(instance.runDir);
  await allServe();
}, 60_000);

it('new endpoints and hosts of other Ingresses are served while NGINX refuses some Ingresses', async () => {
  const fresh = takeAddresses(1);
  pods.set('q5', fresh);
  instance.write('q5.yaml', [ingressOf('q5'), ...podsOf('q5', fresh, backends.ports.http)]);
  await untilServed(instance, 'q5', fresh);
  const added = takeAddresses(1);
  pods.set('q-new', added);
  // The namespace has refused Ingresses, so the controller first tests the new Ingress separately.
  instance.write('q-new.yaml', [ingressOf('q-new'), ...podsOf('q-new', added, backends.ports.http)]);
  await untilServed(instance, 'q-new', added);
  // Old workers do not serve the new host.
  await untilOnlyNewest(instance.runDir);
  await allServe();
}, 30_000);

it('NGINX never loads a refused Ingress that has changed and is still refused', async () => {
  const from = instance.lines.length;
  instance.write(
    'bad.yaml',
    bad.map((name) => badIngress(name, 16)),
  );
  const added = takeAddresses(1);
  pods.set('q-more', added);
  instance.write('q-more.yaml', [ingressOf('q-more'), ...podsOf('q-more', added, backends.ports.http)]);
  await untilServed(instance, 'q-more', added);
  await untilOnlyNewest(instance.runDir);
  await allServe();
  // The Ingresses were tested separately, and NGINX never received a configuration that contains them.
  expect(instance.lines.slice(from).filter((line) => line.includes('refused: nginx says'))).toEqual([]);
}, 30_000);

it('the last good version of an Ingress that NGINX begins to refuse is served, even after a restart', async () => {
  const from = instance.lines.length;
  const good = pods.get('q-new') ?? [];
  instance.write('q-new.yaml', [
    ingressOf('q-new', 'q-new', { annotations: REFUSED_ANNOTATIONS }),
    ...podsOf('q-new', good, backends.ports.http),
  ]);
  await instance.line(complaint('q-new'), from);
  expect(good).toContain(await podOf(instance, 'q-new'));
  // The last good version is stored when the next configuration takes effect.
  const added = takeAddresses(1);
  pods.set('q-last', added);
  instance.write('q-last.yaml', [ingressOf('q-last'), ...podsOf('q-last', added, backends.ports.http)]);
  await untilServed(instance, 'q-last', added);
  await untilOnlyNewest(instance.runDir);
  await instance.end('SIGKILL');
  const restart = instance.lines.length;
  await instance.start();
  await instance.line(/none: NGINX already runs with this configuration/, restart);
  await allServe();
}, 60_000);

it('a refused Ingress is served once it is corrected', async () => {
  const [address = ''] = pods.get('q0') ?? [];
  instance.write('mended.yaml', [ingressOf('bad0', 'q0')]);
  instance.write(
    'bad.yaml',
    bad.slice(1).map((name) => badIngress(name, 16)),
  );
  await untilServed(instance, 'bad0', [address], { timeout: 20_000 });
}, 40_000);
