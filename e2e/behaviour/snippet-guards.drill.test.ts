/**
 * A snippet of the ConfigMap contains directives that guard access, and NGINX refuses one of its directives. Guards
 * that NGINX accepts still apply, and a refused guard admits no clients.
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

it('at the first start, only the refused directive of a server-snippet is left out, if it guards nothing', async () => {
  await startWith(`${HEADER}\n${GUARD}`);
  expect(await podOf(instance, 'app')).toBe(pods[0]);
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
  await instance.line(
    /server-snippet\S* contains directives that nginx refuses: .*no_such_directive.*; the other directives are in force/,
    0,
  );
  // The controller restarts while NGINX runs with the other directives.
  await instance.end('SIGKILL');
  await instance.start();
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
}, 120_000);

it('at the first start, paths answer 503 until a guard that NGINX refuses is corrected', async () => {
  await startWith(MISSPELT);
  expect(await podOf(instance, 'app')).toBe('503');
  await instance.line(
    /server-snippet\S* is refused by nginx: .*denny.*all paths that it may have guarded answer 503/,
    0,
  );
  await instance.end('SIGKILL');
  await instance.start();
  instance.write('other.yaml', [ingressOf('other', 'app')]);
  await untilServed(instance, 'other', ['503'], { times: 3 });
  expect(await podOf(instance, 'app')).toBe('503');
  instance.write('settings.yaml', settingsOf(GUARD));
  await untilServed(instance, 'app', pods);
  expect(await podOf(instance, 'app', '/.git/config')).toBe('403');
}, 120_000);

it('at run time, the last good guards apply if NGINX refuses a new guard, and all paths are still served', async () => {
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
