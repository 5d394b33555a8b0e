/**
 * Guards in a snippet of the ConfigMap of which nginx refuses a part: the others stay in force, and none of them opens.
 */
import { afterEach, beforeAll, afterAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

const GUARD = 'location ~ /\\.git { deny all; }';
const MISSPELT = 'location ~ /\\.git { denny all; }';
const HEADER = 'no_such_directive "X-Frame-Options: DENY";';
const pods = takeAddresses(1);

let backends: Backends;
let instance: Instance;

function settingsOf(snippet: string): KubernetesObject[] {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'server-snippet': snippet } }];
}

async function startWith(snippet: string): Promise<void> {
  instance = await startInstance({
    'app.yaml': [ingressOf('app'), ...podsOf('app', pods, backends.ports.http)],
    'settings.yaml': settingsOf(snippet),
  });
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterEach(() => instance?.dispose());
afterAll(() => backends?.stop());

it('from a cold start only the directive that nginx refuses is left out', async () => {
  await startWith(`${HEADER}\n${GUARD}`);
  expect(await podOf(instance, 'app')).toBe(pods[0]);
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
  await instance.line(
    /server-snippet\S* contains directives that nginx refuses: .*no_such_directive.*; the others are in force/,
    0,
  );
  // The controller starts anew, beside an NGINX that has the rest.
  await instance.end('SIGKILL');
  await instance.start();
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
}, 120_000);

it('from a cold start a guard that nginx refuses admits no clients, until it is fixed', async () => {
  await startWith(MISSPELT);
  expect(await podOf(instance, 'app')).toBe('503');
  await instance.line(/server-snippet\S* is refused by nginx: .*denny.*what it may have guarded answers 503/, 0);
  await instance.end('SIGKILL');
  await instance.start();
  instance.write('other.yaml', [ingressOf('other', 'app')]);
  await untilServed(instance, 'other', ['503'], { times: 3 });
  expect(await podOf(instance, 'app')).toBe('503');
  instance.write('settings.yaml', settingsOf(GUARD));
  await untilServed(instance, 'app', pods);
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
}, 120_000);

it('while it runs, the guards in force stay, and nothing else is closed', async () => {
  await startWith('');
  instance.write('settings.yaml', settingsOf(MISSPELT));
  await instance.line(/server-snippet\S* .*denny/, 0);
  await untilServed(instance, 'app', pods, { times: 3 });
  instance.write('settings.yaml', settingsOf(`${HEADER}\n${GUARD}`));
  await untilServed(instance, 'app', ['403'], { path: '/.git/config' });
  const from = instance.lines.length;
  instance.write('settings.yaml', settingsOf(MISSPELT));
  await instance.line(/server-snippet\S* is refused by nginx: .*denny.*last good value stays/, from);
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
  expect(await podOf(instance, 'app')).toBe(pods[0]);
}, 120_000);
