/** `tidegate check` reports all typical mistakes in manifests at once, each with its line in the file. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLASSES = ['nginx: k8s.io/ingress-nginx', 'other: example.com/other'].map((each) => {
  const [name = '', controller = ''] = each.split(': ');
  return `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: ${name} }
spec: { controller: ${controller} }
`;
});

function ingress(name: string, annotations: string, spec: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: shop
  annotations: ${annotations}
spec: ${spec}
`;
}

function rules(host: string, pathType = 'Prefix', port = '80'): string {
  const backend = `{ service: { name: web, port: { number: ${port} } } }`;
  return `rules: [{ host: ${host}, http: { paths: [{ path: /, pathType: ${pathType}, backend: ${backend} }] } }]`;
}

function check(documents: readonly string[]): { status: number | null; lines: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-check-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'all.yaml');
  writeFileSync(file, [...CLASSES, ...documents].join('---\n'));
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 30_000 } as const;
  const { status, stdout } = spawnSync(process.execPath, ['bin/tidegate.js', 'check', file], options);
  return { status, lines: stdout.trim().replaceAll(`${file}:`, '').split('\n') };
}

const PREFIX = 'nginx.ingress.kubernetes.io';

it('tidegate check reports all errors of an invalid Ingress, and also the mistakes in its annotations', () => {
  const annotations = `{ ${PREFIX}/proxy-body-sise: 8m, ${PREFIX}/ssl-redirect: 'off' }`;
  const bad = ingress('bad', annotations, `{ ${rules('Shop.example.com', 'prefix', '"80"')} }`);
  const { status, lines } = check([bad]);
  expect(status).toBe(1);
  const places = lines.slice(0, -2).map((line) => /^(\w+: \d+):\d+: Ingress shop\/bad: (\S+):/.exec(line)?.slice(1));
  expect(places).toEqual([
    ['warning: 16', `metadata.annotations["${PREFIX}/proxy-body-sise"]`],
    ['warning: 16', `metadata.annotations["${PREFIX}/ssl-redirect"]`],
    ['error: 17', 'spec.rules[0].host'],
    ['error: 17', 'spec.rules[0].http.paths[0].pathType'],
    ['error: 17', 'spec.rules[0].http.paths[0].backend.service.port.number'],
  ]);
  expect(lines.at(-1)).toMatch(/^3 errors, 2 warnings, 0 notices; nginx -t tested/);
  const good = ingress('bad', `{ ${PREFIX}/proxy-body-size: 8m }`, `{ ${rules('shop.example.com')} }`);
  expect(check([good])).toMatchObject({ status: 0 });
});

it('tidegate check reports and counts the Ingresses of classes that Tidegate does not serve', () => {
  const ours = ingress('ours', '{}', `{ ingressClassName: nginx, ${rules('a.example.com')} }`);
  const theirs = ingress('theirs', '{}', `{ ingressClassName: other, ${rules('b.example.com')} }`);
  const legacy = ingress('legacy', '{ kubernetes.io/ingress.class: traefik }', `{ ${rules('c.example.com')} }`);
  const { status, lines } = check([ours, theirs, legacy]);
  expect(lines.filter((line) => line.includes('this controller serves class nginx'))).toEqual([
    expect.stringMatching(
      /^notice: 25:\d+: Ingress shop\/theirs: spec\.ingressClassName: .*, not other .*ingressClassName: nginx$/,
    ),
    expect.stringMatching(/^notice: 32:\d+: Ingress shop\/legacy: metadata\.annotations\S+ .*, not traefik/),
  ]);
  expect(lines.at(-2)).toBe(
    '1 file, 5 objects, 3 Ingresses; 1 served by class nginx; not served: 1 of class other, 1 of class traefik',
  );
  expect(status).toBe(0);
  expect(check([ours]).lines.at(-2)).toMatch(/1 Ingress; 1 served by class nginx$/);
});
