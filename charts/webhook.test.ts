/** Tests what the chart creates for the admission webhook. */
import type { V1NetworkPolicy, V1Secret, V1Service, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { cases, helm, only, type Rendered, render, template } from './helm.ts';
import { renderNotes } from './notes.ts';
import { renderPod } from './pod.ts';

const matrix = cases();
const CONFIGURATION = 'ValidatingWebhookConfiguration';

function files(name: string): { readonly files: readonly string[] } {
  return { files: [matrix.get(name) ?? name] };
}

function webhookOf(objects: readonly Rendered[]) {
  const { webhooks = [] } = only<V1ValidatingWebhookConfiguration>(objects, CONFIGURATION);
  expect(webhooks).toHaveLength(1);
  return webhooks[0]!;
}

describe.skipIf(helm === undefined)('the admission webhook', () => {
  test('has the names of the ingress-nginx chart, no caBundle, and a Secret without content', async () => {
    const objects = await render();
    const webhook = webhookOf(objects);
    expect(webhook).toMatchObject({
      name: 'validate.nginx.ingress.kubernetes.io',
      failurePolicy: 'Fail',
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      admissionReviewVersions: ['v1'],
      clientConfig: {
        service: { name: 'ingress-nginx-controller-admission', namespace: 'ingress-nginx', port: 443 },
      },
    });
    expect(webhook.clientConfig.caBundle).toBeUndefined();
    expect(webhook.namespaceSelector).toBeUndefined();
    const secret = only<V1Secret>(objects, 'Secret');
    expect(secret).toMatchObject({ metadata: { name: 'ingress-nginx-admission-certificate' }, type: 'Opaque' });
    expect(secret.data).toBeUndefined();
    const { flags, controller, nginx } = await renderPod();
    expect(flags.get('validating-webhook')).toBe(':8444');
    expect(flags.get('validating-webhook-secret')).toBe('ingress-nginx-admission-certificate');
    expect(flags.get('validating-webhook-configuration')).toBe('ingress-nginx-admission');
    expect(flags.has('validating-webhook-certificate')).toBe(false);
    expect(controller.ports).toContainEqual({ name: 'webhook', containerPort: 8444, protocol: 'TCP' });
    expect(JSON.stringify(nginx)).not.toContain('webhook');
    const service = only<V1Service>(objects, 'Service', 'ingress-nginx-controller-admission');
    expect(service.spec?.ports).toEqual([
      { name: 'https-webhook', port: 443, protocol: 'TCP', targetPort: 'webhook', appProtocol: 'https' },
    ]);
  });

  test('is asked only about Ingresses of the classes that this controller serves', async () => {
    const expression = async (options: object) => webhookOf(await render(options)).matchConditions?.[0]?.expression;
    expect(await expression({})).toContain('object.spec.ingressClassName in ["nginx"] :');
    expect(await expression({})).toMatch(/== "nginx" :\nfalse$/);
    const own = await expression(files('webhook'));
    expect(own).toContain('object.spec.ingressClassName in ["edge","public","partners"] :');
    expect(own).toMatch(/== "edge" :\ntrue$/);
    expect(webhookOf(await render(files('webhook-cert-manager'))).matchConditions).toBeUndefined();
  });

  test('has the properties that the values specify', async () => {
    const objects = await render(files('webhook'));
    const webhook = webhookOf(objects);
    expect(webhook).toMatchObject({
      failurePolicy: 'Ignore',
      timeoutSeconds: 5,
      namespaceSelector: { matchExpressions: [{ key: 'environment' }] },
      objectSelector: { matchLabels: { checked: 'true' } },
      clientConfig: { service: { port: 8443 } },
    });
    const configuration = only<V1ValidatingWebhookConfiguration>(objects, CONFIGURATION);
    expect(configuration.metadata).toMatchObject({
      name: 'ingress-nginx-checks',
      annotations: { team: '7' },
      labels: { tier: 'admission' },
    });
    const service = only<V1Service>(objects, 'Service', 'ingress-nginx-controller-admission');
    expect(service).toMatchObject({
      metadata: { annotations: { 'example.com/size': 'small' }, labels: { tier: 'admission' } },
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.0.0.9',
        externalIPs: ['192.0.2.7'],
        loadBalancerIP: '192.0.2.8',
        loadBalancerSourceRanges: ['192.0.2.0/24'],
        ports: [{ port: 8443 }],
      },
    });
    const policy = only<V1NetworkPolicy>(objects, 'NetworkPolicy');
    expect(policy.spec?.ingress?.[0]?.ports).toContainEqual({ protocol: 'TCP', port: 9443 });
    const { flags } = await renderPod(files('webhook'));
    expect(flags.get('validating-webhook')).toBe(':9443');
    expect(flags.get('validating-webhook-secret')).toBe('ingress-nginx-checks-certificate');
  });

  test('is asked only about the watched namespace', async () => {
    const { namespaceSelector } = webhookOf(await render(files('scope-other-namespace')));
    expect(namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': 'shop' } });
  });

  test('needs no Secret and no permission of the controller if cert-manager makes the certificates', async () => {
    const objects = await render(files('webhook-cert-manager'));
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.filter((name) => /^(?:Issuer|Certificate|Secret) /.test(name)).toSorted()).toEqual([
      'Certificate ingress-nginx-admission',
      'Certificate ingress-nginx-root-cert',
      'Issuer ingress-nginx-root-issuer',
      'Issuer ingress-nginx-self-signed-issuer',
    ]);
    const configuration = only<V1ValidatingWebhookConfiguration>(objects, CONFIGURATION);
    const inject = 'ingress-nginx/ingress-nginx-admission';
    expect(configuration.metadata?.annotations).toEqual({ 'cert-manager.io/inject-ca-from': inject });
    const leaf = only<{ spec: object }>(objects, 'Certificate', 'ingress-nginx-admission');
    expect(leaf.spec).toMatchObject({
      duration: '2000h',
      revisionHistoryLimit: 2,
      issuerRef: { name: 'ingress-nginx-root-issuer' },
      dnsNames: expect.arrayContaining(['ingress-nginx-controller-admission.ingress-nginx.svc']) as unknown,
    });
    const { flags, controller, nginx, spec } = await renderPod(files('webhook-cert-manager'));
    expect(flags.get('validating-webhook-certificate')).toBe('/usr/local/certificates/cert');
    expect(flags.has('validating-webhook-secret')).toBe(false);
    expect(spec.volumes).toContainEqual(
      expect.objectContaining({
        name: 'webhook-certificate',
        secret: {
          secretName: 'ingress-nginx-admission',
          items: [
            { key: 'tls.crt', path: 'cert' },
            { key: 'tls.key', path: 'key' },
          ],
        },
      }),
    );
    const mount = { name: 'webhook-certificate', mountPath: '/usr/local/certificates', readOnly: true };
    expect(controller.volumeMounts).toContainEqual(mount);
    expect(nginx.volumeMounts).not.toContainEqual(mount);
    const rules = JSON.stringify(objects.filter(({ kind }) => kind.endsWith('Role')));
    expect(rules).not.toContain('admissionregistration');
    expect(rules).not.toContain('admission-certificate');
    const issuerRef = { name: 'corporate', kind: 'ClusterIssuer' };
    const certManager = { enabled: true, issuerRef };
    const other = await render({ values: { controller: { admissionWebhooks: { certManager } } } });
    expect(other.filter(({ kind }) => kind === 'Issuer')).toEqual([]);
    expect(only<{ spec: object }>(other, 'Certificate').spec).toMatchObject({ issuerRef });
  });

  test('works without a ClusterRole if the user provides the certificate as files', async () => {
    const objects = await render(files('webhook-own-files'));
    expect(objects.some(({ kind }) => kind === 'ClusterRole' || kind === 'Secret')).toBe(false);
    expect(webhookOf(objects).clientConfig.caBundle).toBe('Q0E=');
    const { flags } = await renderPod(files('webhook-own-files'));
    expect(flags.get('validating-webhook-key')).toBe('/run/own/tls.key');
  });

  test('does not exist with rbac.scope, where the controller cannot write its configuration, and the notes say so', async () => {
    const objects = await render(files('scope-own-namespace'));
    const isWebhook = ({ kind, metadata }: Rendered) =>
      kind === CONFIGURATION || metadata.name.startsWith('ingress-nginx-admission');
    expect(objects.some(isWebhook)).toBe(false);
    expect(await renderNotes(files('scope-own-namespace'))).toContain(
      '- controller.admissionWebhooks.enabled: there is no',
    );
    const off = await render({ values: { controller: { admissionWebhooks: { enabled: 'false' } } } });
    expect(off.some(isWebhook)).toBe(false);
    const { flags } = await renderPod(files('scope-own-namespace'));
    expect([...flags.keys()].filter((name) => name.startsWith('validating-webhook'))).toEqual([]);
  });

  test('has notes that list the permissions which the ServiceAccount needs if rbac.create is false', async () => {
    const notes = await renderNotes({ values: { rbac: { create: false } } });
    expect(notes).toContain('Secret ingress-nginx-admission-certificate, and get and patch');
    expect(await renderNotes()).not.toContain('rbac.create is false');
  });

  test('does not listen on a port of NGINX or the controller', async () => {
    const at = (port: number, more: object = {}) => ({ controller: { admissionWebhooks: { port }, ...more } });
    const flag = async (values: unknown) => (await renderPod({ values })).flags.get('validating-webhook');
    expect(await flag(at(8443))).toBe(':8444');
    expect(await renderNotes({ values: at(8443) })).toContain('- controller.admissionWebhooks.port: 8443 is NGINX');
    expect(await flag(at(8443, { containerPort: { https: 9443 } }))).toBe(':8443');
    expect(await flag(at(8443, { hostNetwork: true }))).toBe(':8443');
    for (const port of [8080, 10_254, 10_246]) {
      const { failed, stderr } = await template({ values: at(port) });
      expect(failed).toBe(true);
      expect(stderr).toContain(`controller.admissionWebhooks.port: ${port} is already`);
    }
  });
});
