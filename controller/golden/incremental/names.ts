/** Names and objects for edits. There are only a few, so that edits often affect the same objects. */
import fc from 'fast-check';
import { issue } from '../../../e2e/certificates.ts';
import type { World } from './world.ts';

/** An edit to the world. */
export interface Edit {
  readonly apply: (world: World) => World;
  /** Describes the edit when a test fails. */
  readonly toString: () => string;
}

export const NAMESPACES = ['a', 'b'];
export const INGRESSES = ['i1', 'i2', 'i3', 'i4'];
export const SERVICES = ['s1', 's2', 's3'];
export const SECRETS = ['t1', 't2', 'ca'];
export const CONFIG_MAPS = ['h1', 'h2'];
export const HOSTS = ['a.test', 'b.test', 'x.a.test', 'www.a.test', 'www.test', '*.a.test', '*.test', '', 'not a host'];
export const ALIASES = [
  'www.test',
  'www.b.test',
  'b.test',
  'y.a.test',
  '*.b.test',
  '~^c[0-9]+\\.test$',
  'c.test,d.test',
];
/** The ConfigMaps of TCP and UDP services. */
export const TCP_SERVICES = 'ingress-nginx/tcp';
export const UDP_SERVICES = 'ingress-nginx/udp';
/** The ConfigMap with the owners of hosts. */
export const HOST_POLICY = 'ingress-nginx/hosts';
/** Hosts of a namespace, valid and invalid. */
export const CLAIMS = [
  'a.test',
  'x.a.test, *.a.test',
  '**.test',
  '**',
  '**, _',
  '_',
  'b.test, www.b.test, www.test',
  'y.a.test, Not/a/host',
  'not/a/host',
  '',
];
export const PATHS = ['/', '/p', '/p/', '/q/(.*)', '/(a+)+$', ''];
export const EXTERNAL_NAMES = new Map([
  ['external', 'other.test'],
  ['address', '192.0.2.7'],
  ['loopback', 'localhost'],
]);
export const DAYS = [undefined, '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'];

export const certificates = await Promise.all([issue(['a.test', '*.a.test']), issue(['b.test', 'www.test', 'c.test'])]);

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const [first, second] = certificates.map(({ cert, key }) => ({
  'tls.crt': base64(cert),
  'tls.key': base64(key),
}));
export const SECRET_DATA = [
  first,
  second,
  { 'ca.crt': first?.['tls.crt'] ?? '' },
  { 'tls.crt': base64('nonsense') },
  { auth: base64('alice:{PLAIN}one\n') },
  { auth: base64('alice:{PLAIN}two\nbob:hunter2\n') },
  {},
];

export function edit(name: string, given: unknown, apply: (world: World) => World): Edit {
  return { apply, toString: () => `${name} ${JSON.stringify(given)}` };
}

/** Usually `a`, which contains the objects of the first world. */
export const namespace = fc.constantFrom('a', 'a', ...NAMESPACES);
export const service = fc.constantFrom('s1', 's1', ...SERVICES);
export const port = fc.constantFrom<number | string>(80, 81, 'http', '80');
export function backendOf(name: string, number: number | string) {
  return { service: { name, port: typeof number === 'number' ? { number } : { name: number } } };
}
