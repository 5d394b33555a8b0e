/** One Ingress that only nginx itself refuses: it hurts nobody else, from a cold start too. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance, untilOnlyNewest } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

const sites = Array.from({ length: 20 }, (_, i) => `q${i}`);
const pods = new Map(sites.map((site) => [site, takeAddresses(1)]));

/** PCRE refuses a lookbehind of variable length; nothing but nginx can know. */
const BAD_PATH = '/(?<=a+)x';

let backends: Backends;
let instance: Instance;

function badIngress(): KubernetesObject {
  const ingress = ingressOf('bad', 'q0', {
    path: `${BAD_PATH} ImplementationSpecific`,
    annotations: { 'use-regex': 'true' },
  });
  return ingress;
}

async function allServe(): Promise<void> {
  const wrong: string[] = [];
  for (const [site, addresses] of pods) {
    const pod = await podOf(instance, site);
    if (!addresses.includes(pod)) wrong.push(`${site}: ${pod}`);
  }
  expect(wrong).toEqual([]);
}

function complaint(): RegExp {
  return /sites\/bad.*lookbehind|lookbehind.*sites\/bad/;
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('serves the others from a cold start', async () => {
  const files: Record<string, KubernetesObject[]> = { 'bad.yaml': [badIngress()] };
  for (const [site, addresses] of pods) {
    files[`${site}.yaml`] = [ingressOf(site), ...podsOf(site, addresses, backends.ports.http)];
  }
  instance = await startInstance(files);
  await allServe();
  expect(await podOf(instance, 'bad', '/ax')).toBe('503');
  await instance.line(complaint(), 0, 2000);
}, 60_000);

it('keeps endpoints and new hosts flowing beside it', async () => {
  const fresh = takeAddresses(1);
  pods.set('q5', fresh);
  instance.write('q5.yaml', [ingressOf('q5'), ...podsOf('q5', fresh, backends.ports.http)]);
  await untilServed(instance, 'q5', fresh);
  const added = takeAddresses(1);
  pods.set('q-new', added);
  instance.write('q-new.yaml', [ingressOf('q-new'), ...podsOf('q-new', added, backends.ports.http)]);
  await untilServed(instance, 'q-new', added);
  // Old workers do not know it.
  await untilOnlyNewest(instance.runDir);
  await allServe();
}, 30_000);

it('keeps the last good version of an Ingress that turns bad', async () => {
  const from = instance.lines.length;
  const good = pods.get('q-new') ?? [];
  instance.write('q-new.yaml', [
    ingressOf('q-new', 'q-new', { path: `${BAD_PATH} ImplementationSpecific`, annotations: { 'use-regex': 'true' } }),
    ...podsOf('q-new', good, backends.ports.http),
  ]);
  await instance.line(/sites\/q-new.*lookbehind|lookbehind.*sites\/q-new/, from);
  expect(good).toContain(await podOf(instance, 'q-new'));
  await allServe();
}, 30_000);

it('serves it once it is mended', async () => {
  const [address = ''] = pods.get('q0') ?? [];
  instance.write('bad.yaml', [ingressOf('bad', 'q0')]);
  await untilServed(instance, 'bad', [address]);
}, 30_000);
