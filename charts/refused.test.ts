import { describe, expect, test } from 'vitest';
import { helm, template } from './helm.ts';

/** Values that the chart rejects, the path that the message names, and words of its advice. */
const REFUSED: readonly (readonly [values: unknown, path: string, advice: string])[] = [
  [{ tcp: { 8080: 'default/example:9000' } }, 'tcp.8080:', 'controller.containerPort.http'],
  [{ tcp: { 443: 'default/example:9000' } }, 'tcp.443:', 'choose another port'],
  [{ udp: { 10246: 'kube-system/kube-dns:53' } }, 'udp.10246:', 'status port'],
  [{ tcp: { db: 'default/example:9000' } }, 'tcp.db:', 'for example 5432: shop/db:5432'],
  [
    { controller: { extraArgs: { 'validating-webhook': ':8443' } } },
    'extraArgs.validating-webhook:',
    'controller.admissionWebhooks.port',
  ],
  [{ controller: { image: { image: 'ingress-nginx/controller' } } }, 'controller.image:', 'image: tidegate'],
  [
    { controller: { image: { repository: 'example.com/ingress-nginx/controller' } } },
    'controller.image:',
    'old controller',
  ],
  [{ controller: { image: { tag: 'v1.11.2' } } }, 'controller.image.tag:', 'tag: "0.1.0"'],
  [{ controller: { image: { repository: 'example.com/x/controller' } } }, 'controller.image:', 'old controller'],
  [{ controller: { image: { image: 'nginx-ingress-controller' } } }, 'controller.image:', 'old controller'],
  [{ controller: { image: { tag: 'v0.49.3' } } }, 'controller.image.tag:', 'tag: "0.1.0"'],
  [{ controller: { image: { digest: 'sha256:1234' } } }, 'controller.image.digest:', 'controller.image.repository'],
  [{ controller: { daemonset: { useHostPort: true } } }, 'controller.daemonset:', 'controller.hostPort'],
  [{ controller: { headers: { a: 'b' } } }, 'controller.headers:', 'controller.proxySetHeaders'],
  [{ controller: { setAsDefaultIngress: true } }, 'controller.setAsDefaultIngress:', 'ingressClassResource.default'],
  [{ rollingUpdate: { maxSurge: 1 } }, 'rollingUpdate:', 'controller.updateStrategy'],
  [
    { controller: { config: { 'enable-modsecurity': true }, extraArgs: { 'ignore-modsecurity': false } } },
    'controller.config.enable-modsecurity:',
    'controller.extraArgs.ignore-modsecurity',
  ],
  [{ controller: { image: { chroot: true } } }, 'controller.image.chroot:', 'container of its own'],
  [{ controller: { image: { runAsUser: 0 } } }, 'controller.image.runAsNonRoot', '101'],
  [{ controller: { image: { allowPrivilegeEscalation: true } } }, 'allowPrivilegeEscalation:', 'remove the values'],
  [{ controller: { shareProcessNamespace: true } }, 'controller.shareProcessNamespace:', 'token'],
  [{ controller: { customTemplate: { configMapName: 'a' } } }, 'controller.customTemplate:', 'template-dir'],
  [{ controller: { extraModules: [{ name: 'a' }] } }, 'controller.extraModules:', 'build an image'],
  [{ controller: { keda: { enabled: true } } }, 'controller.keda.enabled:', 'controller.autoscaling'],
  [{ controller: { maxmindLicenseKey: 'k' } }, 'controller.maxmindLicenseKey:', 'GeoIP'],
  [{ controller: { containerName: 'nginx' } }, 'controller.containerName:', 'for example controller'],
  [{ controller: { containerPort: { http: 81 } } }, 'controller.containerPort.http:', 'for example 8080'],
  [
    { controller: { hostNetwork: true, hostPort: { enabled: true, ports: { http: 8080 } } } },
    'hostPort.ports.http:',
    '80',
  ],
  [
    { controller: { startupProbe: { httpGet: { path: '/ready', port: 10246 } } } },
    'startupProbe.httpGet.path:',
    'remove',
  ],
  [{ rbac: { scope: true } }, 'rbac.scope:', 'controller.scope.enabled'],
  [{ controller: { scope: { enabled: true, namespaceSelector: 'a=b' } } }, 'scope.namespaceSelector:', 'remove one'],
  [{ controller: { extraArgs: { 'watch-namespace': 'a' } } }, 'extraArgs.watch-namespace:', 'controller.scope'],
  [{ controller: { extraArgs: { 'http-listen-port': 8000 } } }, 'http-listen-port:', 'controller.containerPort.http'],
  [{ manager: { extraArgs: { 'run-dir': '/tmp' } } }, 'extraArgs.run-dir:', 'mounted'],
];

describe.skipIf(helm === undefined)('values that cannot be used', () => {
  test.for(REFUSED)('%j is rejected with a message about %s', async ([values, path, advice]) => {
    const { failed, stderr } = await template({ values });
    expect(failed).toBe(true);
    const line = stderr.split('\n').find((text) => text.startsWith('- '));
    expect(line).toContain(path);
    expect(line).toContain(advice);
  });

  test("Tidegate's image is accepted in any repository, and unusable values are accepted if they are empty or false", async () => {
    for (const values of [
      { controller: { image: { repository: 'example.com/ingress-nginx/tidegate', digest: 'sha256:1234' } } },
      { controller: { image: { registry: 'example.com', tag: '0.1.0', digest: 'sha256:1234' } } },
      { controller: { rollingUpdate: {}, daemonset: {}, headers: {}, setAsDefaultIngress: false } },
      { controller: { config: { 'enable-modsecurity': 'false', 'modsecurity-snippet': '' } } },
    ])
      expect((await template({ values })).stderr).toBe('');
  });

  test('a single error message lists all rejected values', async () => {
    const { stderr } = await template({ values: { tcp: { 443: 'a/b:1' }, controller: { keda: { enabled: true } } } });
    expect(stderr.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(2);
  });

  test('the chart rejects a version of Kubernetes without native sidecars', async () => {
    expect((await template({ kubeVersion: '1.28.15' })).stderr).toContain(
      'Kubernetes v1.28.15: NGINX runs as a native sidecar',
    );
    expect((await template({ kubeVersion: '1.29.0' })).failed).toBe(false);
  });
});
