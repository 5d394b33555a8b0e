/** `tidegate migrate` on manifests: every key gets a verdict, and the counts are those of the build. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { generatedIngresses, GENERATED_SETTINGS } from '../../migrate/fixtures/generated.ts';
import { writeValues } from '../../migrate/chart/write-values.ts';
import type { JudgedIngress, MigrationReport } from '../../migrate/report.ts';
import { migrate, type Migration } from './migrate.ts';
import { fromManifests } from './sources.ts';

const FIXTURES = fileURLToPath(new URL('../../migrate/fixtures', import.meta.url));
const OLD = path.join(FIXTURES, 'old-installation.yaml');
const INPUTS = fileURLToPath(new URL('../../../e2e/inputs', import.meta.url));
const NOTHING = { options: { namespaceShare: '100' }, written: new Set(['namespace-share']) };
const PREFIX = 'nginx.ingress.kubernetes.io';

async function reportOf(paths: readonly string[], flags: Readonly<Record<string, string>> = {}): Promise<Migration> {
  const camel = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const options = Object.fromEntries(Object.entries(flags).map(([name, value]) => [camel(name), value]));
  return migrate(await fromManifests(paths), { options, written: new Set(Object.keys(flags)) });
}

async function reportOfText(text: string, flags: Readonly<Record<string, string>> = {}): Promise<MigrationReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-migrate-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, 'dump.yaml'), text);
  return (await reportOf([path.join(folder, 'dump.yaml')], flags)).report;
}

function find({ ingresses }: MigrationReport, name: string): JudgedIngress {
  const found = ingresses.find(({ object }) => `${object.namespace}/${object.name}` === name);
  if (found === undefined) throw new Error(`no verdict on ${name}`);
  return found;
}

function verdicts(keys: readonly { readonly name: string; readonly verdict: string }[]): Record<string, string> {
  return Object.fromEntries(keys.map(({ name, verdict }) => [name.replace(`${PREFIX}/`, ''), verdict]));
}

describe('an old installation', () => {
  let migration: Migration;
  let report: MigrationReport;
  beforeAll(async () => {
    migration = await reportOf([OLD]);
    ({ report } = migration);
  });

  test('is found, and the summary counts Ingresses of our class by verdict', () => {
    expect(report.controller).toMatchObject({
      object: { kind: 'Deployment', namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
      image: 'registry.k8s.io/ingress-nginx/controller:v1.12.1',
    });
    expect(report.summary).toMatchObject({ ingresses: 5, counts: { same: 0, differs: 4, closed: 1 }, others: 1 });
    expect(report.summary.namespaces).toEqual([
      { namespace: 'hr', same: 0, differs: 2, closed: 0 },
      { namespace: 'shop', same: 0, differs: 2, closed: 1 },
    ]);
  });

  test('has causes, those that close Ingresses first', () => {
    expect(report.summary.causes.map(({ verdict, name, ingresses }) => [verdict, name, ingresses.length])).toEqual([
      ['closed', 'configuration-snippet', 1],
      ['differs', 'prefix-with-slash', 1],
      ['differs', 'proxy-redirect-from', 1],
      ['differs', 'shared-service', 1],
      ['differs', 'upstream-hash-by', 1],
      ['differs', 'whitelist-source-range', 1],
    ]);
  });

  test('has a verdict for each annotation, with its place and the text of the page', () => {
    expect(verdicts(find(report, 'shop/api').keys)).toEqual({
      'rewrite-target': 'same',
      'configuration-snippet': 'refused',
      'secure-backends': 'replaced',
    });
    expect(verdicts(find(report, 'shop/docs').keys)).toEqual({
      'upstream-hash-by': 'differs',
      'proxy-body-sise': 'unknown',
    });
    const [hash] = find(report, 'shop/docs').keys;
    expect(hash?.place).toMatchObject({ file: OLD, column: 9 });
    expect(hash?.differences.map(({ text }) => text).join(' ')).toContain(
      'map to other endpoints than in ingress-nginx',
    );
  });

  test('has snippets judged directive by directive, with what replaces each', () => {
    expect(find(report, 'shop/api').snippets).toEqual([
      {
        snippet: 'configuration-snippet',
        line: 1,
        directive: 'proxy_set_header X-Team shop;',
        accepted: true,
        instead: 'request-set-headers',
      },
      {
        snippet: 'configuration-snippet',
        line: 2,
        directive: 'proxy_cache static;',
        accepted: false,
        reason: expect.stringContaining('proxy_cache takes off') as string,
        instead: 'Tidegate does not cache responses',
      },
    ]);
    expect(find(report, 'shop/api').closed).toEqual([
      { host: 'shop.example.com', path: '/api(/|$)(.*)', by: 'configuration-snippet' },
    ]);
  });

  test('has hosts with regular expressions, duplicate paths, and values that look like an attack', () => {
    expect(report.hosts.regex).toMatchObject([{ host: 'shop.example.com', because: [{ name: 'api' }] }]);
    expect(report.hosts.duplicates).toMatchObject([
      { host: 'staff.example.com', path: '/', winner: { name: 'staff' }, loser: { name: 'staff-copy' } },
    ]);
    expect(find(report, 'hr/staff-copy').keys[0]?.suspicious).toContain('end a directive');
    expect(find(report, 'hr/staff').keys.filter(({ suspicious }) => suspicious !== undefined)).toEqual([]);
  });

  test('has verdicts on its ConfigMap and its flags', () => {
    expect(verdicts(report.configMap?.keys ?? [])).toEqual({
      'add-headers': 'differs',
      'allow-snippet-annotations': 'same',
      'annotations-risk-level': 'same',
      'enable-opentelemetry': 'no-effect',
      'hsts-max-age': 'same',
      'log-format-upstream': 'same',
      'proxy-body-size': 'same',
      'reuse-port': 'no-effect',
      'ssl-protocol': 'unknown',
      'use-forwarded-headers': 'differs',
      'use-gzip': 'refused',
    });
    expect(verdicts(report.flags)).toMatchObject({
      '--publish-service': 'same',
      '--profiling': 'no-effect',
      '--publish-hostport': 'refused',
    });
    expect(JSON.stringify(report)).not.toContain('"secret"');
  });

  test('is converted to values of the chart', () => {
    const { installation } = migration;
    const text = installation === undefined ? '' : writeValues(installation, report);
    expect(parse(text)).toEqual({
      controller: {
        isolateNamespaces: false,
        podAnnotations: { 'prometheus.io/scrape': 'true' },
        podLabels: { team: 'edge' },
        resources: { requests: { cpu: '500m', memory: '512Mi' } },
        nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'edge' },
        tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoSchedule' }],
        autoscaling: {
          enabled: true,
          minReplicas: 3,
          maxReplicas: 9,
          targetCPUUtilizationPercentage: 70,
          targetMemoryUtilizationPercentage: 0,
        },
        minAvailable: 2,
        ingressClassResource: { default: true },
        metrics: { enabled: true },
        watchIngressWithoutClass: true,
        extraArgs: { 'default-ssl-certificate': 'ingress-nginx/wildcard', 'enable-ssl-passthrough': true },
        service: {
          annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' },
          externalTrafficPolicy: 'Local',
          nodePorts: { http: 31080, https: 31443 },
        },
        addHeaders: { 'X-Frame-Options': 'DENY' },
        allowSnippetAnnotations: true,
        config: {
          'annotations-risk-level': 'Critical',
          'hsts-max-age': '31449600',
          'log-format-upstream': '{"host": "$host", "{{ "{{" }}status}}": "$status"}',
          'proxy-body-size': '20m',
          'use-forwarded-headers': 'true',
          'use-gzip': 'maybe',
        },
      },
      tcp: { 5432: 'shop/db:5432' },
    });
    for (const left of ['image registry', 'env GOGC', 'volume geoip', '--profiling=false', 'enable-opentelemetry'])
      expect(text).toContain(`# - ${left}`);
    expect(text).not.toContain('maxmind-license-key=');
  });
});

test('manifests of removed API versions, and malformed ones, have verdicts', async () => {
  const { report } = await reportOf([INPUTS]);
  expect(report.summary.ingresses).toBe(report.ingresses.length);
  expect(find(report, 'default/cafe-ingress').verdict).toBe('same');
  expect(report.ingresses.every(({ keys }) => keys.every(({ verdict }) => verdict !== undefined))).toBe(true);
});

test('an Ingress that only a malformed manifest contains counts as closed, with its annotations', async () => {
  const report = await reportOfText(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: broken
  annotations: { ${PREFIX}/proxy-body-size: much, ${PREFIX}/enable-cors: true }
spec: { rules: { host: a.example.com } }
`);
  const broken = find(report, 'default/broken');
  expect([broken.verdict, verdicts(broken.keys)]).toEqual([
    'closed',
    { 'proxy-body-size': 'refused', 'enable-cors': 'refused' },
  ]);
});

test('Secrets without content count as usable, and others as missing, if the dump contains Secrets', async () => {
  const ingress = (name: string, secret: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations: { [`${PREFIX}/auth-type`]: 'basic', [`${PREFIX}/auth-secret`]: secret } },
    spec: { rules: [{ host: `${name}.example.com` }] },
  });
  const rules = (name: string) => [
    {
      host: `${name}.example.com`,
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }] },
    },
  ];
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { ...ingress('here', 'users'), spec: { rules: rules('here') } },
      { ...ingress('gone', 'others'), spec: { rules: rules('gone') } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'users' } },
    ],
  };
  const report = await reportOfText(stringify(list));
  expect([find(report, 'default/here').verdict, find(report, 'default/gone').verdict]).toEqual(['same', 'closed']);
});

test('keys of older versions, and keys without effect in both controllers, make no difference', async () => {
  const names = {
    'secure-backends': 'true',
    'session-cookie-hash': 'sha1',
    'enable-opentracing': 'true',
    'enable-influxdb': 'true',
    'influxdb-host': 'influx',
    'ssl-passthrough': 'true',
    'auth-secret': 'users',
    'allowlist-source-range': '10.0.0.0/8',
    'whitelist-source-range': '10.0.0.0/8',
    'proxy-ssl-verify': 'on',
  };
  const annotations = Object.fromEntries(Object.entries(names).map(([name, text]) => [`${PREFIX}/${name}`, text]));
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'old', annotations },
    spec: { rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  };
  const old = find(await reportOfText(stringify(ingress, { version: '1.1' })), 'default/old');
  expect(old.verdict).toBe('same');
  expect(verdicts(old.keys)).toEqual({
    'secure-backends': 'replaced',
    'session-cookie-hash': 'replaced',
    'enable-opentracing': 'replaced',
    'enable-influxdb': 'replaced',
    'influxdb-host': 'replaced',
    'ssl-passthrough': 'no-effect',
    'auth-secret': 'no-effect',
    'allowlist-source-range': 'same',
    'whitelist-source-range': 'no-effect',
    'proxy-ssl-verify': 'no-effect',
  });
});

describe('300 generated Ingresses', () => {
  const ingresses = generatedIngresses(300, 11);
  let report: MigrationReport;
  beforeAll(async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-migrate-test-'));
    const file = path.join(folder, 'dump.yaml');
    await writeFile(
      file,
      stringify({ apiVersion: 'v1', kind: 'List', items: [GENERATED_SETTINGS, ...ingresses] }, { version: '1.1' }),
    );
    ({ report } = await migrate(await fromManifests([file]), NOTHING));
    await rm(folder, { recursive: true });
  });

  test('each annotation of ours has a verdict, and a verdict other than `same` has a reason', () => {
    for (const { metadata } of ingresses) {
      const { keys } = find(report, `${metadata?.namespace}/${metadata?.name}`);
      expect(keys.map(({ name }) => name).toSorted()).toEqual(Object.keys(metadata?.annotations ?? {}).toSorted());
      const silent = keys.filter(
        ({ verdict, problems, differences }) => verdict !== 'same' && problems.length + differences.length === 0,
      );
      expect(silent).toEqual([]);
    }
  });

  test('the counts of the summary are those of its parts, and all verdicts occur', () => {
    const { summary } = report;
    const { same, differs, closed } = summary.counts;
    expect(summary.ingresses).toBe(300);
    expect(same + differs + closed).toBe(300);
    for (const verdict of ['same', 'differs', 'closed'] as const) {
      expect(summary.counts[verdict]).toBe(report.ingresses.filter((each) => each.verdict === verdict).length);
      expect(summary.counts[verdict]).toBeGreaterThan(10);
      expect(summary.namespaces.reduce((sum, each) => sum + each[verdict], 0)).toBe(summary.counts[verdict]);
    }
    expect(Object.entries(summary.keys).filter(([, count]) => count === 0)).toEqual([]);
  });

  test('each Ingress that is closed or differs is in a cause of its verdict', () => {
    for (const { object, verdict } of report.ingresses) {
      const causes = report.summary.causes.filter(({ ingresses: all }) => all.includes(object));
      const has = (wanted: string) => causes.some((cause) => cause.verdict === wanted);
      expect([object.name, has('closed')]).toEqual([object.name, verdict === 'closed']);
      if (verdict === 'differs') expect([object.name, has('differs')]).toEqual([object.name, true]);
      if (verdict === 'same') expect([object.name, causes.length]).toEqual([object.name, 0]);
    }
  });
});
