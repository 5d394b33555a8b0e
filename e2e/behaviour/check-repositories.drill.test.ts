/** `tidegate check` reports no false errors in repositories of four common shapes. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPOSITORIES = fileURLToPath(new URL('repositories', import.meta.url));

interface Checked {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** A copy of a repository, so that a test can add files to it. */
function repository(name: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-check-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(path.join(REPOSITORIES, name), folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

function check(folder: string, args: readonly string[], input = ''): Checked {
  const command = [path.join(ROOT, 'bin/tidegate.js'), 'check', ...args];
  const ran = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', timeout: 60_000, input });
  expect(ran.stderr).toBe('');
  return { status: ran.status, lines: ran.stdout.trim().split('\n') };
}

const BROKEN = 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec: { rules: 7 }\n';

it('kustomize: patches are skipped, and each overlay can be checked as a cluster of its own', () => {
  const folder = repository('kustomize');
  const whole = check(folder, ['.']);
  expect(whole.status).toBe(0);
  expect(whole.lines.slice(0, -3)).toEqual([
    expect.stringMatching(/^notice: base\/ingress\.yaml:.* ConfigMap default\/web-headers does not exist/),
    expect.stringMatching(
      /^notice: overlays\/staging\/banner\.yaml:1:.* also in overlays\/production\/banner\.yaml:1,/,
    ),
    expect.stringMatching(/^notice: overlays\/staging\/banner\.yaml:22:.*--each/),
  ]);
  expect(whole.lines.slice(-3)).toEqual([
    '12 files, 9 objects, 3 Ingresses; 2 served by class nginx; not served: 1 another copy of an Ingress',
    'skipped: 1 document without a Kubernetes object, 4 kustomize patches',
    expect.stringMatching(/^0 errors, 0 warnings, 3 notices;/),
  ]);
  const each = check(folder, ['--each', '--strict', 'overlays/production', 'overlays/staging']);
  expect(each).toMatchObject({ status: 0, lines: { length: 3 } });
  expect(each.lines[0]).toBe('8 files, 6 objects, 2 Ingresses; 2 served by class nginx');
  // A hook passes single files.
  const patch = check(folder, ['overlays/staging/ingress.yaml']);
  expect(patch).toMatchObject({ status: 0, lines: { 1: 'skipped: 1 kustomize patch' } });
});

it('Helm: the chart and its templates are skipped, and plain manifests beside them are checked', () => {
  const quiet = check(repository('helm'), ['.']);
  expect(quiet).toMatchObject({ status: 0, lines: { length: 3 } });
  expect(quiet.lines.slice(0, 2)).toEqual([
    '7 files, 1 object, 0 Ingresses',
    'skipped: 3 documents without a Kubernetes object, 3 templates',
  ]);
  const { status, lines } = check(repository('helm', { 'templates/plain.yaml': BROKEN }), ['.']);
  expect(status).toBe(1);
  expect(lines[0]).toMatch(/^error: templates\/plain\.yaml:4:\d+: Ingress default\/web: spec\.rules: /);
});

it('mono-repo: files of other programs are skipped, and whatever is meant to be an object is not', () => {
  const { status, lines } = check(repository('mono-repo', { 'node_modules/pkg/web.yaml': BROKEN }), ['.']);
  expect(status).toBe(0);
  expect(lines.slice(1)).toEqual([
    '9 files, 6 objects, 2 Ingresses; 1 served by class nginx; not served: 1 of class traefik',
    'skipped: 6 documents without a Kubernetes object',
    expect.stringMatching(/^0 errors, 0 warnings, 1 notice;/),
  ]);
  const broken = {
    'a.yaml': 'apiVersion: v1\nmetadata: { name: web }\nspec: { ports: [] }\n',
    'b.yaml': 'kind: Service\nmetadata: { name: web }\n',
    'c.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: web\n',
    'd.yaml': BROKEN,
    'e.json': '{ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" ',
    'f.yaml': 'apiVersion: v1\nkind: Sevice\nmetadata: { name: web }\n',
    'g.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: Web }\ndata: { text: "{{ name }}" }\n',
  };
  const found = check(repository('mono-repo', broken), ['.']);
  const named = found.lines.flatMap((line) => /^error: (\w\.\w+):/.exec(line)?.[1] ?? []);
  expect([...new Set(named)]).toEqual(Object.keys(broken));
  expect(found.status).toBe(1);
  expect(found.lines.at(-3)).toContain('1 malformed');
});

it('Argo CD: Applications are objects that need no check, and variables of Flux make a template', () => {
  const { status, lines } = check(repository('argo-cd'), ['.', '--strict']);
  expect({ status, lines: lines.slice(0, -1) }).toEqual({
    status: 0,
    lines: ['7 files, 7 objects, 1 Ingress; 1 served by class nginx', 'skipped: 1 template'],
  });
  const complete = check(repository('argo-cd'), ['.', '--complete']);
  const told = complete.lines.map((line) =>
    /(kind not read: \w+|has not been resolved|Secret \S+ does not)/.exec(line),
  );
  expect(told.flatMap((each) => each?.[1] ?? []).sort()).toEqual([
    'Secret default/shop-tls does not',
    'has not been resolved',
    'kind not read: Application',
    'kind not read: ApplicationSet',
    'kind not read: SealedSecret',
  ]);
});

function ingress(annotation: string): string {
  return `# A comment.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    ${annotation}
spec:
  rules: [{ host: web.example.com }]
`;
}

it('standard input has its own lines, and --strict fails because of keys without effect', () => {
  const folder = repository('helm');
  const misspelt = ingress('nginx.ingress.kubernetes.io/proxy-body-sise: 8m');
  const { status, lines } = check(folder, ['-'], misspelt);
  expect(lines[0]).toMatch(/^warning: stdin:7:5: Ingress default\/web: .*did you mean "proxy-body-size"/);
  expect(status).toBe(0);
  expect(check(folder, ['-', '--strict'], misspelt).status).toBe(1);
  expect(check(folder, ['-', '--strict'], ingress('ingress.kubernetes.io/ssl-redirect: "true"')).status).toBe(1);
  // The Secret may be made elsewhere, unless the manifests are complete.
  const secret = ingress('nginx.ingress.kubernetes.io/proxy-ssl-secret: default/backend').replace(
    '[{ host: web.example.com }]',
    '[{ host: web.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: a, port: { number: 80 } } } }] } }]',
  );
  expect(check(folder, ['-', '--strict'], secret).status).toBe(0);
  expect(check(folder, ['-', '--complete'], secret).status).toBe(1);
});
