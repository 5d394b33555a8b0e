import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { flagsOf } from '../controller/cli/flags.ts';
import { cases, helm, render } from './helm.ts';
import { renderPod } from './pod.ts';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';
const matrix = cases();

function file(name: string): string {
  const path = matrix.get(name);
  if (path === undefined) throw new Error(`no values file ${name}`);
  return path;
}

describe.skipIf(helm === undefined)('the Pod of the chart', () => {
  for (const [name, path] of matrix) {
    test(`${name}: has an nginx container without a token and privileges, with a read-only configuration`, async () => {
      const { spec, nginx, controller } = await renderPod({ files: [path] });
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.shareProcessNamespace).toBeUndefined();
      const projected = (spec.volumes ?? []).filter((volume) => volume.projected !== undefined).map((v) => v.name);
      for (const mount of nginx.volumeMounts ?? []) {
        expect(projected).not.toContain(mount.name);
        expect(TOKEN.startsWith(mount.mountPath)).toBe(false);
      }
      expect(nginx.volumeMounts).toContainEqual({ name: 'conf', mountPath: '/run/tidegate/conf', readOnly: true });
      expect(nginx.volumeMounts).toContainEqual({ name: 'run', mountPath: '/run/tidegate/run' });
      expect(nginx.volumeMounts?.map((mount) => mount.name)).not.toContain('controller');
      for (const { securityContext } of [nginx, controller]) {
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          runAsUser: 101,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          seccompProfile: { type: 'RuntimeDefault' },
          capabilities: { drop: ['ALL'] },
        });
        expect(securityContext?.capabilities?.add).toBeUndefined();
      }
      expect(nginx.restartPolicy).toBe('Always');
      expect(spec.initContainers?.at(-1)?.name).toBe('nginx');
    });
  }

  test('mounts the token and a writable configuration only in the controller container', async () => {
    const { controller, spec } = await renderPod();
    expect(controller.volumeMounts).toEqual([
      { name: 'conf', mountPath: '/run/tidegate/conf' },
      { name: 'run', mountPath: '/run/tidegate/run', readOnly: true },
      { name: 'controller', mountPath: '/run/tidegate/controller' },
      { name: 'token', mountPath: TOKEN, readOnly: true },
    ]);
    for (const name of ['conf', 'run', 'controller'])
      expect(spec.volumes?.find((volume) => volume.name === name)?.emptyDir).toMatchObject({ medium: 'Memory' });
  });

  test('mounts no token in any container if automountServiceAccountToken is false', async () => {
    const { controller, spec } = await renderPod({ files: [file('no-rights')] });
    expect(spec.volumes?.map((volume) => volume.name)).toEqual(['conf', 'run', 'controller']);
    expect(controller.volumeMounts?.map((mount) => mount.name)).toEqual(['conf', 'run', 'controller']);
    expect(spec.serviceAccountName).toBe('given');
  });

  test('declares the public ports on the nginx container, and the metrics port on the controller', async () => {
    const { nginx, controller, flags } = await renderPod();
    expect(nginx.ports?.map((port) => [port.name, port.containerPort])).toEqual([
      ['http', 8080],
      ['https', 8443],
    ]);
    expect(controller.ports?.map((port) => [port.name, port.containerPort])).toEqual([
      ['metrics', 10254],
      ['webhook', 8444],
    ]);
    expect(flags.get('http-listen-port')).toBe('8080');
    expect(flags.get('http-port')).toBe('80');
  });

  test("declares NGINX's ports on the controller before Kubernetes 1.33, which finds ports of sidecars", async () => {
    const { controller, nginx } = await renderPod({ kubeVersion: '1.32.9' });
    expect(controller.ports?.slice(2)).toEqual((await renderPod()).nginx.ports);
    expect(nginx.ports).toBeUndefined();
  });

  test('declares host ports on the controller, because the kubelet maps no host ports of sidecars', async () => {
    const { controller, nginx } = await renderPod({ files: [file('daemonset-host-port')] });
    expect(controller.ports?.map((port) => port.hostPort)).toEqual([undefined, undefined, 80, 443]);
    expect(nginx.ports).toBeUndefined();
  });

  test('binds ports 80 and 443 if it uses the host network', async () => {
    const { nginx, spec, flags } = await renderPod({ files: [file('daemonset-host-network')] });
    expect(nginx.ports?.map((port) => port.containerPort)).toEqual([80, 443]);
    expect([spec.hostNetwork, spec.dnsPolicy]).toEqual([true, 'ClusterFirstWithHostNet']);
    expect(flags.get('http-listen-port')).toBe('80');
    expect(flags.get('report-node-internal-ip-address')).toBe('true');
    expect(flags.has('publish-service')).toBe(false);
  });

  test('passes the CPU limit of the nginx container to the controller, for the number of workers', async () => {
    const limited = await renderPod({ files: [file('resources')] });
    expect(limited.controller.env).toContainEqual({
      name: 'TIDEGATE_NGINX_CPU_LIMIT',
      valueFrom: { resourceFieldRef: { containerName: 'nginx', resource: 'limits.cpu' } },
    });
    const free = await renderPod();
    expect(free.controller.env?.map((variable) => variable.name)).toEqual([
      'POD_NAME',
      'POD_NAMESPACE',
      'NODE_OPTIONS',
      'MALLOC_MMAP_THRESHOLD_',
      'MALLOC_ARENA_MAX',
    ]);
  });

  test("limits the controller's memory, and limits Node's heap to 60 % of the memory limit", async () => {
    const options = (pod: Awaited<ReturnType<typeof renderPod>>) =>
      (pod.controller.env ?? []).filter(({ name }) => name === 'NODE_OPTIONS').map(({ value }) => value);
    const standard = await renderPod();
    expect(standard.controller.resources?.limits).toEqual({ memory: '2Gi' });
    expect(options(standard)).toEqual(['--max-semi-space-size=2 --max-old-space-size-percentage=60']);
    expect(options(await renderPod({ files: [file('resources')] }))).toEqual(['--max-old-space-size=384']);
    const free = await renderPod({ values: { manager: { resources: { limits: null } } } });
    expect(free.controller.resources?.limits).toBeUndefined();
    expect(options(free)).toEqual([]);
  });

  test.each([
    ['MALLOC_MMAP_THRESHOLD_', '32768', '65536'],
    ['MALLOC_ARENA_MAX', '1', '4'],
  ])('sets %s for the controller, unless manager.extraEnvs sets another value', async (variable, standard, other) => {
    const named = (pod: Awaited<ReturnType<typeof renderPod>>) =>
      (pod.controller.env ?? []).filter(({ name }) => name === variable).map(({ value }) => value);
    expect(named(await renderPod())).toEqual([standard]);
    const extraEnvs = [{ name: variable, value: other }];
    expect(named(await renderPod({ values: { manager: { extraEnvs } } }))).toEqual([other]);
  });

  test('has NODE_OPTIONS that include the options of the Dockerfile', async () => {
    const dockerfile = await readFile(new URL('../Dockerfile', import.meta.url), 'utf8');
    const ofImage = /^ENV (?:.*\\\n)*? *NODE_OPTIONS=(\S+)$/m.exec(dockerfile)?.[1];
    const { controller } = await renderPod();
    expect(controller.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value?.split(' ')).toContain(ofImage);
  });

  test('uses the option --max-old-space-size-percentage, by which Node limits its heap', async () => {
    const limit = async (...flags: string[]) => {
      const { stdout } = await execa(process.execPath, [...flags, '-p', 'v8.getHeapStatistics().heap_size_limit']);
      return Number(stdout);
    };
    const [small, large] = await Promise.all(
      [10, 20].map((share) => limit(`--max-old-space-size-percentage=${share}`)),
    );
    // Both limits also contain the young generation, so that the ratio is less than 2.
    expect((large ?? 0) / (small ?? 1)).toBeGreaterThan(1.7);
  });

  test('applies values of the ingress-nginx chart to the nginx container, manager.* to the controller', async () => {
    const { nginx, controller, spec, flags } = await renderPod({ files: [file('resources')] });
    expect(nginx.resources?.limits).toEqual({ cpu: '2', memory: '1Gi' });
    expect(controller.resources?.limits).toEqual({ memory: '512Mi' });
    expect(nginx.lifecycle?.preStop?.exec?.command).toEqual(['sleep', '5']);
    expect(controller.lifecycle).toBeUndefined();
    expect(nginx.env?.map((variable) => variable.name)).toEqual(['TZ']);
    expect(controller.env?.map((variable) => variable.name)).toContain('NODE_OPTIONS');
    expect(spec.initContainers?.map((container) => container.name)).toEqual(['wait', 'nginx']);
    expect(spec.containers.map((container) => container.name)).toEqual(['controller', 'exporter']);
    expect(flags.get('v')).toBe('2');
  });

  test('has probes that check NGINX in the nginx container, and the controller in its container', async () => {
    const { nginx, controller } = await renderPod();
    expect(nginx.readinessProbe?.httpGet).toEqual({ path: '/ready', port: 10246, scheme: 'HTTP' });
    expect(nginx.livenessProbe?.tcpSocket).toEqual({ port: 10246 });
    expect(controller.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 10254, scheme: 'HTTP' });
    expect(controller.readinessProbe).toBeUndefined();
  });

  test('has probes with the ports that flags set, and checks NGINX even if values name the old probes', async () => {
    const { nginx, controller } = await renderPod({ files: [file('probes')] });
    expect(nginx.livenessProbe).toMatchObject({ tcpSocket: { port: 10346 }, timeoutSeconds: 7 });
    expect(nginx.livenessProbe?.httpGet).toBeUndefined();
    expect(nginx.startupProbe).toMatchObject({ tcpSocket: { port: 10346 }, failureThreshold: 30 });
    expect(nginx.readinessProbe).toMatchObject({ httpGet: { path: '/ready', port: 10246 }, failureThreshold: 9 });
    expect(controller.livenessProbe?.httpGet).toMatchObject({ path: '/healthz/live', port: 10354 });
    expect(controller.startupProbe).toMatchObject({ httpGet: { port: 10354 }, failureThreshold: 60 });
  });

  test('passes each flag once, prefers extraArgs, and passes an empty value as a flag without a value', async () => {
    const { flags, controller } = await renderPod({ files: [file('flags')] });
    expect(controller.args?.[0]).toBe('controller');
    expect(new Set(controller.args).size).toBe(flags.size + 1);
    expect(Object.fromEntries(flags)).toMatchObject({
      'default-ssl-certificate': 'ingress-nginx/default',
      'enable-ssl-passthrough': '',
      'time-buckets': '0.1,1,10',
      'http-port': '8080',
      'http-listen-port': '8080',
      'update-status-on-shutdown': 'false',
      'enable-annotation-validation': 'false',
      'election-id': 'edge-leader',
      'election-ttl': '15s',
      'watch-ingress-without-class': 'true',
    });
    expect(controller.args).toContain('--enable-ssl-passthrough');
  });

  test('passes only flags that the controller supports, and has the same default ports as the controller', async () => {
    const known = new Map(flagsOf('controller').map((row) => [row.name, row]));
    for (const path of matrix.values())
      for (const name of (await renderPod({ files: [path] })).flags.keys()) expect([...known.keys()]).toContain(name);
    const { flags } = await renderPod();
    for (const name of flags.keys()) expect(`${name} ${known.get(name)?.state}`).toBe(`${name} undefined`);
    for (const name of ['run-dir', 'http-listen-port', 'https-listen-port', 'http-port', 'https-port'])
      expect(flags.get(name)).toBe(known.get(name)?.fallback);
    expect([known.get('status-port')?.fallback, known.get('healthz-port')?.fallback]).toEqual(['10246', '10254']);
  });

  test('omits the flag publish-service if extraArgs contain publish-status-address', async () => {
    const { flags } = await renderPod({ files: [file('status-address')] });
    expect(flags.get('publish-status-address')).toBe('203.0.113.1,203.0.113.2');
    expect(flags.has('publish-service')).toBe(false);
  });

  test('can use an image from a mirror registry, with a digest, or with a full repository path', async () => {
    expect((await renderPod()).nginx.image).toBe('tidegate:0.1.0');
    const mirror = await renderPod({ files: [file('images')] });
    expect(mirror.nginx.image).toBe(`registry.example.com/tidegate:0.1.0@sha256:${'1'.repeat(64)}`);
    expect(mirror.controller.image).toBe(mirror.nginx.image);
    const values = { controller: { image: { repository: 'example.com/edge/tidegate', tag: 'v1.2.3' } } };
    expect((await renderPod({ values })).nginx.image).toBe('example.com/edge/tidegate:v1.2.3');
    expect(JSON.stringify(await render({ files: [file('default-backend')] }))).toContain(
      'registry.k8s.io/defaultbackend-amd64:1.5',
    );
  });
});
