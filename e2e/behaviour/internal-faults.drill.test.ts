/** Ingresses whose configuration the controller fails to build, because a template has an error. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { FAULTY_ANNOTATIONS, faultyTemplates } from '../runner/faulty-templates.ts';
import { startInstance, untilOnlyNewest } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

const pods = new Map(Array.from({ length: 5 }, (_, i) => [`g${i}`, takeAddresses(1)]));
const bad = Array.from({ length: 6 }, (_, i) => `bad${i}`);

let backends: Backends;
let templates: ReturnType<typeof faultyTemplates>;
let instance: Instance;

const badIngress = (name: string) => ingressOf(name, 'g0', { annotations: FAULTY_ANNOTATIONS });

async function allServe(): Promise<void> {
  for (const [site, addresses] of pods) expect(addresses, site).toContain(await podOf(instance, site));
}

beforeAll(async () => {
  backends = await startBackends();
  templates = faultyTemplates();
}, 30_000);

afterAll(async () => {
  await instance?.dispose();
  templates?.dispose();
  await backends?.stop();
});

it('paths of Ingresses that fail to build answer 503, and all others are served, from the first start on', async () => {
  const files = Object.fromEntries(
    [...pods].map(([site, addresses]) => [
      `${site}.yaml`,
      [ingressOf(site), ...podsOf(site, addresses, backends.ports.http)],
    ]),
  );
  instance = await startInstance(
    { ...files, 'bad.yaml': bad.map(badIngress) },
    { args: ['--template-dir', templates.folder] },
  );
  await untilServed(instance, 'g4', pods.get('g4') ?? []);
  for (const name of bad) {
    await instance.line(
      new RegExp(
        `error: Ingress sites/${name}: building its configuration failed; .*"valueThatNobodyGives" not defined.* \\| at `,
      ),
    );
    await instance.line(new RegExp(`sites/${name}: Tidegate failed while it built .*; its paths answer 503`));
    expect(await podOf(instance, name)).toBe('503');
  }
  await allServe();
}, 60_000);

it('new endpoints and hosts of other Ingresses are served, and failing Ingresses are retried rarely', async () => {
  const from = instance.lines.length;
  const fresh = takeAddresses(1);
  pods.set('g1', fresh);
  instance.write('g1.yaml', [ingressOf('g1'), ...podsOf('g1', fresh, backends.ports.http)]);
  await untilServed(instance, 'g1', fresh);
  const added = takeAddresses(1);
  pods.set('g-new', added);
  instance.write('g-new.yaml', [ingressOf('g-new'), ...podsOf('g-new', added, backends.ports.http)]);
  await untilServed(instance, 'g-new', added);
  await untilOnlyNewest(instance.runDir);
  await allServe();
  // While endpoints of other Ingresses changed, each failing Ingress was retried at most once.
  const told = instance.lines.slice(from).filter((line) => line.includes('building its configuration failed'));
  expect(told.length).toBeLessThanOrEqual(bad.length);
}, 30_000);

it('the last good version of an Ingress that begins to fail is served, with its current endpoints', async () => {
  const from = instance.lines.length;
  const good = pods.get('g-new') ?? [];
  instance.write('g-new.yaml', [
    ingressOf('g-new', 'g-new', { annotations: FAULTY_ANNOTATIONS }),
    ...podsOf('g-new', good, backends.ports.http),
  ]);
  await instance.line(/sites\/g-new: Tidegate failed .*; its last good version is served/, from);
  // The endpoints of the last good version are still updated.
  const moved = takeAddresses(1);
  pods.set('g-new', moved);
  instance.write('g-new.yaml', [
    ingressOf('g-new', 'g-new', { annotations: FAULTY_ANNOTATIONS }),
    ...podsOf('g-new', moved, backends.ports.http),
  ]);
  await untilServed(instance, 'g-new', moved);
  await allServe();
}, 30_000);

it('a failing Ingress is served once it is corrected, and all of them once the template is corrected', async () => {
  const [address = ''] = pods.get('g0') ?? [];
  instance.write('bad.yaml', bad.slice(1).map(badIngress));
  instance.write('mended.yaml', [ingressOf('bad0', 'g0')]);
  await untilServed(instance, 'bad0', [address], { timeout: 20_000 });
  templates.mend();
  // The pods do not support gRPC. The status 502 shows that they receive requests.
  for (const name of bad.slice(1)) await untilServed(instance, name, ['502'], { timeout: 20_000 });
}, 120_000);
