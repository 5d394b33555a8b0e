/** Which existing cluster the tests may use, and what they write to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator } from './emulator.ts';
import type { Emulator, LoggedRequest } from './emulator.ts';
import { findForeign, MARKER } from './foreign.ts';
import { hasKubectl, kubectlFor } from './kubectl.ts';
import { createWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

const INGRESS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};

let emulator: Emulator;
let folder: string;
let given: string;

beforeAll(async () => {
  emulator = await startEmulator({ tls: true, token: 'somebody' });
  folder = mkdtempSync(join(tmpdir(), 'tidegate-foreign-'));
  given = join(folder, 'given');
  emulator.writeKubeconfig(given);
});

afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

function mark(labels?: Record<string, string>): void {
  emulator.remove('Namespace', '', MARKER.namespace);
  if (labels === undefined) return;
  emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: MARKER.namespace, labels } });
}

function writes(): readonly LoggedRequest[] {
  return emulator.log.entries.filter(({ verb }) => !['get', 'list', 'watch', 'other'].includes(verb));
}

async function refusal(path: string): Promise<string> {
  const found = await findForeign(path, folder);
  return found !== undefined && 'refused' in found ? found.refused : '';
}

describe.skipIf(!hasKubectl())('an existing cluster', () => {
  beforeEach(() => emulator.log.clear());

  it('is not used if TIDEGATE_E2E_KUBECONFIG is not set', async () => {
    expect(await findForeign(undefined, folder)).toBeUndefined();
    expect(await findForeign('', folder)).toBeUndefined();
  });

  it('is used through a self-contained kubeconfig if its marker namespace allows tests', async () => {
    mark({ [MARKER.label]: MARKER.value });
    const found = await findForeign(given, folder);
    expect(found).toEqual({ kubeconfig: join(folder, 'foreign'), server: emulator.url });
    expect(readFileSync(join(folder, 'foreign'), 'utf8')).toContain('certificate-authority-data');
    expect(writes()).toEqual([]);
  });

  it.each([
    ['no marker namespace', undefined, 'NotFound'],
    ['a marker namespace without the label', {}, 'lacks the label'],
    ['a marker namespace whose label has another value', { [MARKER.label]: 'forbidden' }, 'lacks the label'],
  ])('is not used with %s', async (_, labels, why) => {
    mark(labels);
    const said = await refusal(given);
    expect(said).toContain(`TIDEGATE_E2E_KUBECONFIG=${given} is not used`);
    expect(said).toContain(why);
    expect(said).toContain(`kubectl label namespace ${MARKER.namespace} ${MARKER.label}=${MARKER.value}`);
    expect(writes()).toEqual([]);
  });

  it('is not used if the kubeconfig is missing or invalid, or gets credentials from a program', async () => {
    expect(await refusal(join(folder, 'missing'))).toContain('there is no such file');
    writeFileSync(join(folder, 'broken'), 'a: [');
    expect(await refusal(join(folder, 'broken'))).toContain('kubectl cannot read it');
    const text = readFileSync(given, 'utf8');
    writeFileSync(join(folder, 'program'), text.replace(/user:\n.*token: .*\n/, 'user: { exec: { command: x } }\n'));
    expect(await refusal(join(folder, 'program'))).toContain('credentials from a program');
    expect(emulator.log.entries).toEqual([]);
  });
});

describe.skipIf(!hasKubectl())('the namespace that a test creates', () => {
  let workspace: Workspace;

  beforeEach(async () => {
    emulator.put({ ...INGRESS, metadata: { name: 'web', namespace: 'shop' } });
    emulator.log.clear();
    workspace = await createWorkspace(kubectlFor(given));
  });

  it('has a random name and a label', () => {
    expect(workspace.namespace).toMatch(/^tidegate-e2e-[0-9a-f]{8}$/);
    expect(emulator.get('Namespace', '', workspace.namespace)?.metadata.labels).toMatchObject({
      [MARKER.label]: 'run',
    });
  });

  it.each([
    ['of another namespace', { ...INGRESS, metadata: { name: 'web', namespace: 'shop' } }],
    [
      'of a cluster-scoped kind',
      { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' } },
    ],
  ])('rejects a manifest of an object %s', async (_, object) => {
    emulator.log.clear();
    const metadata = { namespace: workspace.namespace, ...object.metadata };
    await expect(workspace.apply({ ...object, metadata })).rejects.toThrow(
      `is not for the namespace ${workspace.namespace}`,
    );
    expect(emulator.log.entries).toEqual([]);
  });

  it.each(['alone', 'with controllers'])(
    'is removed without any change outside it, from an API server %s',
    async (kind) => {
      const { namespace } = workspace;
      const rootCa = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace } };
      if (kind === 'with controllers') emulator.put(rootCa);
      emulator.put({ ...INGRESS, metadata: { name: 'web', namespace } });
      await workspace.dispose();
      expect(emulator.get('Namespace', '', namespace)).toBeUndefined();
      expect(emulator.get('Ingress', 'shop', 'web')).toBeDefined();
      const deleted = writes().filter(({ verb }) => verb === 'delete');
      expect(deleted.map(({ name, namespace: within }) => within ?? name)).toContain(namespace);
      expect(writes().filter(({ name, namespace: within = name ?? namespace }) => within !== namespace)).toEqual([]);
      await workspace.dispose();
    },
  );

  it('is not removed if another namespace now has its name', async () => {
    const metadata = { name: workspace.namespace, uid: 'of-another' };
    emulator.remove('Namespace', '', workspace.namespace);
    emulator.put({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await expect(workspace.dispose()).rejects.toThrow('is not removed');
    expect(emulator.get('Namespace', '', workspace.namespace)).toBeDefined();
  });
});
