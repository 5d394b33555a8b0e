import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, parse } from 'yaml';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { convertDocument } from './convert-document.ts';
import { convertManifests } from './convert-manifests.ts';
import { convertIngress, removedField } from './convert.ts';
import { readManifests } from './read-manifests.ts';

const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom('http', '80', 'web-1', null));
const backend = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ serviceName: fc.constantFrom('web', 'api'), servicePort: port }, { requiredKeys: [] }),
  },
  fc.constant({ resource: { kind: 'Bucket', name: 'b' } }),
  fc.constantFrom(null, 'text', []),
);
const path = fc.record(
  { path: fc.constant('/a'), pathType: fc.constantFrom('Exact', null), backend },
  { requiredKeys: [] },
);
const rule = fc.record(
  {
    host: fc.constant('a.example.com'),
    http: fc.record({ paths: fc.oneof(fc.array(path, { maxLength: 3 }), fc.constant({})) }),
  },
  { requiredKeys: [] },
);
const oldIngress = fc.record({
  apiVersion: fc.constantFrom('extensions/v1beta1', 'networking.k8s.io/v1beta1', 'networking.k8s.io/v1'),
  kind: fc.constantFrom('Ingress', 'IngressClass'),
  metadata: fc.constant({ name: 'a' }),
  spec: fc.oneof(
    { weight: 9, arbitrary: fc.record({ backend, rules: fc.array(rule, { maxLength: 3 }) }, { requiredKeys: [] }) },
    fc.constantFrom('x', null),
  ),
});

/** extensions/v1beta1 never had an IngressClass. */
function isNotOurs({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return apiVersion === 'extensions/v1beta1' && kind === 'IngressClass';
}

describe('convertIngress', () => {
  it('lists the new location of each changed field', () => {
    const { object, notes } = convertIngress({
      apiVersion: 'extensions/v1beta1',
      kind: 'Ingress',
      spec: {
        backend: { serviceName: 'web', servicePort: 'http' },
        rules: [{ http: { paths: [{ backend: { serviceName: 'web', servicePort: '80' } }] } }],
      },
    });
    expect(object).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      spec: {
        defaultBackend: { service: { name: 'web', port: { name: 'http' } } },
        rules: [
          {
            http: {
              paths: [
                { pathType: 'ImplementationSpecific', backend: { service: { name: 'web', port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    });
    expect(notes).toEqual([
      'backend.serviceName is now backend.service.name',
      'backend.servicePort is now backend.service.port.name',
      'spec.backend is now spec.defaultBackend',
      'pathType is now required (a missing pathType meant ImplementationSpecific)',
      'backend.servicePort is now backend.service.port.number',
    ]);
  });

  it('returns the same object if there is nothing to convert, and never changes its input', () => {
    fc.assert(
      fc.property(oldIngress, (object) => {
        const before = structuredClone(object);
        const { object: converted } = convertIngress(object);
        expect(object).toEqual(before);
        expect(converted === object).toBe(object.apiVersion === 'networking.k8s.io/v1' || isNotOurs(object));
        expect(convertIngress(converted).object).toBe(converted);
      }),
    );
  });

  it('converts objects to the same result as convertDocument()', () => {
    fc.assert(
      fc.property(oldIngress, (object) => {
        const document = new Document(object);
        const count = convertDocument(document);
        expect(count > 0).toBe(convertIngress(object).object !== object);
        expect(parse(document.toString())).toEqual(convertIngress(object).object);
      }),
      { numRuns: 500 },
    );
  });

  it('removedField() returns the path that a field has in the removed version', () => {
    expect(removedField(['spec', 'defaultBackend', 'service', 'port', 'number'])).toEqual([
      'spec',
      'backend',
      'servicePort',
    ]);
    expect(removedField(['spec', 'rules', 0, 'http', 'paths', 1, 'backend', 'service', 'name'])).toEqual([
      'spec',
      'rules',
      0,
      'http',
      'paths',
      1,
      'backend',
      'serviceName',
    ]);
    expect(removedField(['metadata', 'annotations', 'service'])).toEqual(['metadata', 'annotations', 'service']);
  });
});

describe('convertManifests', () => {
  const old = `# head
apiVersion: networking.k8s.io/v1beta1 # version
kind: Ingress
metadata:
  name: a
spec:
  # for the rest
  backend: {serviceName: d, servicePort: "80"}
  rules:
  - http:
      paths:
      # first
      - path: /x # path
        backend:
          # where to
          serviceName: s # name
          servicePort: http # port
`;
  const converted = `# head
apiVersion: networking.k8s.io/v1 # version
kind: Ingress
metadata:
  name: a
spec:
  # for the rest
  defaultBackend: { service: { name: d, port: { number: 80 } } }
  rules:
  - http:
      paths:
      # first
      - path: /x # path
        pathType: ImplementationSpecific
        backend:
          # where to
          service:
            name: s # name
            port:
              name: http # port
`;
  const odd =
    'apiVersion:   v1   # odd, but fine\nkind: Service\nmetadata: { name : "x" }\nspec: {ports: [{port: 80}]}';

  it('preserves comments, and every byte of documents that need no conversion', async () => {
    const folder = await temporaryFolder({
      'a.yaml': `${old}---\n${odd}`,
      'b.yaml': 'a: [broken v1beta1',
      'c.yml': `%YAML 1.1\n---\n${odd}\n`,
    });
    const { text, problems } = await convertManifests([folder]);
    expect(text).toBe(`${converted}---\n${odd}\n---\na: [broken v1beta1\n...\n%YAML 1.1\n---\n${odd}\n`);
    expect(problems.map(({ code, place }) => [code, place?.line])).toEqual([
      ['removed-api-version', 2],
      ['unreadable-yaml', 1],
    ]);
  });

  it('converts items of Lists, and writes JSON manifests as JSON', async () => {
    const item = { metadata: { name: 'a' }, spec: { backend: { serviceName: 'web', servicePort: 80 } } };
    const list = { kind: 'IngressList', apiVersion: 'extensions/v1beta1', items: [item] };
    const folder = await temporaryFolder({ 'a.json': JSON.stringify(list) });
    const { text } = await convertManifests([folder]);
    expect(JSON.parse(text)).toEqual({
      kind: 'IngressList',
      apiVersion: 'networking.k8s.io/v1',
      items: [
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name: 'a' },
          spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
        },
      ],
    });
  });

  it('converts the fixtures to manifests that are read as the same objects as the fixtures', async () => {
    const inputs = fileURLToPath(new URL('../fixtures/golden/inputs/', import.meta.url));
    for (const name of ['cafe-v1beta1.yaml', 'web-ui-v1beta1.yaml']) {
      const before = await readManifests([inputs + name]);
      const { text } = await convertManifests([inputs + name]);
      const after = await readManifests([await temporaryFolder({ [name]: text })]);
      expect(after.problems).toEqual([]);
      expect(after.snapshot).toEqual(before.snapshot);
    }
    const current = `${inputs}two-hosts.yaml`;
    expect((await convertManifests([current])).text).toBe(await readFile(current, 'utf8'));
  });
});
