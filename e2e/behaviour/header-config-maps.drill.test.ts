/** Changes to ConfigMaps that contain headers take effect, even if nothing else changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { send } from '../runner/run.ts';
import { readScenario } from '../runner/scenario.ts';
import { receivedOf } from '../runner/seen.ts';
import { makeVariant } from '../runner/variant.ts';

let backends: Backends;
let instance: Instance;

const scenario = readScenario({
  name: 'headers of ConfigMaps',
  about: 'there are three ConfigMaps, which different keys name',
  alone: true,
  endpoints: { web: 1 },
  settings: {
    'add-headers': 'NAMESPACE/answers',
    'proxy-set-headers': 'NAMESPACE/backends',
    'global-allowed-response-headers': 'X-Custom',
  },
  ingresses: [{ annotations: { 'custom-headers': 'NAMESPACE/custom' }, paths: { '/': 'web' } }],
  requests: [{}],
  control: { remove: ['custom-headers'] },
});

function configMap(name: string, data: Record<string, string>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'headersa', name }, data };
}

/** The status of a response, and the values of the headers that the three ConfigMaps set. */
async function look(): Promise<Record<string, string | undefined>> {
  const seen = await send({ ...scenario.requests[0]!, host: 'headersa.example.test' }, instance);
  const received = new Map(receivedOf(seen)?.headers.map(([name, value]) => [name.toLowerCase(), value]));
  return {
    status: String(seen.status),
    answers: seen.headers.get('x-answer'),
    backends: received.get('x-backend'),
    custom: seen.headers.get('x-custom'),
  };
}

async function reaches(wanted: Record<string, string | undefined>): Promise<void> {
  let last: Record<string, string | undefined> = {};
  const holds = async () => {
    last = await look();
    return Object.entries(wanted).every(([name, value]) => last[name] === value);
  };
  await until(`the headers are ${JSON.stringify(wanted)}`, holds).catch(() => expect(last).toMatchObject(wanted));
}

beforeAll(async () => {
  backends = await startBackends();
  const variant = await makeVariant(scenario, { id: 'headersa', control: false, backends });
  instance = await startInstance({
    'site.yaml': variant.objects,
    'answers.yaml': [configMap('answers', { 'X-Answer': 'one' })],
    'backends.yaml': [configMap('backends', { 'X-Backend': 'one' })],
    'custom.yaml': [configMap('custom', { 'X-Custom': 'one' })],
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

test('changed headers in ConfigMaps reach responses and backends, and response headers need no reload', async () => {
  await reaches({ status: '200', answers: 'one', backends: 'one', custom: 'one' });
  const from = instance.lines.length;
  instance.write('answers.yaml', [configMap('answers', { 'X-Answer': 'two' })]);
  instance.write('custom.yaml', [configMap('custom', { 'X-Custom': 'two' })]);
  await reaches({ answers: 'two', custom: 'two' });
  await sleep(200);
  expect(instance.lines.slice(from).filter((line) => line.includes(' reload: '))).toEqual([]);
  instance.write('backends.yaml', [configMap('backends', { 'X-Backend': 'two' })]);
  await reaches({ backends: 'two' });
}, 60_000);

test('deleting a ConfigMap that a setting names removes only its headers', async () => {
  const from = instance.lines.length;
  instance.remove('answers.yaml');
  instance.remove('backends.yaml');
  await reaches({ status: '200', answers: undefined, backends: undefined, custom: 'two' });
  await instance.line(/headersa\/answers, which add-headers names, does not exist/, from);
  await instance.line(/headersa\/backends, which proxy-set-headers names, does not exist/, from);
  instance.write('answers.yaml', [configMap('answers', { 'X-Answer': 'three' })]);
  instance.write('backends.yaml', [configMap('backends', { 'X-Backend': 'three' })]);
  await reaches({ answers: 'three', backends: 'three' });
}, 60_000);

test('paths with custom-headers answer 503 while the ConfigMap does not exist', async () => {
  instance.remove('custom.yaml');
  await reaches({ status: '503', custom: undefined });
  instance.write('custom.yaml', [configMap('custom', { 'X-Custom': 'three' })]);
  await reaches({ status: '200', custom: 'three' });
}, 60_000);
