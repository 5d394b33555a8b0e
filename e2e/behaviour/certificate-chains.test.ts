/** The order in which NGINX sends the certificate chain of a Secret. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue, type KeyPair } from '../certificates.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { secretOf } from '../runner/secrets.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const run = promisify(execFile);
const hosts = { ordered: hostOf('ordered'), shuffled: hostOf('shuffled') };
let backends: Backends;
let instance: Instance;
let chain: readonly KeyPair[];

beforeAll(async () => {
  backends = await startBackends();
  const root = await issue(['Root'], undefined, true);
  const upper = await issue(['Upper'], root, true);
  const middle = await issue(['Middle'], upper, true);
  const lower = await issue(['Lower'], middle, true);
  const leaf = await issue(Object.values(hosts), lower);
  chain = [leaf, lower, middle, upper];
  const [a, b, c, d] = chain.map(({ cert }) => `${cert.trim()}\n`);
  const secret = (name: string, ...parts: (string | undefined)[]) => {
    const { metadata, ...rest } = secretOf(name, { cert: parts.join(''), key: leaf.key });
    return { ...rest, metadata: { ...metadata, namespace: NAMESPACE } };
  };
  instance = await startInstance({
    'pods.yaml': podsOf('app', takeAddresses(1), backends.ports.http),
    'sites.yaml': [
      ...Object.keys(hosts).map((name) => ingressOf(name, 'app', { tls: name })),
      secret('ordered', a, b, c, d),
      secret('shuffled', a, d, b, c),
    ],
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** The subjects of the certificates that the server sends in a handshake. */
async function sent(host: string): Promise<string[]> {
  const child = run('openssl', [
    's_client',
    '-showcerts',
    '-servername',
    host,
    '-connect',
    `127.0.0.1:${instance.httpsPort}`,
  ]);
  child.child.stdin?.end();
  const { stdout } = await child;
  const blocks = stdout.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).subject);
}

it('NGINX sends each certificate of a chain before its issuer, whatever the order in the Secret', async () => {
  const expected = chain.map(({ cert }) => new X509Certificate(cert).subject);
  for (const host of Object.values(hosts)) expect(await sent(host)).toEqual(expected);
});

it('a log line reports certificates of a Secret that are in the wrong order, and none that are in the right order', async () => {
  await instance.line(
    /Ingress sites\/shuffled: .*Secret sites\/shuffled holds the certificates of tls.crt in the wrong order; they are sent in the right order, each before its issuer/,
  );
  expect(instance.lines.filter((line) => /(Ingress|Secret) sites\/ordered/.test(line))).toEqual([]);
});
