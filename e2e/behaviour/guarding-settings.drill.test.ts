/**
 * ConfigMap keys that guard access, with invalid values: at the first start, after a restart, and after a valid value.
 */
import { afterEach, beforeAll, afterAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { settled, startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

const pods = takeAddresses(1);

let backends: Backends;
let instance: Instance;

function settingsOf(data: Record<string, string>): KubernetesObject[] {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }];
}

async function startWith(data: Record<string, string>): Promise<void> {
  instance = await startInstance({
    'app.yaml': [ingressOf('app'), ...podsOf('app', pods, backends.ports.http)],
    'settings.yaml': settingsOf(data),
  });
}

/** Restarts the controller while NGINX runs, and adds a host, so that nginx.conf is built again. */
async function restart(): Promise<void> {
  await instance.end('SIGKILL');
  await instance.start();
  instance.write('other.yaml', [ingressOf('other', 'app')]);
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterEach(() => instance?.dispose());
afterAll(() => backends?.stop());

it.each([
  ['denylist-source-range', '10.0.0.0/33', '192.0.2.1'],
  ['block-cidrs', 'office', '192.0.2.1'],
  ['block-user-agents', '~(', 'curl'],
  ['block-referers', '~(a+)+$', 'https://bad.example.com/'],
])(
  '%s with the invalid value %s admits no clients, from the first start of the controller until the value is valid',
  async (name, bad, good) => {
    await startWith({ [name]: bad });
    expect(await podOf(instance, 'app')).toBe('403');
    await instance.line(new RegExp(`error.*data.${name}: .*; (nobody is let in|every request gets 403)`), 0);
    await restart();
    await untilServed(instance, 'other', ['403'], { times: 3 });
    expect(await podOf(instance, 'app')).toBe('403');
    instance.write('settings.yaml', settingsOf({ [name]: good }));
    await untilServed(instance, 'app', pods);
  },
  120_000,
);

it('if denylist-source-range becomes invalid at run time, the last good list, if any, still applies', async () => {
  const [denied, bad] = ['127.0.0.0/8', 'localhost'];
  await startWith({});
  instance.write('settings.yaml', settingsOf({ 'denylist-source-range': bad }));
  await instance.line(/denylist-source-range.*; the key was absent before, and is ignored/, 0);
  await untilServed(instance, 'app', pods, { times: 3 });
  const applied = instance.lines.length;
  instance.write('settings.yaml', settingsOf({ 'denylist-source-range': denied }));
  await untilServed(instance, 'app', ['403']);
  // A value becomes the last good one when the controller knows that the reload succeeded, shortly after it applies.
  await settled(instance, applied);
  const from = instance.lines.length;
  instance.write('settings.yaml', settingsOf({ 'denylist-source-range': bad }));
  await instance.line(/denylist-source-range.*last good value stays in force/, from);
  expect(await podOf(instance, 'app')).toBe('403');
  await restart();
  await untilServed(instance, 'other', ['403'], { times: 3 });
  instance.write('settings.yaml', settingsOf({}));
  await untilServed(instance, 'app', pods);
}, 120_000);
