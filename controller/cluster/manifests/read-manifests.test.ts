import { symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { serviceYaml, temporaryFolder } from '../fixtures/temporary-folder.ts';
import { readManifests } from './read-manifests.ts';

const inputs = fileURLToPath(new URL('../fixtures/golden/inputs/', import.meta.url));

async function readTexts(files: { readonly [path: string]: string | Buffer }) {
  return readManifests([await temporaryFolder(files)]);
}

describe('the manifests of tutorials', () => {
  it('the manifests of tutorials are read together, with their Problems', async () => {
    const { snapshot, problems } = await readManifests([inputs]);
    expect(
      problems.map(({ code, severity, place }) => [
        code,
        severity,
        `${place?.file.replace(inputs, '')}:${place?.line}:${place?.column}`,
      ]),
    ).toEqual([
      ['removed-api-version', 'warning', 'cafe-v1beta1.yaml:2:1'],
      ['field-type', 'error', 'demo-ingress-as-written.yaml:12:3'],
      ['removed-api-version', 'warning', 'web-ui-v1beta1.yaml:15:1'],
      ['duplicate-object', 'error', 'kubia.yaml:1:1'],
    ]);
    expect(problems[1]).toMatchObject({
      field: ['spec', 'rules'],
      message: 'must be a list, not a map',
      object: { name: 'demo-ingress' },
    });
    expect(problems[3]?.message).toBe(
      `the same object is also in ${inputs}kubia-two-paths.yaml:1, which comes first and is used`,
    );
    expect([...snapshot.Ingress.keys()]).toEqual([
      'default/cafe-ingress',
      'default/demo-ingress',
      'default/kubia',
      'default/minimal-ingress',
      'default/two-hosts',
      'kube-system/traefik-web-ui',
    ]);
    expect([...snapshot.IngressClass.keys()]).toEqual(['external-lb', 'nginx-example']);
    expect(snapshot.Ingress.get('default/kubia')?.spec?.rules?.[0]?.http?.paths).toHaveLength(2);
    expect(snapshot.Ingress.get('kube-system/traefik-web-ui')?.spec?.rules?.[0]?.http?.paths[0]).toEqual({
      path: '/',
      pathType: 'ImplementationSpecific',
      backend: { service: { name: 'traefik-web-ui', port: { name: 'web' } } },
    });
  });

  it('an object with mistakes is rejected, and all other objects are read', async () => {
    const { snapshot, problems } = await readManifests([
      `${inputs}demo-ingress-as-written.yaml`,
      `${inputs}two-hosts.yaml`,
    ]);
    expect(problems).toMatchObject([{ code: 'field-type', effect: 'object-ignored', place: { line: 12, column: 3 } }]);
    expect([...snapshot.Ingress.keys()]).toEqual(['default/two-hosts']);
  });
});

describe('paths', () => {
  it('a path that does not exist is reported as an error, and the other paths are read', async () => {
    const folder = await temporaryFolder({ 'a.yaml': serviceYaml('a', 80) });
    const { snapshot, problems } = await readManifests(['/no/such/path', folder]);
    expect(problems).toMatchObject([{ code: 'path-not-found', severity: 'error', value: '/no/such/path' }]);
    expect(snapshot.Service.size).toBe(1);
  });

  it('folders are read recursively, without hidden files and files of other types', async () => {
    const files = ['a.yaml', 'b.yml', 'c.json', 'deep/er/d.yaml', '.hidden.yaml', '.git/e.yaml', 'f.txt', 'g.yaml~'];
    const { snapshot, problems } = await readTexts(
      Object.fromEntries(files.map((file, index) => [file, serviceYaml(`s${index}`, 80)])),
    );
    expect(problems).toEqual([]);
    expect([...snapshot.Service.keys()]).toEqual(['default/s0', 'default/s1', 'default/s2', 'default/s3']);
  });

  it('a file that is given directly may have any name, and is read only once', async () => {
    const folder = await temporaryFolder({ manifest: serviceYaml('a', 80) });
    const { snapshot, problems } = await readManifests([`${folder}/manifest`, `${folder}/./manifest`]);
    expect([problems, snapshot.Service.size]).toEqual([[], 1]);
  });

  it('mounted ConfigMaps are read through their links, and link cycles are not followed', async () => {
    const folder = await temporaryFolder({ '..2026_01/a.yaml': serviceYaml('a', 80) });
    await symlink('..2026_01', `${folder}/..data`);
    await symlink('..data/a.yaml', `${folder}/a.yaml`);
    await symlink('.', `${folder}/loop`);
    await symlink('nowhere', `${folder}/dangling.yaml`);
    const { snapshot, problems } = await readManifests([folder]);
    expect([problems, [...snapshot.Service.keys()]]).toEqual([[], ['default/a']]);
  });
});

describe('files', () => {
  it('files over 8 MiB, and files that are not UTF-8, are rejected', async () => {
    const { snapshot, problems } = await readTexts({
      'a.yaml': serviceYaml('a', 80),
      'b.yaml': Buffer.alloc(8 * 1024 * 1024 + 1, 35),
      'c.yaml': Buffer.from([0x61, 0x3a, 0xff, 0xfe]),
    });
    expect(problems).toMatchObject([
      {
        code: 'file-too-large',
        severity: 'error',
        message: 'the file is 8.0 MiB; files larger than 8 MiB are not read',
      },
      { code: 'not-utf8', severity: 'error' },
    ]);
    expect(snapshot.Service.size).toBe(1);
  });

  it('a file may begin with a byte order mark and have Windows line endings', async () => {
    const { snapshot, problems } = await readTexts({
      'a.yaml': `\uFEFF${serviceYaml('a', 80)}---\n${serviceYaml('b', 81)}`.replaceAll('\n', '\r\n'),
    });
    expect([problems, snapshot.Service.size]).toEqual([[], 2]);
  });

  it('a file may contain nested Lists, typed Lists and empty documents', async () => {
    const text = `# nothing\n---\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n- apiVersion: v1\n  kind: NamespaceList\n  metadata: {}\n  items: [{metadata: {name: b}}]\n...\napiVersion: v1\nkind: Namespace\nmetadata: {name: c}\n`;
    const { snapshot, problems } = await readTexts({
      'a.yaml': text,
      'b.json': '{"kind": "ServiceList",\n\t"apiVersion": "v1", "items": null}',
    });
    expect([problems, [...snapshot.Namespace.keys()]]).toEqual([[], ['a', 'b', 'c']]);
    expect(snapshot.Namespace.get('b')).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'b' } });
  });

  it('each kind that is not read, including kinds of foreign groups, gives one notice', async () => {
    const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n';
    const knative = 'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n';
    const endpoints = 'apiVersion: v1\nkind: Endpoints\nmetadata: {name: a}\n';
    const { snapshot, problems } = await readTexts({
      'a.yaml': `${deployment}---\n${knative}---\n${deployment}`,
      'b.yaml': endpoints,
    });
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['notice', 'kind not read: Deployment (2)'],
      ['notice', 'kind not read: Service (1)'],
      ['notice', 'kind not read: Endpoints (1); the endpoints of a Service are read from EndpointSlices'],
    ]);
    expect(problems[2]?.example).toContain('kind: EndpointSlice');
    expect(snapshot.Service.size).toBe(0);
  });
});

describe('scalars', () => {
  it('scalars are read as kubectl reads them: YAML 1.1 without dates and times of day', async () => {
    const data = 'day: 2026-01-02\ntime: 12:30:45\noctal: "0755"\nempty:\n';
    const { snapshot, problems } = await readTexts({
      'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, creationTimestamp: 2026-01-02T03:04:05Z}\ndata:\n${data.replace(/^(?=.)/gm, '  ')}`,
      'b.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: b, creationTimestamp: null}\nspec: {ports: [{name: why, port: 1_000}, {name: x, port: 0120}], publishNotReadyAddresses: yes}\n',
    });
    expect(problems).toEqual([]);
    expect(snapshot.ConfigMap.get('default/a')).toMatchObject({
      metadata: { creationTimestamp: '2026-01-02T03:04:05Z' },
      data: { day: '2026-01-02', time: '12:30:45', octal: '0755', empty: '' },
    });
    expect(snapshot.Service.get('default/b')).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'b', namespace: 'default' },
      spec: {
        ports: [
          { name: 'why', port: 1000 },
          { name: 'x', port: 80 },
        ],
        publishNotReadyAddresses: true,
      },
    });
  });

  it('anchors and merge keys may be used', async () => {
    const { snapshot } = await readTexts({
      'a.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - &p {name: a, port: 80}\n  - {<<: *p, name: b}\n',
    });
    expect(snapshot.Service.get('default/a')?.spec?.ports).toEqual([
      { name: 'a', port: 80 },
      { name: 'b', port: 80 },
    ]);
  });
});

describe('objects', () => {
  it('objects are as in the API, with merged stringData and a list of endpoints, without managedFields', async () => {
    const { snapshot, problems } = await readTexts({
      'a.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: a, managedFields: [{manager: x}]}\ntype: kubernetes.io/tls\ndata: {a: b2xk, b: "b2xk"}\nstringData: {a: new}\n',
      'b.yaml':
        'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s1, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nendpoints: null\n',
      'c.yaml':
        'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx, namespace: shop}\nspec: {controller: k8s.io/ingress-nginx}\n',
    });
    expect(snapshot.Secret.get('default/a')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'default' },
      type: 'kubernetes.io/tls',
      data: { a: 'bmV3', b: 'b2xk' },
    });
    expect(snapshot.EndpointSlice.get('shop/s1')?.endpoints).toEqual([]);
    expect([...snapshot.slicesOfService]).toEqual([['shop/web', [snapshot.EndpointSlice.get('shop/s1')]]]);
    expect(snapshot.IngressClass.get('nginx')?.metadata).toEqual({ name: 'nginx' });
    expect(problems).toMatchObject([{ code: 'unknown-field', field: ['metadata', 'namespace'], severity: 'warning' }]);
  });

  it('of several copies of an object, the first copy in the first file is used', async () => {
    const { snapshot, problems } = await readTexts({
      'b.yaml': serviceYaml('x', 3),
      'a.yaml': `${serviceYaml('x', 1)}---\n${serviceYaml('x', 2)}`,
      'c/d.yaml': serviceYaml('x', 1),
    });
    expect(snapshot.Service.get('default/x')?.spec?.ports?.[0]?.port).toBe(1);
    expect(problems.map(({ severity, place }) => [severity, place?.file.slice(-6), place?.line])).toEqual([
      ['error', 'a.yaml', 6],
      ['error', 'b.yaml', 1],
      ['warning', '/d.yaml'.slice(-6), 1],
    ]);
    for (const { message } of problems) expect(message).toMatch(/also in .*a\.yaml:1, which comes first and is used/);
  });
});

describe('locate', () => {
  it('finds fields, the nearest existing parent of a field, items of Lists, and fields of removed versions', async () => {
    const { locate } = await readManifests([inputs]);
    const at = (name: string, ...field: (string | number)[]) => {
      const place = locate({ kind: 'Ingress', namespace: 'default', name }, field);
      return place && `${place.file.replace(inputs, '')}:${place.line}:${place.column}`;
    };
    expect(at('two-hosts', 'spec', 'rules', 1, 'host')).toBe('two-hosts.yaml:17:5');
    expect(at('two-hosts', 'spec', 'rules', 1, 'http', 'paths', 0, 'backend', 'nothing')).toBe('two-hosts.yaml:22:9');
    expect(at('two-hosts', 'spec', 'tls', 0)).toBe('two-hosts.yaml:5:1');
    expect(at('minimal-ingress', 'metadata', 'annotations', 'nginx.ingress.kubernetes.io/rewrite-target')).toBe(
      'minimal-rewrite.yaml:6:5',
    );
    expect(at('cafe-ingress', 'spec', 'rules', 0, 'http', 'paths', 1, 'backend', 'service', 'port', 'number')).toBe(
      'cafe-v1beta1.yaml:22:15',
    );
    expect(at('nobody', 'spec')).toBe(undefined);
  });

  it('after a change to the file, finds a moved document, or returns the former start of the object', async () => {
    const folder = await temporaryFolder({ 'a.yaml': `${serviceYaml('a', 80)}---\n${serviceYaml('b', 80)}` });
    const { locate } = await readManifests([folder]);
    const ref = { kind: 'Service', namespace: 'default', name: 'b' };
    expect(locate(ref, ['spec', 'ports', 0, 'port'])).toEqual({ file: `${folder}/a.yaml`, line: 9, column: 17 });
    const spec = { file: `${folder}/a.yaml`, line: 9, column: 1 };
    expect(locate(ref, ['spec'])).toEqual(spec);
    // The text of the document still exists, further down in the file.
    const moved = (await readManifests([folder])).locate;
    await writeFile(`${folder}/a.yaml`, `# a line more\n${serviceYaml('a', 80)}---\n${serviceYaml('b', 80)}`);
    expect(moved(ref, ['spec'])).toMatchObject({ line: 10, column: 1 });
    const lost = (await readManifests([folder])).locate;
    await writeFile(`${folder}/a.yaml`, 'something: else\n');
    expect(lost(ref, ['spec'])).toMatchObject({ line: 7, column: 1 });
  });
});
