/** Tests what stays the same when a release of the ingress-nginx chart is upgraded to this chart. */
import type {
  V1Deployment,
  V1Job,
  V2HorizontalPodAutoscaler,
  V1PodDisruptionBudget,
  V1Service,
} from '@kubernetes/client-node';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cases, CHART, helm, only, render, template } from './helm.ts';
import { renderNotes } from './notes.ts';
import { renderPod } from './pod.ts';

const OLD_DEFAULTS = join(import.meta.dirname, 'fixtures/ingress-nginx-defaults.yaml');
const SERVICE = 'ingress-nginx-controller';
const SELECTOR = {
  'app.kubernetes.io/name': 'ingress-nginx',
  'app.kubernetes.io/instance': 'ingress-nginx',
  'app.kubernetes.io/component': 'controller',
};
const matrix = cases();

function files(name: string): { readonly files: readonly string[] } {
  return { files: [matrix.get(name) ?? name] };
}

describe.skipIf(helm === undefined)('this chart, which replaces the ingress-nginx chart', () => {
  test('creates objects with the same names as the ingress-nginx chart', async () => {
    const objects = await render();
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()).toEqual([
      'ClusterRole ingress-nginx',
      'ClusterRoleBinding ingress-nginx',
      'ConfigMap ingress-nginx-controller',
      'Deployment ingress-nginx-controller',
      'IngressClass nginx',
      'Role ingress-nginx',
      'RoleBinding ingress-nginx',
      'Secret ingress-nginx-admission-certificate',
      'Service ingress-nginx-controller',
      'Service ingress-nginx-controller-admission',
      'ServiceAccount ingress-nginx',
      'ValidatingWebhookConfiguration ingress-nginx-admission',
    ]);
  });

  test('derives names from the release, nameOverride and fullnameOverride like the ingress-nginx chart', async () => {
    const name = async (release: string, values: unknown = {}) =>
      only<V1Deployment>(await render({ release, values }), 'Deployment').metadata?.name;
    expect(await name('edge')).toBe('edge-ingress-nginx-controller');
    expect(await name('my-ingress-nginx-2')).toBe('my-ingress-nginx-2-controller');
    expect(await name('edge', { nameOverride: 'gate' })).toBe('edge-gate-controller');
    expect(await name('edge', { fullnameOverride: 'gate', controller: { name: 'c' } })).toBe('gate-c');
  });

  test('has the same selectors as the ingress-nginx chart, because selectors are immutable', async () => {
    const objects = await render({ values: { commonLabels: { a: 'b' }, controller: { podLabels: { c: 'd' } } } });
    const { spec } = only<V1Deployment>(objects, 'Deployment');
    expect(spec?.selector).toEqual({ matchLabels: SELECTOR });
    expect(spec?.template.metadata?.labels).toMatchObject({ ...SELECTOR, a: 'b', c: 'd' });
    expect(only<V1Service>(objects, 'Service', SERVICE).spec?.selector).toEqual(SELECTOR);
  });

  test('has Services that refer to ports by name, so that old and new Pods can serve at the same time', async () => {
    const { spec } = only<V1Service>(await render(), 'Service', SERVICE);
    expect(spec?.type).toBe('LoadBalancer');
    expect(spec?.ports).toEqual([
      { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
    ]);
  });

  test('accepts a copy of all default values of the ingress-nginx chart, except the image', async () => {
    const { workload, nginx, controller, flags } = await renderPod({ files: [OLD_DEFAULTS] });
    const ours = await renderPod();
    expect(flags).toEqual(ours.flags);
    expect(workload.metadata).toEqual(ours.workload.metadata);
    expect(nginx.ports).toEqual(ours.nginx.ports);
    expect(nginx.lifecycle).toBeUndefined();
    expect(nginx.readinessProbe?.httpGet).toEqual(ours.nginx.readinessProbe?.httpGet);
    expect(nginx.livenessProbe?.tcpSocket).toEqual({ port: 10246 });
    expect(controller.securityContext?.readOnlyRootFilesystem).toBe(true);
  });

  test('accepts a values file that begins with the heading which helm get values prints', async () => {
    for (const heading of ['USER-SUPPLIED VALUES', 'COMPUTED VALUES'])
      expect((await template({ values: { [heading]: null, controller: { config: {} } } })).stderr).toBe('');
    expect((await template({ values: { VALUES: null } })).failed).toBe(true);
  });

  test('lists in its notes which default values of the ingress-nginx chart have no effect', async () => {
    const notes = await renderNotes({ files: [OLD_DEFAULTS] });
    for (const path of [
      'controller.admissionWebhooks.port:',
      'controller.admissionWebhooks.patch:',
      'controller.admissionWebhooks.createSecretJob:',
      'controller.admissionWebhooks.patchWebhookJob:',
      'controller.lifecycle.preStop:',
      'controller.livenessProbe.httpGet:',
      'controller.containerPort:',
      'controller.image.readOnlyRootFilesystem:',
    ])
      expect(notes).toContain(`- ${path}`);
    expect(notes).toContain('get service ingress-nginx-controller');
    expect(await renderNotes()).not.toContain('without effect');
    expect(await renderNotes(files('daemonset-host-network'))).toContain('ip_unprivileged_port_start=80');
  });

  test('rejects an upgrade with --reuse-values, and says how to pass only the values that users have set', async () => {
    const chart = await mkdtemp(join(tmpdir(), 'tidegate-reused-'));
    try {
      await cp(CHART, chart, { recursive: true });
      // Emulates `--reuse-values`, with which the old chart's values replace this chart's defaults.
      const image = 'controller: { image: { image: ingress-nginx/controller, tag: v1.15.1 } }\n';
      await writeFile(join(chart, 'values.yaml'), await readFile(OLD_DEFAULTS, 'utf8'));
      const { failed, stderr } = await template({ chart, values: parse(image) });
      expect(failed).toBe(true);
      expect(stderr).toContain('--reset-then-reuse-values');
      expect(stderr).toContain('helm get values');
      expect(stderr).not.toContain('nil pointer');
    } finally {
      await rm(chart, { recursive: true });
    }
  });

  test('has a Job that removes the addresses from the status of Ingresses before an uninstallation', async () => {
    const hooks = async (name: string) =>
      (await render({ ...files(name), hooks: true })).filter(({ kind }) => kind === 'Job');
    const [job] = (await hooks('defaults')) as unknown as V1Job[];
    expect(job).toMatchObject({ metadata: { annotations: { 'helm.sh/hook': 'pre-delete' } } });
    const { spec, metadata } = job!.spec!.template;
    const { spec: pod, controller } = await renderPod(files('defaults'));
    expect(spec?.serviceAccountName).toBe(pod.serviceAccountName);
    const [container] = spec?.containers ?? [];
    expect(container?.args).toEqual(['clear-status', ...(controller.args ?? []).slice(1)]);
    expect([container?.image, container?.securityContext]).toEqual([controller.image, controller.securityContext]);
    // No Service or PodDisruptionBudget may select the Job's Pod as a replica.
    expect(metadata?.labels).not.toMatchObject(SELECTOR);
    for (const name of ['no-status', 'no-rights', 'flags']) expect(await hooks(name)).toEqual([]);
    expect(await render({ values: { controller: { clearStatusOnUninstall: false } }, hooks: true })).toEqual(
      await render(),
    );
  });

  test('has a command in its notes that detects an old webhook which rejects Ingresses', async () => {
    expect(await renderNotes()).toMatch(/kubectl create ingress probe .*--dry-run=server/);
  });

  test('makes kubectl logs show the controller, unless podAnnotations contain another default container', async () => {
    const annotation = 'kubectl.kubernetes.io/default-container';
    const annotations = async (values: unknown) =>
      (await renderPod({ values })).workload.spec?.template.metadata?.annotations?.[annotation];
    expect(await annotations({})).toBe('controller');
    expect(await annotations({ controller: { containerName: 'manager' } })).toBe('manager');
    expect(await annotations({ controller: { podAnnotations: { [annotation]: 'nginx' } } })).toBe('nginx');
  });

  test('creates no object twice if it is installed for a second class in addition to the default installation', async () => {
    const old = await render();
    const beside = await render({ release: 'tidegate', namespace: 'tidegate', ...files('second-class') });
    const names = (objects: typeof old) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names(beside).filter((name) => names(old).includes(name))).toEqual([]);
    const { flags } = await renderPod(files('second-class'));
    expect(flags.get('controller-class')).toBe('tidegate.dev/ingress');
    expect(flags.get('election-id')).toBe('tidegate-leader');
  });

  test('creates an autoscaler and a PodDisruptionBudget in the same cases as the ingress-nginx chart', async () => {
    const kinds = async (name: string) => (await render(files(name))).map(({ kind }) => kind);
    expect(await kinds('defaults')).not.toContain('PodDisruptionBudget');
    const replicas = only<V1PodDisruptionBudget>(await render(files('replicas')), 'PodDisruptionBudget');
    expect(replicas.spec).toMatchObject({ maxUnavailable: 1, selector: { matchLabels: SELECTOR } });
    expect(replicas.spec?.minAvailable).toBeUndefined();
    const scaled = await render(files('autoscaling'));
    expect(only<V1PodDisruptionBudget>(scaled, 'PodDisruptionBudget').spec?.minAvailable).toBe(1);
    expect(only<V1Deployment>(scaled, 'Deployment').spec?.replicas).toBeUndefined();
    const { spec } = only<V2HorizontalPodAutoscaler>(scaled, 'HorizontalPodAutoscaler');
    expect(spec).toMatchObject({ minReplicas: 2, maxReplicas: 20 });
    expect(spec?.metrics?.map((metric) => metric.resource?.name ?? metric.type)).toEqual(['cpu', 'Pods']);
  });

  test('creates an internal Service of type LoadBalancer only if the Service has annotations', async () => {
    const services = async (values: unknown) =>
      (await render({ values }))
        .filter(({ kind, metadata }) => kind === 'Service' && !metadata.name.endsWith('-admission'))
        .map(({ metadata }) => metadata.name);
    const internal = (more: unknown) => ({
      controller: { service: { internal: { enabled: true, ...(more as object) } } },
    });
    expect(await services(internal({}))).toEqual(['ingress-nginx-controller']);
    expect(await services(internal({ annotations: { a: 'b' } }))).toHaveLength(2);
    expect(await services(internal({ type: 'ClusterIP' }))).toHaveLength(2);
    const { flags } = await renderPod(files('internal-only'));
    expect(flags.get('publish-service')).toBe('ingress-nginx/ingress-nginx-controller-internal');
  });

  test('sets node ports only for Services of a type that has node ports', async () => {
    const ports = async (type: string) => {
      const values = { controller: { service: { type, nodePorts: { http: 30080 } } } };
      return only<V1Service>(await render({ values }), 'Service', SERVICE).spec?.ports?.map((port) => port.nodePort);
    };
    expect(await ports('NodePort')).toEqual([30080, undefined]);
    expect(await ports('ClusterIP')).toEqual([undefined, undefined]);
  });
});
