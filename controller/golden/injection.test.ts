/** No string of a tenant changes the structure of nginx.conf, whichever field contains it. */
import type { V1Ingress } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANNOTATION_KEYS, DEFAULT_PREFIX } from '../model/features/annotations.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { parseConf } from '../types/tokenizer.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { buildFixed } from './build-fixed.ts';
import { directiveNames as names } from './directive-names.ts';

const RUNS = Number(process.env['INJECTION_RUNS'] ?? 100);

const pieces = [
  '"',
  "'",
  '\\',
  '$',
  '${',
  '{',
  '}',
  ';',
  '#',
  '\n',
  '\r',
  '\0',
  ' ',
  '(',
  ')',
  '|',
  '*',
  '?',
  '[',
  ']',
  '^',
  '~',
  '/',
  '..',
  '%0a',
];
const words = [
  'return 200 x',
  'alias /etc/',
  'load_module',
  'content_by_lua_block',
  'proxy_pass http://unix:/run',
  'ssl_engine',
  'include',
  'a',
  '1',
  'on',
  'true',
  '10.0.0.0/8',
  'example.com',
  '$1',
  '$host',
];
const hostile = fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 12 }).map((parts) => parts.join(''));
/** Hostile text, alone or after a string that a parser accepts. */
const text = fc
  .tuple(
    fc.constantFrom('', '/', '/x', 'on', '8m', '60', 'http://a', 'www.example.com,', '10.0.0.0/8,', '~^', '*.'),
    hostile,
  )
  .map((both) => both.join(''));

function neighbour(): V1Ingress {
  return ingress('neighbour', 'neighbour.example.com', '/api', {});
}

function ingress(name: string, host: string, path: string, annotations: Record<string, string>): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    metadata: { name, namespace: 'shop', annotations },
    spec: {
      rules: [{ host, http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }],
      tls: [{ hosts: [host] }],
    },
  };
}

function snapshotOf(ingresses: readonly V1Ingress[], settings: Record<string, string>): Snapshot {
  const configMap = { metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }, data: settings };
  return {
    ...emptySnapshot(),
    Ingress: new Map(ingresses.map((each) => [`shop/${each.metadata?.name ?? ''}`, each])),
    ConfigMap: new Map([['ingress-nginx/ingress-nginx-controller', configMap]]),
  };
}

function serverOf(conf: string, name: string): string {
  const at = conf.indexOf(`server_name "${name}"`);
  return conf.slice(conf.lastIndexOf('    server {', at), conf.indexOf('\n    }\n', at));
}

/** Names of all directives in the results of valid values; no others may occur. */
const allowed = (() => {
  const found = new Set<string>();
  for (const [name, key] of ANNOTATION_KEYS) {
    for (const good of key.good) {
      const made = ingress('good', 'good.example.com', '/a', { [`${DEFAULT_PREFIX}/${name}`]: good });
      for (const each of names(parseConf(buildFixed(snapshotOf([made], {})).artifact.conf))) found.add(each);
    }
  }
  for (const [name, key] of SETTING_KEYS) {
    for (const good of key.good) {
      for (const settings of [{ [name]: good }, { [name]: good, 'use-forwarded-headers': 'true' }]) {
        for (const each of names(parseConf(buildFixed(snapshotOf([neighbour()], settings)).artifact.conf)))
          found.add(each);
      }
    }
  }
  return found;
})();

const untouched = serverOf(buildFixed(snapshotOf([neighbour()], {})).artifact.conf, 'neighbour.example.com');

function expectHarmless(bad: V1Ingress): void {
  const { artifact } = buildFixed(snapshotOf([neighbour(), bad], {}));
  for (const name of names(parseConf(artifact.conf))) expect(allowed.has(name), name).toBe(true);
  expect(serverOf(artifact.conf, 'neighbour.example.com')).toBe(untouched);
  for (const value of artifact.live.values()) expect(value).not.toMatch(/[\n\r\0]/);
}

test('a hostile value of an annotation does not change the structure of nginx.conf', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ANNOTATION_KEYS.keys()), text, (name, value) => {
      expectHarmless(ingress('bad', 'bad.example.com', '/x', { [`${DEFAULT_PREFIX}/${name}`]: value }));
    }),
    { numRuns: RUNS * 3 },
  );
});

test('a hostile path, with or without regular expressions, does not change the structure of nginx.conf', () => {
  fc.assert(
    fc.property(text, fc.boolean(), (value, regex) => {
      const annotations: Record<string, string> = regex ? { [`${DEFAULT_PREFIX}/use-regex`]: 'true' } : {};
      expectHarmless(ingress('bad', 'bad.example.com', `/${value}`, annotations));
    }),
    { numRuns: RUNS },
  );
});

test('hostile names of hosts, Ingresses and Services do not change the structure of nginx.conf', () => {
  fc.assert(
    fc.property(text, text, text, (host, name, service) => {
      const bad = ingress(name, host, '/x', {});
      const backend = { service: { name: service, port: { name: service } } };
      if (bad.spec !== undefined) bad.spec.defaultBackend = backend;
      expectHarmless(bad);
    }),
    { numRuns: RUNS },
  );
});

/** The blocks in which nginx.conf contains the administrator's snippets. nginx checks the content of these snippets. */
const SNIPPETS: Readonly<Record<string, string>> = {
  'main-snippet': '/',
  'http-snippet': '/http/',
  'server-snippet': '/http/server/',
  'location-snippet': '/http/server/location/',
};

function blocks(conf: string): number {
  const http = parseConf(conf).filter(({ words: [name] }) => name === 'http');
  return http.flatMap(({ children }) => children ?? []).filter(({ words: [name] }) => name === 'server').length;
}

function expectWithin(place: string, conf: string): void {
  for (const name of names(parseConf(conf))) expect(allowed.has(name) || name.startsWith(place), name).toBe(true);
  // A snippet does not end its block, and does not begin another one.
  if (place !== '/http/') expect(blocks(conf)).toBe(plainBlocks);
}

const plainBlocks = blocks(buildFixed(snapshotOf([neighbour()], {})).artifact.conf);

test('a snippet of the administrator does not end the block that contains it', () => {
  const places = fc.constantFrom(...Object.entries(SNIPPETS));
  fc.assert(
    fc.property(places, text, ([name, place], value) => {
      expectWithin(place, buildFixed(snapshotOf([neighbour()], { [name]: value })).artifact.conf);
    }),
    {
      numRuns: RUNS,
      examples: ['proxy_pass http://unix:/run;', '} server { return 200 x;', '\0;'].map((value) => [
        ['server-snippet', '/http/server/'],
        value,
      ]),
    },
  );
});

test('settings of the administrator other than snippets add no directives that valid values do not add', () => {
  const keys = [...SETTING_KEYS.keys()].filter((name) => SNIPPETS[name] === undefined);
  fc.assert(
    fc.property(fc.constantFrom(...keys), text, (name, value) => {
      const { artifact } = buildFixed(snapshotOf([neighbour()], { [name]: value }));
      for (const each of names(parseConf(artifact.conf))) expect(allowed.has(each), each).toBe(true);
    }),
    { numRuns: RUNS },
  );
});
