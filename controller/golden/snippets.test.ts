/** A snippet changes nothing outside its locations or its host, whichever of its directives are accepted. */
import type { V1Ingress } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_PREFIX } from '../model/features/annotations.ts';
import { compileSnippet } from '../model/values/snippets/compile.ts';
import { NATIVE_NAMES } from '../model/values/snippets/directives.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { type ConfNode, parseConf } from '../types/tokenizer.ts';
import { buildFixed } from './build-fixed.ts';

const RUNS = Number(process.env['INJECTION_RUNS'] ?? 150);

const written = [
  'a',
  '"b c"',
  "'d;}'",
  '"x\\"; return 418; #"',
  '$host',
  '${http_x}',
  '$tidegate_route',
  '$1',
  '$own',
  '"$own;{}"',
  '~',
  '=',
  '/x',
  '^/(.*)$',
  '403',
  '200',
  '301',
  'https://$host/$1',
  'on',
  'off',
  '1m',
  '10s',
  'always',
  '{',
  '}',
  ';',
  '#',
  '\\',
  '"',
  '\n',
  'X-A: b',
  '"X-A: $uri"',
  'permanent',
  'break',
  '10.0.0.0/8',
  'all',
  '($own)',
  '($host',
  'a)',
];
const names = [
  'set',
  'set $own',
  'if',
  'return',
  'rewrite',
  'break',
  'add_header X-A',
  'more_set_headers',
  'more_clear_headers',
  'proxy_set_header X-A',
  'more_set_input_headers',
  'auth_request_set $own $upstream_http_a',
  'location',
  'deny',
  'allow',
  'sub_filter',
  'expires',
  'gzip_types',
  'client_max_body_size',
  'proxy_read_timeout',
  'proxy_buffering',
  'proxy_pass',
  'alias /etc/',
  'content_by_lua_block',
  'load_module',
  'include',
  'error_page',
  'internal',
];

const line = fc
  .tuple(
    fc.constantFrom(...names),
    fc.array(fc.constantFrom(...written), { maxLength: 4 }),
    fc.constantFrom(';', ';', ';', '', ' { return 403; }', '{'),
  )
  .map(([name, args, end]) => [name, ...args].join(' ') + end);
/** Valid directives, so that enough strings are accepted. */
const good = fc.constantFrom(
  'set $own "a;b}{$host";',
  'if ($own) { add_header X-C "c; }"; return 403 "x\\"y"; }',
  'rewrite ^/x/(.*)$ /y/$1?z break;',
  'proxy_set_header X-D "d;$own}$uri";',
  'more_set_headers "X-E: {$1";',
  'sub_filter "; } server {" "\\" }";',
  'expires 1h;',
  'client_max_body_size 1m;',
  'deny 10.0.0.0/8;',
  'gzip_types text/plain;',
  'auth_request_set $user $upstream_http_user;',
  'proxy_set_header X-U $user;',
);
const snippet = fc
  .array(fc.oneof({ weight: 3, arbitrary: good }, line), { maxLength: 6 })
  .map((lines) => lines.join('\n'));

function ingress(name: string, host: string, path: string, annotations: Record<string, string>): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    metadata: {
      name,
      namespace: 'shop',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value]),
      ),
    },
    spec: { rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }] },
  };
}

function confOf(annotations: Record<string, string>): readonly ConfNode[] {
  const ingresses = [
    ingress('neighbour', 'a.test', '/n', {}),
    ingress('own', 'a.test', '/own', annotations),
    ingress('other', 'b.test', '/', {}),
  ];
  const settings = { 'allow-snippet-annotations': 'true', 'annotations-risk-level': 'Critical' };
  const snapshot: Snapshot = {
    ...emptySnapshot(),
    Ingress: new Map(ingresses.map((each) => [`shop/${each.metadata?.name ?? ''}`, each])),
    ConfigMap: new Map([
      [
        'ingress-nginx/ingress-nginx-controller',
        { metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }, data: settings },
      ],
    ]),
  };
  return parseConf(buildFixed(snapshot).artifact.conf);
}

const isOwn = ({ words: [name, ...match] }: ConfNode) => name === 'location' && match.join(' ').includes('/own');
const isHost = (node: ConfNode) =>
  node.words[0] === 'server' &&
  (node.children ?? []).some(({ words: [name, host] }) => name === 'server_name' && host === 'a.test');

/**
 * The conf without the names of routes and upstreams, which are hashes; blocks for which `left` returns true are
 * skipped.
 */
function outline(nodes: readonly ConfNode[], left: (node: ConfNode) => boolean): unknown[] {
  return nodes
    .filter((node) => !left(node))
    .map(({ words: [name, ...args], children, lua }) => [
      name === 'upstream' || name === 'init_by_lua_block'
        ? [name]
        : name === 'set' || name === 'proxy_pass'
          ? [name, args.length]
          : [name, ...args],
      lua === undefined || name === 'init_by_lua_block' ? '' : lua,
      children === undefined ? '' : outline(children, left),
    ])
    .filter(([words]) => (words as string[])[0] !== 'upstream');
}

function ownDirectives(conf: readonly ConfNode[]): string[] {
  const host = conf.flatMap((node) => node.children ?? []).find(isHost);
  return (host?.children ?? [])
    .filter(isOwn)
    .flatMap(({ children }) =>
      (children ?? []).map((node) => (expect(node.children).toBe(undefined), node.words[0] ?? '')),
    );
}

const plain = confOf({});
/**
 * Directives that a location may contain: those of snippets that nginx itself executes, and those that every location
 * has.
 */
const inLocation = new Set([
  ...NATIVE_NAMES,
  'root',
  'set',
  'auth_request_set',
  'proxy_set_header',
  'header_filter_by_lua_block',
  'proxy_pass',
]);

test('a configuration-snippet affects only the locations of its Ingress', () => {
  fc.assert(
    fc.property(snippet, (text) => {
      const conf = confOf({ 'configuration-snippet': text });
      expect(outline(conf, isOwn)).toEqual(outline(plain, isOwn));
      for (const name of ownDirectives(conf)) expect(inLocation).toContain(name);
    }),
    { numRuns: RUNS },
  );
});

test('a server-snippet affects only the host of its Ingress', () => {
  fc.assert(
    fc.property(snippet, (text) => {
      const conf = confOf({ 'server-snippet': text });
      expect(outline(conf, isHost)).toEqual(outline(plain, isHost));
      const host = conf.flatMap((node) => node.children ?? []).find(isHost);
      const added = (host?.children ?? [])
        .map(({ words: [name = ''] }) => name)
        .filter((name) => !['listen', 'server_name', 'location'].includes(name));
      for (const name of added) expect(NATIVE_NAMES).toContain(name);
    }),
    { numRuns: RUNS },
  );
});

test('enough of the random snippets are accepted to make the other tests of this file meaningful', () => {
  const texts = fc.sample(snippet, { numRuns: 400, seed: 7 });
  const accepted = texts.filter((text) => text !== '' && compileSnippet(text, 'location').ok);
  expect(accepted.length).toBeGreaterThan(40);
});
