/** `tidegate migrate` of a cluster: the verdicts of a dump of the same objects, with GET requests only. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { type Emulator, type JsonObject, startEmulator } from '../../../e2e/apiserver/emulator.ts';
import { writeValues } from '../../migrate/chart/write-values.ts';
import type { MigrationReport } from '../../migrate/report.ts';
import { migrate, type Migration } from './migrate.ts';
import { fromCluster, fromManifests, UnreadableSource } from './sources.ts';

const OLD = fileURLToPath(new URL('../../migrate/fixtures/old-installation.yaml', import.meta.url));
const NO_FLAGS = { options: {}, written: new Set<string>() };
const SECRETS = ['shop/shop-tls', 'hr/users', 'ingress-nginx/wildcard'];

/** An API server with the objects of the fixture, and the Secrets that they name. */
async function oldCluster(): Promise<{ readonly server: Emulator; readonly read: () => Promise<Migration> }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-migrate-test-'));
  const server = await startEmulator();
  onTestFinished(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const { items } = parse(readFileSync(OLD, 'utf8')) as { readonly items: readonly JsonObject[] };
  for (const item of items) server.put(item);
  for (const key of SECRETS) {
    const [namespace = '', name = ''] = key.split('/');
    const data = { secret: Buffer.from('never read').toString('base64') };
    server.put({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data });
  }
  const kubeconfig = join(folder, 'kubeconfig');
  server.writeKubeconfig(kubeconfig);
  return { server, read: async () => migrate(await fromCluster({ kubeconfig, context: '' }), NO_FLAGS) };
}

/** What is equal in a report about a cluster and in one about a dump. */
function essence({ summary, ingresses, configMap, flags, hosts }: MigrationReport): unknown {
  const keys = (all: MigrationReport['flags']) => all.map(({ name, verdict }) => `${name} ${verdict}`).toSorted();
  return {
    counts: summary.counts,
    others: summary.others,
    causes: summary.causes.map(({ verdict, name }) => `${verdict} ${name}`),
    ingresses: ingresses.map((each) => [each.object.name, each.verdict, keys(each.keys), each.closed]),
    configMap: keys(configMap?.keys ?? []),
    flags: keys(flags),
    hosts,
  };
}

const DUMPED = [
  'Ingress',
  'IngressClass',
  'Service',
  'ConfigMap',
  'Namespace',
  'Deployment',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
];

/** The path of a file as `kubectl get … -o json` prints it. The server has given the objects new ages. */
function dumpOf(server: Emulator): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-migrate-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const items = DUMPED.flatMap((kind) => server.list(kind));
  writeFileSync(join(folder, 'dump.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return join(folder, 'dump.json');
}

test('the report about a cluster, and its values, are those of a dump', async () => {
  const { server, read } = await oldCluster();
  const ofCluster = await read();
  const ofDump = await migrate(await fromManifests([dumpOf(server)]), NO_FLAGS);
  expect(essence(ofCluster.report)).toEqual(essence(ofDump.report));
  expect(ofCluster.report.source).toBe(server.url);
  const values = ({ installation, report }: Migration): unknown =>
    installation === undefined ? undefined : parse(writeValues(installation, report));
  expect(values(ofCluster)).toEqual(values(ofDump));
});

test('nothing is written, and single Secrets are not read', async () => {
  const { server, read } = await oldCluster();
  const { report } = await read();
  const requests = server.log.entries;
  expect(requests.length).toBeGreaterThan(8);
  expect(requests.filter(({ verb }) => !['list', 'get'].includes(verb))).toEqual([]);
  expect(requests.filter(({ resource, verb }) => resource === 'secrets' && verb === 'get')).toEqual([]);
  expect(report.notes.join(' ')).toContain('only the names were read');
});

test('a Secret that does not exist closes the paths of its Ingress', async () => {
  const { server, read } = await oldCluster();
  server.remove('Secret', 'hr', 'users');
  server.remove('Ingress', 'hr', 'staff-copy');
  const { report } = await read();
  const staff = report.ingresses.find(({ object }) => object.name === 'staff');
  expect([staff?.verdict, staff?.closed[0]?.by]).toEqual(['closed', 'auth-secret']);
});

test.each(['services', 'secrets', 'deployments', 'ingressclasses', 'configmaps'])(
  'without the permission to read %s, the report says so, and contains everything else',
  async (resource) => {
    const { server, read } = await oldCluster();
    server.fault({ kind: 'status', code: 403, resource });
    const { report } = await read();
    expect(report.notes.filter((note) => note.includes('could not be read') && note.includes('403'))).not.toEqual([]);
    expect(report.ingresses.length).toBeGreaterThanOrEqual(4);
  },
);

test('without the permission to read Ingresses, there is no report', async () => {
  const { server, read } = await oldCluster();
  server.fault({ kind: 'status', code: 403, resource: 'ingresses' });
  await expect(read()).rejects.toThrow(UnreadableSource);
  await expect(read()).rejects.toThrow(/the Ingresses of http.* could not be read: the API server answers 403/);
});
