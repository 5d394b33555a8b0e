/** Runs kubectl against the emulator, over TLS and with a token. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from './emulator.ts';
import type { Emulator } from './emulator.ts';
import { fileArgument, hasKubectl, kubectlFor } from './kubectl.ts';
import type { Kubectl } from './kubectl.ts';
import { writeKubeconfig } from './kubeconfig.ts';

const input = fileURLToPath(new URL('../inputs/kubia.yaml', import.meta.url));

describe.skipIf(!hasKubectl())('kubectl with the emulator', () => {
  let folder: string;
  let emulator: Emulator;
  let kubectl: Kubectl;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidegate-emulator-'));
    emulator = await startEmulator({ tls: true, token: 'secret' });
    emulator.writeKubeconfig(join(folder, 'config'));
    kubectl = kubectlFor(join(folder, 'config'));
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  it('applies, shows, annotates and deletes an Ingress', async () => {
    expect(await kubectl.run(['apply', '--validate=false', '-f', fileArgument(input)])).toContain('kubia created');
    expect(await kubectl.run(['apply', '--validate=false', '-f', fileArgument(input)])).toContain('kubia unchanged');
    emulator.put({
      ...emulator.get('Ingress', 'default', 'kubia'),
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }, { hostname: 'lb.example.test' }] } },
    });
    const table = await kubectl.run(['get', 'ingress']);
    expect(table).toMatch(/NAME +CLASS +HOSTS +ADDRESS +PORTS +AGE/);
    expect(table).toMatch(/kubia +<none> +kubia\.example\.com +192\.0\.2\.7,lb\.example\.test +80, 443/);
    await kubectl.run(['annotate', 'ingress', 'kubia', 'a=b']);
    expect(emulator.get('Ingress', 'default', 'kubia')?.metadata.annotations).toMatchObject({ a: 'b' });
    await kubectl.run(['delete', 'ingress', 'kubia']);
    expect(emulator.list('Ingress')).toEqual([]);
  });

  it('describes an Ingress with its Events', async () => {
    await kubectl.run(['apply', '--server-side', '--validate=false', '-f', fileArgument(input)]);
    const { uid } = emulator.get('Ingress', 'default', 'kubia')?.metadata ?? {};
    emulator.put({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'kubia.1', namespace: 'default' },
      regarding: { kind: 'Ingress', namespace: 'default', name: 'kubia', uid: uid ?? '' },
      reason: 'Rejected',
      type: 'Warning',
      note: 'nginx says no',
      eventTime: '2026-11-20T10:00:00.000000Z',
    });
    const text = await kubectl.run(['describe', 'ingress', 'kubia']);
    expect(text).toMatch(/kubia-nodeport:80/);
    expect(text).toMatch(/Warning +Rejected .*nginx says no/);
  });

  it('fails if it sends a wrong token', async () => {
    writeKubeconfig(join(folder, 'stranger'), { server: emulator.url, ca: emulator.ca, token: 'wrong' });
    await expect(kubectlFor(join(folder, 'stranger')).run(['get', 'ingress'])).rejects.toThrow(
      /logged in|Unauthorized/,
    );
  });
});
