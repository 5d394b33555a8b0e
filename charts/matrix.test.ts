import { expect, test } from 'vitest';
import { cases, CHART, helm, only, render, type Rendered, runHelm, template, valuesArgument } from './helm.ts';
import { checkObject } from './object-check.ts';

/** Kinds of the Prometheus operator and of cert-manager, for which client-node has no models. */
const CUSTOM = ['PrometheusRule', 'ServiceMonitor', 'Certificate', 'Issuer'];
const CLUSTER_SCOPED = ['ClusterRole', 'ClusterRoleBinding', 'IngressClass', 'ValidatingWebhookConfiguration'];
const matrix = cases();

function key({ kind, metadata: { namespace = '', name } }: Rendered): string {
  return `${kind} ${namespace}/${name}`;
}

test.skipIf(helm === undefined)('helm lint reports no fault for any values file of charts/cases', async () => {
  for (const file of matrix.values()) {
    const { failed, stdout } = await runHelm(['lint', '--strict', CHART, '--values', valuesArgument(file)]);
    expect({ file, failed, stdout: failed ? stdout : '' }).toEqual({ file, failed: false, stdout: '' });
  }
});

test('charts/cases contains at least 30 values files', () => {
  expect(matrix.size).toBeGreaterThanOrEqual(30);
});

for (const [name, file] of matrix) {
  for (const kubeVersion of ['1.29.0', '1.35.0']) {
    test.skipIf(helm === undefined)(
      `the values file ${name} renders only valid objects for Kubernetes ${kubeVersion}`,
      async () => {
        const objects = await render({ files: [file], kubeVersion, hooks: true });
        expect(objects.flatMap((object) => checkObject(object) ?? [])).toEqual([]);
        const unchecked = objects.filter((object) => checkObject(object) === undefined).map(({ kind }) => kind);
        expect(unchecked.filter((kind) => !CUSTOM.includes(kind))).toEqual([]);
        expect(objects.map(key).toSorted()).toEqual([...new Set(objects.map(key))].toSorted());
        for (const { kind, metadata } of objects) {
          expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
          expect(metadata.namespace === undefined).toBe(CLUSTER_SCOPED.includes(kind));
          expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': 'ingress-nginx' });
          for (const value of Object.values(metadata.labels)) expect(value).toMatch(/^([A-Za-z0-9][\w.-]*)?$/);
          for (const value of Object.values(metadata.annotations ?? {})) expect(value).toBeTypeOf('string');
        }
      },
    );
  }
}

test('checkObject reports unknown fields and wrong types of an object', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: { replica: 1, template: { spec: { containers: [{ name: 'a', ports: [{ containerPort: '80' }] }] } } },
  };
  expect(checkObject(deployment)).toEqual([
    'Deployment.spec.replica: unknown field',
    'Deployment.spec.template.spec.containers[0].ports[0].containerPort: "80" is not a number',
  ]);
});

test.skipIf(helm === undefined)('the schema rejects values with a misspelt name or of the wrong type', async () => {
  for (const [values, path] of [
    [{ controller: { replicas: 2 } }, 'replicas'],
    [{ controller: { kind: 'StatefulSet' } }, '/controller/kind'],
    [{ controller: { service: { nodePorts: { http: 'http' } } } }, '/controller/service/nodePorts/http'],
    [{ manager: { resource: {} } }, 'resource'],
    [{ rbac: { secrets: { shop: 'all' } } }, '/rbac/secrets/shop'],
  ] as const) {
    const { failed, stderr } = await template({ values });
    expect(failed).toBe(true);
    expect(stderr).toContain(path);
  }
});

test.skipIf(helm === undefined)(
  'the ConfigMaps contain settings as text, and large numbers without exponential notation',
  async () => {
    const objects = await render({ files: [matrix.get('configmap') ?? ''] });
    expect(only<{ data: unknown }>(objects, 'ConfigMap', 'ingress-nginx-controller').data).toEqual({
      'allow-snippet-annotations': 'true',
      'add-headers': 'ingress-nginx/ingress-nginx-custom-add-headers',
      'proxy-set-headers': 'ingress-nginx/ingress-nginx-custom-proxy-headers',
      'ssl-dh-param': 'ingress-nginx/ingress-nginx-controller',
      'use-gzip': 'true',
      'worker-processes': '4',
      'keep-alive': '75',
      'hsts-max-age': '31536000',
    });
    const proxy = only<{ data: unknown }>(objects, 'ConfigMap', 'ingress-nginx-custom-proxy-headers');
    expect(proxy.data).toEqual({ 'X-Cluster': 'a', 'X-Number': '20000000' });
  },
);
