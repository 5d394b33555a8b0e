/**
 * `tidegate migrate` of a real API server with an installation of ingress-nginx: the report, with all permissions and
 * with few, and the values that it writes, with which helm replaces the installation.
 */
import type { V1ConfigMap, V1Deployment } from '@kubernetes/client-node';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHART, helm as binary } from '../../charts/helm.ts';
import { DUMP_COMMAND } from '../../controller/cli/migrate/dump.ts';
import type { MigrationReport } from '../../controller/migrate/report.ts';
import { findAssets } from '../apiserver/assets.ts';
import { fileArgument, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { startRealServer } from '../apiserver/real.ts';
import type { RealServer } from '../apiserver/real.ts';
import { helmFor } from './helm.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OLD = join(ROOT, 'controller/migrate/fixtures/old-installation.yaml');
const NAMESPACE = 'ingress-nginx';
const NAME = 'ingress-nginx-controller';
const SECRETS = ['shop/shop-tls', 'hr/users', 'ingress-nginx/wildcard'];
const assets = findAssets();
const unfit = 'missing' in assets || binary === undefined;
if (unfit) console.error('NOT RUN: the test of tidegate migrate with a real cluster needs kube-apiserver and helm');

describe.skipIf(unfit)('an installation of ingress-nginx on a real API server', () => {
  let folder: string;
  let server: RealServer;
  let kubectl: Kubectl;

  function migrate(...args: readonly string[]) {
    const options = { cwd: ROOT, encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 } as const;
    return spawnSync(process.execPath, ['bin/tidegate.js', 'migrate', '-o', 'json', ...args], options);
  }
  function reportOf(...args: readonly string[]): MigrationReport {
    const { status, stdout, stderr } = migrate(...args);
    expect({ status, stderr }).toEqual({ status: 4, stderr: '' });
    return JSON.parse(stdout) as MigrationReport;
  }
  const found = async <T>(kind: string): Promise<T> =>
    JSON.parse(await kubectl.run(['get', '-n', NAMESPACE, kind, NAME, '-o', 'json'])) as T;

  beforeAll(async () => {
    if ('missing' in assets) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-migrate-full-'));
    server = await startRealServer(assets.folder);
    server.writeKubeconfig(join(folder, 'admin'));
    kubectl = kubectlFor(join(folder, 'admin'));
    for (const name of [NAMESPACE, 'shop', 'hr'])
      await kubectl.run(
        ['create', '--validate=false', '-f', '-'],
        JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
      );
    await kubectl.run(['apply', '-f', fileArgument(OLD)]);
    for (const key of SECRETS) {
      const [namespace = '', name = ''] = key.split('/');
      await kubectl.run(['create', 'secret', 'generic', '-n', namespace, name, '--from-literal=secret=never-read']);
    }
  }, 180_000);

  afterAll(async () => {
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('is reported as in a dump that kubectl makes', async () => {
    const report = reportOf('--kubeconfig', join(folder, 'admin'));
    expect(report.controller?.object).toEqual({ kind: 'Deployment', namespace: NAMESPACE, name: NAME });
    // All Ingresses were created in the same second, so that the order of their names decides about duplicate paths.
    expect(report.summary.counts).toEqual({ same: 0, differs: 4, closed: 1 });
    expect(report.notes).toEqual([expect.stringContaining('only the names were read')]);
    const dump = await kubectl.run(DUMP_COMMAND.split(' ').slice(1));
    const options = { cwd: ROOT, encoding: 'utf8', timeout: 60_000, input: dump } as const;
    const { stdout } = spawnSync(process.execPath, ['bin/tidegate.js', 'migrate', '-o', 'json', '-'], options);
    const ofDump = JSON.parse(stdout) as MigrationReport;
    expect(ofDump.summary).toEqual(report.summary);
    const verdicts = ({ ingresses }: MigrationReport) =>
      ingresses.map(({ object, keys }) => [object.name, ...keys.map(({ name, verdict }) => `${name} ${verdict}`)]);
    expect(verdicts(ofDump)).toEqual(verdicts(report));
  }, 120_000);

  it('is reported without the kinds that the user may not read', async () => {
    await kubectl.run(['create', 'serviceaccount', 'viewer', '-n', 'default']);
    const kinds =
      'ingresses.networking.k8s.io,services,configmaps,namespaces,endpointslices,deployments,daemonsets,hpa,pdb';
    await kubectl.run(['create', 'clusterrole', 'viewer', '--verb=get,list', `--resource=${kinds}`]);
    await kubectl.run(['create', 'clusterrolebinding', 'v', '--clusterrole=viewer', '--serviceaccount=default:viewer']);
    const token = await kubectl.run(['create', 'token', 'viewer', '-n', 'default']);
    server.writeKubeconfig(join(folder, 'viewer'), { token: token.trim() });
    const report = reportOf('--kubeconfig', join(folder, 'viewer'));
    const notes = report.notes.join('\n');
    for (const kind of ['ingressclasses', 'secrets'])
      expect(notes).toMatch(new RegExp(`${kind} could not be read: .*403`));
    expect(report.summary.counts).toEqual({ same: 0, differs: 4, closed: 1 });
  }, 120_000);

  it('is replaced by the chart with the values that were written', async () => {
    const values = join(folder, 'values.yaml');
    expect(migrate('--kubeconfig', join(folder, 'admin'), '--write-values', values).status).toBe(4);
    const helm = helmFor(binary ?? '', join(folder, 'admin'), folder);
    const args = ['--namespace', NAMESPACE, '--values', values];
    const rendered = await helm('template', 'ingress-nginx', CHART, ...args);
    expect(rendered.stderr).toBe('');
    // In a release of the old chart, helm knows which parts of the Deployment to remove; here, nobody does.
    await kubectl.run(['delete', 'deployment', '-n', NAMESPACE, NAME]);
    const { failed, stderr } = await helm('install', 'ingress-nginx', CHART, ...args, '--take-ownership');
    expect({ failed, stderr }).toEqual({ failed: false, stderr: '' });
    const settings = await found<V1ConfigMap>('configmap');
    // Text that helm would read as a template stays as it was.
    expect(settings.data?.['log-format-upstream']).toBe('{"host": "$host", "{{status}}": "$status"}');
    expect(settings.data).toMatchObject({ 'proxy-body-size': '20m', 'allow-snippet-annotations': 'true' });
    const { spec } = await found<V1Deployment>('deployment');
    const container = (name: string) =>
      [...(spec?.template.spec?.containers ?? []), ...(spec?.template.spec?.initContainers ?? [])].find(
        (each) => each.name === name,
      );
    expect(container('controller')?.args).toEqual(
      expect.arrayContaining([
        '--enable-ssl-passthrough=true',
        '--default-ssl-certificate=ingress-nginx/wildcard',
        '--watch-ingress-without-class=true',
        '--election-id=ingress-nginx-leader',
      ]),
    );
    expect(container('nginx')?.resources?.requests).toMatchObject({ cpu: '500m', memory: '512Mi' });
    expect(spec?.template.metadata?.labels).toMatchObject({ team: 'edge' });
    expect(readFileSync(values, 'utf8')).toContain('# Left out:');
  }, 120_000);
});
