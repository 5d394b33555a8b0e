/**
 * Tests that the real API server starts, uses RBAC and can be restarted, and that the emulator responds in the same
 * way.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAssets } from './assets.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator } from './emulator.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { fileArgument, kubectlFor } from './kubectl.ts';
import type { Kubectl } from './kubectl.ts';
import { startRealServer } from './real.ts';
import type { RealServer } from './real.ts';

const assets = findAssets();
const input = fileURLToPath(new URL('../inputs/kubia.yaml', import.meta.url));

describe.skipIf('missing' in assets)('the real API server', () => {
  let folder: string;
  let server: RealServer;
  let emulator: Emulator;
  let real: Kubectl;
  let emulated: Kubectl;

  beforeAll(async () => {
    if ('missing' in assets) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-real-'));
    server = await startRealServer(assets.folder);
    server.writeKubeconfig(join(folder, 'real'));
    emulator = await startEmulator({ tls: true });
    emulator.writeKubeconfig(join(folder, 'emulated'));
    real = kubectlFor(join(folder, 'real'));
    emulated = kubectlFor(join(folder, 'emulated'));
  }, 120_000);

  afterAll(async () => {
    await server?.stop();
    await emulator?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('validates, stores and shows an Ingress', async () => {
    expect(await real.run(['apply', '-f', fileArgument(input)])).toContain('kubia created');
    expect(await real.run(['get', 'ingress'])).toContain('kubia.example.com');
    const wrong = JSON.stringify({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'x' },
      spec: {},
    });
    await expect(real.run(['apply', '-f', '-'], wrong)).rejects.toThrow(
      /spec: Invalid value|either `defaultBackend` or `rules`/,
    );
  });

  it('refuses anonymous requests, and requests for which RBAC grants no permission', async () => {
    await expect(get(server, '/api/v1/secrets')).resolves.toBe(401);
    await real.run(['create', 'serviceaccount', 'reader']);
    await real.run(['create', 'role', 'reader', '--verb=get,list', '--resource=configmaps']);
    await real.run(['create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:reader']);
    const token = (await real.run(['create', 'token', 'reader'])).trim();
    server.writeKubeconfig(join(folder, 'reader'), { token });
    const reader = kubectlFor(join(folder, 'reader'));
    expect(await reader.run(['get', 'configmaps', '-o', 'name'])).toBe('');
    await expect(reader.run(['get', 'secrets'])).rejects.toThrow(/forbidden/i);
    await expect(reader.run(['get', 'configmaps', '-A'])).rejects.toThrow(/forbidden/i);
  });

  it('can be reached through the fault proxy, except while the proxy refuses connections', async () => {
    const proxy = await startFaultProxy(server.port);
    server.writeKubeconfig(join(folder, 'proxied'), { port: proxy.port });
    const through = kubectlFor(join(folder, 'proxied'));
    expect(await through.run(['get', 'namespaces', '-o', 'name'])).toContain('namespace/default');
    await proxy.refuse();
    await expect(through.run(['get', 'namespaces'])).rejects.toThrow(/refused/);
    await proxy.stop();
  });

  it('still has its objects after kube-apiserver was killed and restarted', async () => {
    await server.restart();
    expect(await real.run(['get', 'ingress', '-o', 'name'])).toBe('ingress.networking.k8s.io/kubia\n');
  }, 120_000);

  it.each([
    [
      'a patch with a stale resourceVersion',
      'configmap',
      { data: { a: '1' } },
      { metadata: { resourceVersion: '1' }, data: { a: '2' } },
      'the object has been modified',
    ],
    [
      'a Lease whose time has milliseconds instead of microseconds',
      'lease',
      { spec: {} },
      { spec: { renewTime: '2026-11-20T10:00:00.123Z' } },
      'parsing time',
    ],
  ])('refuses %s, as the emulator does', async (_, kind, object, patch, why) => {
    const versions: Readonly<Record<string, string>> = { configmap: 'v1', lease: 'coordination.k8s.io/v1' };
    const kinds: Readonly<Record<string, string>> = { configmap: 'ConfigMap', lease: 'Lease' };
    const text = JSON.stringify({
      apiVersion: versions[kind],
      kind: kinds[kind],
      metadata: { name: 'same' },
      ...object,
    });
    const said: string[] = [];
    for (const kubectl of [real, emulated]) {
      await kubectl.run(['apply', '--validate=false', '-f', '-'], text);
      const args = ['patch', kind, 'same', '--type=merge', '-p', JSON.stringify(patch)];
      said.push(
        await kubectl.run(args).then(
          () => 'accepted',
          (error: unknown) => String(error),
        ),
      );
    }
    expect(said).toEqual([expect.stringContaining(why), expect.stringContaining(why)]);
  });

  it('leaves the resourceVersion unchanged if a write changes nothing, as the emulator does', async () => {
    for (const kubectl of [real, emulated]) {
      await kubectl.run(['apply', '--validate=false', '-f', fileArgument(input)]);
      const show = ['get', 'ingress', 'kubia', '-o', 'jsonpath={.metadata.resourceVersion} {.metadata.generation}'];
      const before = await kubectl.run(show);
      await kubectl.run(['annotate', 'ingress', 'kubia', 'a=b']);
      const annotated = await kubectl.run(show);
      await kubectl.run(['annotate', '--overwrite', 'ingress', 'kubia', 'a=b']);
      expect(await kubectl.run(show)).toBe(annotated);
      expect(annotated.split(' ')[1]).toBe(before.split(' ')[1]);
      expect(annotated).not.toBe(before);
      await kubectl.run(['annotate', 'ingress', 'kubia', 'a-']);
    }
  });

  it.each([
    [
      'sends nothing to a watch at a revision that it has not reached',
      'configmaps?watch=true&resourceVersion=9999999&timeoutSeconds=1',
    ],
    ['ignores the parameter `watch` on the path of a single object', 'configmaps/same?watch=true'],
    ['refuses a field selector with an unsupported field', 'configmaps?fieldSelector=data.a%3Db'],
    ['refuses an invalid continue token', 'configmaps?limit=1&continue=x'],
    ['returns the items of a list without a kind', 'configmaps?fieldSelector=metadata.name%3Dsame'],
  ])(
    '%s, as the emulator does',
    async (_, path) => {
      const seen: string[] = [];
      for (const kubectl of [real, emulated]) {
        const text = await kubectl
          .run(['get', '--raw', `/api/v1/namespaces/default/${path}`])
          .then(shapeOf, () => 'refused');
        seen.push(text);
      }
      expect(seen[1]).toBe(seen[0]);
    },
    30_000,
  );
});

/** The status of the response to a request without credentials. */
async function get(server: RealServer, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(`${server.url}${path}`, { ca: server.ca, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.on('error', reject).setTimeout(5_000, () => sent.destroy());
  sent.end();
  return promise;
}

/**
 * The names of all fields of a response; the values differ between the servers. managedFields are left out, because
 * only the real server has them.
 */
function shapeOf(text: string): string {
  return text === '' ? 'nothing' : fieldsOf(JSON.parse(text)).join(' ');
}

function fieldsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = Object.entries(value).filter(([name]) => name !== 'managedFields');
  return fields.flatMap(([name, one]) => [name, ...fieldsOf(one)]).toSorted();
}
