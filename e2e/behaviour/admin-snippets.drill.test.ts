/** If NGINX refuses a snippet of the ConfigMap, the last good value of that key applies, even after a restart. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

const BAD = 'add_header X-Version bad; no_such_directive on;';

let backends: Backends;
let instance: Instance;

function settingsOf(data: Record<string, string>): KubernetesObject[] {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }];
}

/** The status of a response, and the values of the headers that the two snippets set. */
async function answered(): Promise<string> {
  const exchange = await requestOnce({ port: instance.httpPort, host: hostOf('app'), path: '/' });
  if (exchange.kind !== 'answer') return exchange.kind;
  const { status, headers } = exchange.answer;
  return [status, headers.get('x-version') ?? '-', headers.get('cache-control') ?? '-'].join(' ');
}

async function untilAnswered(text: string): Promise<void> {
  // NGINX tests each directive separately, which takes time on a busy machine.
  await until(text, async () => (await answered()) === text, 30_000);
}

beforeAll(async () => {
  backends = await startBackends();
  instance = await startInstance({
    'app.yaml': [ingressOf('app'), ...podsOf('app', takeAddresses(1), backends.ports.http)],
    'settings.yaml': settingsOf({ 'location-snippet': 'add_header X-Version good;' }),
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('if NGINX refuses a ConfigMap snippet, its last good value and the new value of another key apply', async () => {
  await untilAnswered('200 good -');
  const from = instance.lines.length;
  instance.write('settings.yaml', settingsOf({ 'location-snippet': BAD, 'http-snippet': 'expires 1h;' }));
  await instance.line(/location-snippet\S* is refused by nginx: .*no_such_directive.*last good value stays/, from);
  await untilAnswered('200 good max-age=3600');
  expect(instance.lines.slice(from).filter((line) => /quarantin|sites\/app/.test(line))).toEqual([]);
}, 120_000);

it('the last good value of a refused snippet still applies after a restart of the controller', async () => {
  await instance.end('SIGKILL');
  const from = instance.lines.length;
  await instance.start();
  expect(await answered()).toBe('200 good max-age=3600');
  instance.write('other.yaml', [ingressOf('other', 'app')]);
  await instance.line(/reload: new host/, from);
  await instance.line(/location-snippet\S* is refused by nginx: .*last good value stays/, from);
  await untilAnswered('200 good max-age=3600');
}, 120_000);

it('a refused snippet applies once it is corrected', async () => {
  instance.write('settings.yaml', settingsOf({ 'location-snippet': 'add_header X-Version new;' }));
  await untilAnswered('200 new -');
}, 120_000);
