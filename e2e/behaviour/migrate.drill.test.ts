/**
 * `tidegate migrate` and a real NGINX agree about which Ingresses are closed; the formats of the report, its exit codes,
 * and its messages about wrong usage.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createPair } from '../../controller/app/fallback-certificate.ts';
import {
  GENERATED_NAMESPACE,
  GENERATED_SETTINGS,
  generatedIngresses,
} from '../../controller/migrate/fixtures/generated.ts';
import { INSTEAD } from '../../controller/migrate/snippets.ts';
import { DUMP_COMMAND } from '../../controller/cli/migrate/dump.ts';
import type { MigrationReport } from '../../controller/migrate/report.ts';
import { requestOnce } from '../client/connection.ts';
import { type Instance, startInstance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OLD = 'controller/migrate/fixtures/old-installation.yaml';
const PREFIX = 'nginx.ingress.kubernetes.io';
const COUNT = 300;

function migrate(args: readonly string[], input = '') {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 120_000, input, maxBuffer: 64 * 1024 * 1024 } as const;
  return spawnSync(process.execPath, ['bin/tidegate.js', 'migrate', ...args], options);
}

/** Secrets with a content that every annotation can use, for all names that an annotation of an Ingress contains. */
async function secretsOf(ingresses: ReturnType<typeof generatedIngresses>): Promise<readonly KubernetesObject[]> {
  const named = ingresses.flatMap(({ metadata }) =>
    ['auth-secret', 'auth-tls-secret', 'proxy-ssl-secret'].map((key) => metadata?.annotations?.[`${PREFIX}/${key}`]),
  );
  const keys = [...named, 'web-tls'].map((each = '') => (each.includes('/') ? each : `${GENERATED_NAMESPACE}/${each}`));
  const { chain, key } = await createPair();
  const auth = 'user:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n';
  return [...new Set(keys)]
    .map((each) => each.split('/'))
    .filter(([namespace = '', name = '']) => /^[a-z0-9-]+$/.test(namespace) && /^[a-z0-9.-]+$/.test(name))
    .map(([namespace = '', name = '']) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      stringData: { 'tls.crt': chain, 'tls.key': key, 'ca.crt': chain, auth },
    }));
}

describe(`${COUNT} generated Ingresses`, () => {
  const ingresses = generatedIngresses(COUNT, 23);
  const objects = ingresses as unknown as readonly KubernetesObject[];
  let instance: Instance;
  let report: MigrationReport;

  beforeAll(async () => {
    const secrets = await secretsOf(ingresses);
    const files = { 'settings.yaml': [GENERATED_SETTINGS], 'secrets.yaml': secrets, 'ingresses.yaml': objects };
    instance = await startInstance(files, { args: ['--namespace-share', '100'], readyWithin: 120_000 });
    const list = { apiVersion: 'v1', kind: 'List', items: [GENERATED_SETTINGS, ...ingresses] };
    const { stdout, status, stderr } = migrate(
      ['--namespace-share', '100', '-o', 'json', '-'],
      stringify(list, { version: '1.1', aliasDuplicateObjects: false }),
    );
    if (status !== 4 || stderr !== '') throw new Error(`tidegate migrate ended with ${status}: ${stderr}`);
    report = JSON.parse(stdout) as MigrationReport;
  }, 240_000);

  afterAll(() => instance.dispose());

  /** Why NGINX answers a request for the only path of an Ingress. */
  async function reasonOf(index: number): Promise<string> {
    const [rule] = ingresses[index]?.spec?.rules ?? [];
    const path = rule?.http?.paths[0]?.path ?? '/';
    const target = { port: instance.httpPort, host: rule?.host ?? '', path };
    const exchange = await requestOnce(target, 10_000);
    if (exchange.kind !== 'answer') throw new Error(`${target.host}${path}: ${exchange.kind}: ${exchange.detail}`);
    return exchange.answer.headers.get('x-tidegate-reason') ?? '';
  }

  it(
    'are closed in NGINX if and only if the report says so, for the reason that it gives',
    { timeout: 120_000 },
    async () => {
      const said = new Map(report.ingresses.map((each) => [each.object.name, each]));
      const [seen, expected]: [string[], string[]] = [[], []];
      for (const [index, { metadata }] of ingresses.entries()) {
        const judged = said.get(metadata?.name ?? '');
        // A canary has no location of its own.
        if (judged === undefined || metadata?.annotations?.[`${PREFIX}/canary`] !== undefined) continue;
        const reason = await reasonOf(index);
        if (reason.startsWith('closed:')) seen.push(`${metadata?.name} ${reason}`);
        if (judged.verdict === 'closed') expected.push(`${metadata?.name} closed:${judged.closed[0]?.by ?? 'nothing'}`);
      }
      expect(seen.length).toBeGreaterThan(40);
      expect(seen).toEqual(expected);
    },
  );
});

describe('docs/migrating.md', () => {
  const page = readFileSync(join(ROOT, 'docs/migrating.md'), 'utf8');

  it('shows what the command prints for its manifests', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidegate-migrate-test-'));
    const [, manifests = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const [, output = ''] = /```console\n\$ npx tidegate migrate dump\.yaml\n(.*?)…\n```/s.exec(page) ?? [];
    writeFileSync(join(folder, 'dump.yaml'), manifests);
    const program = [join(ROOT, 'bin/tidegate.js'), 'migrate', 'dump.yaml'];
    const { stdout, status } = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    rmSync(folder, { recursive: true });
    expect(output.length).toBeGreaterThan(1000);
    expect(stdout.slice(0, output.length)).toBe(output);
    expect(status).toBe(4);
  });

  it('and the help name the command that makes a dump', () => {
    expect(page).toContain(`${DUMP_COMMAND} > dump.yaml`);
    expect(migrate(['--help']).stdout.replaceAll(/\s+/g, ' ')).toContain(DUMP_COMMAND);
  });

  it('names the annotation that replaces a directive, as the report does', () => {
    const rows = page.split('\n').filter((line) => /^\| `[a-z_]+[^|]*\| +`/.test(line));
    for (const [directive, annotation] of Object.entries(INSTEAD)) {
      if (!rows.some((row) => row.includes(`\`${directive}`))) continue;
      expect(rows.filter((row) => row.includes(`\`${directive}`)).join(' '), directive).toContain(annotation);
    }
    expect(rows.length).toBeGreaterThan(4);
  });
});

describe('the command', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidegate-migrate-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('ends with 0 if nothing differs, 3 if an Ingress differs, and 4 if one would be closed', () => {
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const ingress = (annotations: object) =>
      stringify({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'web', annotations },
        spec: { rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
      });
    const statusOf = (annotations: object) => migrate(['-'], ingress(annotations)).status;
    expect(statusOf({ [`${PREFIX}/proxy-body-size`]: '8m' })).toBe(0);
    expect(statusOf({ [`${PREFIX}/upstream-hash-by`]: '$request_uri' })).toBe(3);
    expect(statusOf({ [`${PREFIX}/auth-type`]: 'digest' })).toBe(4);
  });

  it('says where each key is, including keys in standard input', () => {
    const { stdout } = migrate(['-'], readFileSync(join(ROOT, OLD), 'utf8'));
    const line = readFileSync(join(ROOT, OLD), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('proxy-body-sise'));
    expect(stdout).toContain(`proxy-body-sise = "1m" (stdin:${line + 1})`);
  });

  it('writes a new values file, and does not replace one', () => {
    const file = join(folder, 'values.yaml');
    expect(migrate([OLD, '--write-values', file]).status).toBe(4);
    expect(readFileSync(file, 'utf8')).toContain('isolateNamespaces: false');
    writeFileSync(file, 'mine');
    expect(migrate([OLD, '--write-values', file])).toMatchObject({ status: 2, stdout: '' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.each([
    [['nowhere.yaml'], 'nowhere.yaml does not exist'],
    [[OLD, '--kubeconfig', 'k'], 'leave out the paths of manifests'],
    [['--kubeconfig', '/nowhere/kubeconfig'], '/nowhere/kubeconfig'],
    [[OLD, '--old-controller', 'a/b'], 'found: ingress-nginx/ingress-nginx-controller'],
    [['e2e/inputs', '--write-values', 'x.yaml'], 'there is nothing to convert'],
  ])('wrong usage %j ends with 2 and says what is wrong', (args, message) => {
    const { status, stderr, stdout } = migrate(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
