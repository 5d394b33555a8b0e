import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { formatField } from '../../types/problem.ts';
import { readManifests } from './read-manifests.ts';

const ingress = (spec: string) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: bad
spec:
${spec.replace(/^(?=.)/gm, '  ')}`;

const path = (fields: string) =>
  ingress(`rules:
- host: a.example.com
  http:
    paths:
    - ${fields.replaceAll('\n', '\n      ')}
`);

const backend = 'backend: {service: {name: web, port: {number: 80}}}';

const service = (ports: string) => `apiVersion: v1
kind: Service
metadata: {name: bad}
spec:
  ports:
${ports}
`;

const slice = (rest: string) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: bad, labels: {kubernetes.io/service-name: web}}
${rest}
`;

/** The name, the manifest, the position of the error, its code and field, and the example that the error must give. */
const cases: [name: string, text: string, at: string, code: string, field: string, example: string | RegExp][] = [
  ['rules is a map', ingress('rules:\n  http: {}\n'), '6:3', 'field-type', 'spec.rules', /^- host/],
  [
    'no rules and no default backend',
    ingress('ingressClassName: nginx\n'),
    '5:1',
    'required-field',
    'spec.rules',
    /rules/,
  ],
  [
    'no spec',
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: bad}\n',
    '1:1',
    'required-field',
    'spec.rules',
    /rules/,
  ],
  [
    'no pathType',
    path(`path: /\n${backend}`),
    '10:9',
    'required-field',
    'spec.rules[0].http.paths[0].pathType',
    'Prefix',
  ],
  [
    'unknown pathType',
    path(`path: /\npathType: prefix\n${backend}`),
    '11:9',
    'invalid-value',
    'spec.rules[0].http.paths[0].pathType',
    'Prefix',
  ],
  [
    'relative path',
    path(`path: a\npathType: Exact\n${backend}`),
    '10:9',
    'invalid-path',
    'spec.rules[0].http.paths[0].path',
    '/a',
  ],
  [
    'missing path',
    path(`pathType: Prefix\n${backend}`),
    '10:9',
    'invalid-path',
    'spec.rules[0].http.paths[0].path',
    '/',
  ],
  [
    'unreachable path',
    path(`path: /a/../b\npathType: Prefix\n${backend}`),
    '10:9',
    'invalid-path',
    'spec.rules[0].http.paths[0].path',
    '/shop',
  ],
  [
    'no backend',
    path('path: /\npathType: Prefix'),
    '10:9',
    'required-field',
    'spec.rules[0].http.paths[0].backend',
    /service/,
  ],
  [
    'empty backend',
    path('path: /\npathType: Prefix\nbackend: {}'),
    '12:9',
    'invalid-backend',
    'spec.rules[0].http.paths[0].backend',
    /service/,
  ],
  [
    'backend port with a number and a name',
    path('path: /\npathType: Prefix\nbackend: {service: {name: w, port: {number: 80, name: http}}}'),
    '12:38',
    'invalid-port',
    'spec.rules[0].http.paths[0].backend.service.port',
    'number: 80',
  ],
  [
    'port 0',
    path('path: /\npathType: Prefix\nbackend: {service: {name: w, port: {number: 0}}}'),
    '12:38',
    'invalid-port',
    'spec.rules[0].http.paths[0].backend.service.port',
    'number: 80',
  ],
  [
    'port 65536',
    path('path: /\npathType: Prefix\nbackend:\n  service:\n    name: w\n    port:\n      number: 65536'),
    '16:15',
    'invalid-port',
    'spec.rules[0].http.paths[0].backend.service.port.number',
    '80',
  ],
  [
    'port name that consists of digits',
    path('path: /\npathType: Prefix\nbackend: {service: {name: w, port: {name: "80"}}}'),
    '12:45',
    'invalid-port',
    'spec.rules[0].http.paths[0].backend.service.port.name',
    'number: 80',
  ],
  [
    'port as text',
    path('path: /\npathType: Prefix\nbackend: {service: {name: w, port: {number: "80"}}}'),
    '12:45',
    'field-type',
    'spec.rules[0].http.paths[0].backend.service.port.number',
    '80',
  ],
  [
    'capitalised field name of a backend',
    path('path: /\npathType: Prefix\nbackend: {service: {Name: w, port: {number: 80}}}'),
    '12:19',
    'required-field',
    'spec.rules[0].http.paths[0].backend.service.name',
    'web',
  ],
  [
    'upper-case host',
    ingress(`rules:\n- host: Shop.Example.com\n`),
    '7:5',
    'invalid-host',
    'spec.rules[0].host',
    'shop.example.com',
  ],
  [
    'host with port',
    ingress(`rules:\n- host: a.example.com:8080\n`),
    '7:5',
    'invalid-host',
    'spec.rules[0].host',
    'a.example.com',
  ],
  [
    'host is a URL',
    ingress(`rules:\n- host: https://a.example.com/x\n`),
    '7:5',
    'invalid-host',
    'spec.rules[0].host',
    'a.example.com',
  ],
  [
    'host is an IP',
    ingress(`rules:\n- host: 10.0.0.1\n`),
    '7:5',
    'invalid-host',
    'spec.rules[0].host',
    'shop.example.com',
  ],
  [
    'inner wildcard',
    ingress(`rules:\n- host: a.*.example.com\n`),
    '7:5',
    'invalid-host',
    'spec.rules[0].host',
    '*.example.com',
  ],
  [
    'injection in a host',
    ingress(`rules:\n- host: "a.com;\\n}"\n`),
    '7:5',
    'invalid-host',
    'spec.rules[0].host',
    'shop.example.com',
  ],
  [
    'spec.tls.hosts is text',
    ingress('defaultBackend: {service: {name: w, port: {number: 80}}}\ntls:\n- hosts: a.example.com\n'),
    '8:5',
    'field-type',
    'spec.tls[0].hosts',
    '- shop.example.com',
  ],
  [
    'invalid host in spec.tls',
    ingress('defaultBackend: {service: {name: w, port: {number: 80}}}\ntls:\n- hosts:\n  - a.example.com\n  - a_b\n'),
    '10:7',
    'invalid-host',
    'spec.tls[0].hosts[1]',
    'shop.example.com',
  ],
  [
    'annotation value true without quotes',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: bad\n  annotations:\n    a/b: "x"\n    a/c: true\nspec: {ports: [{port: 80}]}\n',
    '7:5',
    'field-type',
    'metadata.annotations["a/c"]',
    '"true"',
  ],
  [
    'ConfigMap value 1.10 without quotes',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata:\n  version: 1.10\n',
    '5:3',
    'field-type',
    'data.version',
    '"1.10"',
  ],
  [
    'ConfigMap value off without quotes',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata:\n  a: "1"\n  access-log: off\n',
    '6:3',
    'field-type',
    'data.access-log',
    '"off"',
  ],
  [
    'no metadata.name',
    'apiVersion: v1\nkind: Service\nmetadata:\n  namespace: shop\nspec: {ports: [{port: 80}]}\n',
    '3:1',
    'required-field',
    'metadata.name',
    'name: web',
  ],
  [
    'invalid metadata.name',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: Web_1\nspec: {ports: [{port: 80}]}\n',
    '4:3',
    'invalid-name',
    'metadata.name',
    'web',
  ],
  [
    'metadata.name is a number',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: 0123\nspec: {ports: [{port: 80}]}\n',
    '4:3',
    'field-type',
    'metadata.name',
    '"0123"',
  ],
  [
    'metadata.name is a boolean',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: on\nspec: {ports: [{port: 80}]}\n',
    '4:3',
    'field-type',
    'metadata.name',
    '"on"',
  ],
  [
    'namespace is a number',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: 7\nspec: {ports: [{port: 80}]}\n',
    '5:3',
    'field-type',
    'metadata.namespace',
    '"7"',
  ],
  ['Service port that is too large', service('  - port: 99999'), '6:5', 'invalid-port', 'spec.ports[0].port', '80'],
  ['Service port without a number', service('  - name: http'), '6:5', 'required-field', 'spec.ports[0].port', '80'],
  [
    'second port without name',
    service('  - {name: a, port: 1}\n  - {port: 2}'),
    '7:5',
    'required-field',
    'spec.ports[1].name',
    'http',
  ],
  [
    'two ports with the same name',
    service('  - {name: a, port: 1}\n  - {name: a, port: 2}'),
    '7:6',
    'invalid-port',
    'spec.ports[1].name',
    'a-2',
  ],
  ['targetPort 0', service('  - {port: 1, targetPort: 0}'), '6:15', 'invalid-port', 'spec.ports[0].targetPort', '8080'],
  [
    'protocol in lower case',
    service('  - {port: 1, protocol: tcp}'),
    '6:15',
    'invalid-value',
    'spec.ports[0].protocol',
    'TCP',
  ],
  ['no addressType', slice('endpoints: []'), '1:1', 'required-field', 'addressType', 'IPv4'],
  [
    'invalid endpoint address',
    slice('addressType: IPv4\nendpoints:\n- addresses: [10.0.0.1, 0x7f.1]'),
    '6:25',
    'invalid-address',
    'endpoints[0].addresses[1]',
    '10.0.0.1',
  ],
  [
    'endpoint address of another family than addressType',
    slice('addressType: IPv6\nendpoints:\n- addresses: [10.0.0.1]'),
    '6:15',
    'invalid-address',
    'endpoints[0].addresses[0]',
    '2001:db8::1',
  ],
  [
    'endpoint without an address',
    slice('addressType: IPv4\nendpoints:\n- addresses: []'),
    '6:3',
    'required-field',
    'endpoints[0].addresses',
    '- 10.0.0.1',
  ],
  [
    'ready as text',
    slice('addressType: IPv4\nendpoints:\n- addresses: [10.0.0.1]\n  conditions: {ready: "yes"}'),
    '7:16',
    'field-type',
    'endpoints[0].conditions.ready',
    'true',
  ],
  [
    'EndpointSlice port that is too large',
    slice('addressType: IPv4\nports: [{port: 70000}]'),
    '5:10',
    'invalid-port',
    'ports[0].port',
    '8080',
  ],
  [
    'IngressClass without a controller',
    'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: bad}\nspec: {}\n',
    '4:1',
    'required-field',
    'spec.controller',
    'k8s.io/ingress-nginx',
  ],
  [
    'Secret value that is not base64',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: bad}\ndata:\n  auth: hunter2-password\n',
    '5:3',
    'invalid-base64',
    'data.auth',
    'aGVsbG8=',
  ],
  [
    'Secret value that is a number without quotes',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: bad}\nstringData:\n  pin: 271828\n',
    '5:3',
    'field-type',
    'stringData.pin',
    '"text in quotes"',
  ],
  [
    'wrong apiVersion',
    'apiVersion: v1\nkind: Ingress\nmetadata: {name: bad}\n',
    '1:1',
    'unknown-api-version',
    'apiVersion',
    'networking.k8s.io/v1',
  ],
  [
    'misspelt kind',
    'apiVersion: networking.k8s.io/v1\nkind: ingress\nmetadata: {name: bad}\n',
    '2:1',
    'unknown-kind',
    'kind',
    'Ingress',
  ],
  ['no kind', 'apiVersion: v1\nmetadata: {name: bad}\n', '1:1', 'required-field', 'kind', 'kind: Ingress'],
  [
    'items of a List is a map',
    'apiVersion: v1\nkind: List\nitems: {}\n',
    '3:1',
    'field-type',
    'items',
    '- apiVersion: v1',
  ],
  [
    'invalid item of a List',
    `apiVersion: v1\nkind: List\nitems:\n- ${service('  - port: 0').trimEnd().replaceAll('\n', '\n  ')}\n`,
    '9:7',
    'invalid-port',
    'spec.ports[0].port',
    '80',
  ],
  [
    'invalid port of a v1beta1 Ingress',
    'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: bad}\nspec:\n  backend:\n    serviceName: web\n    servicePort: 70000\n',
    '7:5',
    'invalid-port',
    'spec.defaultBackend.service.port.number',
    '80',
  ],
];

describe('a malformed object', () => {
  it.each(cases)(
    'is left out and reported with the position, the field and an example: %s',
    async (_name, text, at, code, field, example) => {
      const good = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: good}\n';
      const folder = await temporaryFolder({ 'bad.yaml': `${text}---\n${good}` });
      const { snapshot, problems } = await readManifests([folder]);
      const errors = problems.filter(({ severity }) => severity === 'error');
      expect(errors.map((error) => [error.code, formatField(error.field ?? [])])).toEqual([[code, field]]);
      const [error] = errors;
      // The field is shown before the message, so the message does not contain it.
      if (field.includes('.')) expect(error?.message).not.toContain(field);
      expect(error?.place).toMatchObject({ file: `${folder}/bad.yaml` });
      expect(`${error?.place?.line}:${error?.place?.column}`).toBe(at);
      expect(error?.example).toMatch(example);
      expect(error?.effect).toBe('object-ignored');
      const served = Object.values(snapshot).flatMap((table) => [...table.keys()]);
      expect(served).toEqual(['good']);
    },
  );

  it('is reported with all its errors at once, without errors that follow from other errors', async () => {
    const text = ingress(`ingressClassName: 5
tls: {hosts: [a.example.com]}
rules:
- host: Shop.Example.com
  http:
    paths:
    - {path: a, pathType: prefix, backend: {service: {name: w, port: {number: "80"}}}}
    - none
    - {path: /, pathType: Prefix, backend: {service: {port: {number: 0}}}}
- hosst: b.example.com
- host: 7
`).replace('name: bad', 'namespace: shop');
    const folder = await temporaryFolder({
      'bad.yaml': `${text}---
${slice('endpoints: [{addresses: []}]\nports: [{port: 70000}]')}`,
    });
    const { problems } = await readManifests([folder]);
    const told = problems.map(({ severity, field = [], place }) => `${severity} ${place?.line} ${formatField(field)}`);
    expect(told).toEqual([
      'error 3 metadata.name',
      'error 6 spec.ingressClassName',
      'error 7 spec.tls',
      'error 9 spec.rules[0].host',
      'error 12 spec.rules[0].http.paths[0].path',
      'error 12 spec.rules[0].http.paths[0].pathType',
      'error 12 spec.rules[0].http.paths[0].backend.service.port.number',
      'error 13 spec.rules[0].http.paths[1]',
      'error 14 spec.rules[0].http.paths[2].backend.service.name',
      'error 14 spec.rules[0].http.paths[2].backend.service.port',
      'warning 15 spec.rules[1].hosst',
      'error 16 spec.rules[2].host',
      'error 18 addressType',
      'error 21 endpoints[0].addresses',
      'error 22 ports[0].port',
    ]);
  });

  it('is reported without its values if it is a Secret', async () => {
    const secrets = [
      'data: {a: hunter2!}',
      'stringData: {a: 271828}',
      'data: {a: {b: hunter2}}',
      'stringData: hunter2',
      'type: 271828',
    ];
    const yaml = secrets.map((line, index) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s${index}}\n${line}\n`);
    const broken = [
      'a: "hunter2',
      'a: !hunter2 x',
      'a: *hunter2',
      '%hunter2',
      'a: | hunter2\n',
      'a: "\\hunter2"',
      'a: [b\nhunter2: c',
      'hunter2: 1\nhunter2: 2',
    ];
    const files = Object.fromEntries([...yaml, ...broken].map((text, index) => [`${index}.yaml`, text]));
    const { problems } = await readManifests([await temporaryFolder(files)]);
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(yaml.length + broken.length);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|271828/);
  });
});

/** Eight lists, each nine times as long as the previous one: 43 million items in total. */
const ALIAS_BOMB = ['a: &a [x]', ...['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map(bombLine)].join('\n');

function bombLine(pair: string): string {
  const before = `*${pair.charAt(0)}`;
  return `${pair.charAt(1)}: &${pair.charAt(1)} [${Array.from({ length: 9 }, () => before).join(', ')}]`;
}

describe('text that is not YAML', () => {
  const broken: [name: string, text: string, at: string, message: RegExp][] = [
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', '3:1', /same key/],
    ['an unclosed bracket', 'a: [1, 2\nb: 3\n', '2:1', /^a \[ is not closed: its \] is missing/],
    ['a bracket that is still open at the end of the file', 'a: [b', '2', /^a \[ is not closed: its \] is missing/],
    [
      'a value that ends in a colon',
      "a:\n  '53': shop/dns:53:::\n",
      '2:9',
      /^two keys .* ends in a colon, needs quotes/,
    ],
    ['such a value in braces', 'a: {53: shop/dns:53:}\n', '1:9', /ends in a colon, needs quotes/],
    ['an unclosed brace', 'a: {b: c\nd: e\n', '2:1', /^a \{ is not closed: its \} is missing/],
    ['a tab as indentation', 'a:\n\tb: 1\n', '2:1', /tab/],
    ['an invalid escape sequence', 'a: "\\y"\n', '1:5', /backslash/],
    ['an alias without anchor', 'a: *nobody\n', '1:4', /anchor/],
    ['an alias bomb', ALIAS_BOMB, '1:1', /aliases/],
    ['a tag', 'a: !!binary aGk=\n', '1:4', /tag/],
    ['deep nesting', '['.repeat(20_000), '1', /nested/],
  ];

  it.each(broken)(
    '%s is reported with its position, and the other documents of the file are read',
    async (_name, text, at, message) => {
      const folder = await temporaryFolder({
        'a.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n---\n${text}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: two}\n`,
      });
      const { snapshot, problems } = await readManifests([folder]);
      expect([...snapshot.Namespace.keys()]).toEqual(['one', 'two']);
      const [line, column] = at.split(':').map(Number);
      expect(problems).toMatchObject([
        {
          code: 'unreadable-yaml',
          severity: 'error',
          place: { line: (line ?? 0) + 4, ...(column === undefined ? {} : { column }) },
        },
      ]);
      expect(problems[0]?.message).toMatch(message);
    },
  );
});

describe('an unknown field', () => {
  it.each([
    ['spec.ruls', ingress('ruls: []\ndefaultBackend: {service: {name: w, port: {number: 80}}}\n'), '6:3', 'rules:'],
    [
      'spec.rules[0].http.paths[0].backend.service.Port',
      path('path: /\npathType: Prefix\nbackend:\n  service: {name: w, Port: {}, port: {number: 80}}'),
      '13:30',
      'port:',
    ],
    [
      'metadata.anotations',
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: a, anotations: {}}\n',
      '3:21',
      'annotations:',
    ],
  ])('%s leads to a warning that suggests the right field', async (field, text, at, example) => {
    const { snapshot, problems } = await readManifests([await temporaryFolder({ 'a.yaml': text })]);
    expect(problems).toMatchObject([{ code: 'unknown-field', severity: 'warning', effect: 'ignored-key', example }]);
    expect(formatField(problems[0]?.field ?? [])).toBe(field);
    expect(`${problems[0]?.place?.line}:${problems[0]?.place?.column}`).toBe(at);
    expect(snapshot.Ingress.size + snapshot.Namespace.size).toBe(1);
  });
});
