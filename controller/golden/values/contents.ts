/**
 * Random contents of Secrets and ConfigMaps: valid contents with changes, and other strings that people use by mistake.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Random } from './random.ts';

/** PEM strings, each of which is well-formed. */
export interface Materials {
  /** Certificates and keys, including some that OpenSSL would not use because they are too weak. */
  readonly pairs: readonly { readonly cert: string; readonly key: string }[];
  readonly lists: readonly string[];
  /** PEM blocks of other kinds. */
  readonly others: readonly string[];
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  rsa2048: ['-newkey', 'rsa:2048'],
  rsa1024: ['-newkey', 'rsa:1024'],
  p256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p521: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  k256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  ed25519: ['-newkey', 'ed25519'],
  ed448: ['-newkey', 'ed448'],
  pss: ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
};
const CA = `[ca]\ndefault_ca = a\n[a]\ndatabase = index\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\ndefault_crl_days = 30\n`;

/** Generates the strings with openssl, in a temporary folder. */
export function makeMaterials(): Materials {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-contents-'));
  const openssl = (...given: readonly string[]): string =>
    execFileSync('openssl', given, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  try {
    const make = (name: string, ...more: readonly string[]) => {
      openssl(
        'req',
        '-x509',
        '-nodes',
        '-days',
        '30',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        'key',
        '-out',
        'cert',
        ...more,
      );
      return { cert: read('cert'), key: read('key') };
    };
    const pairs = [
      ...Object.entries(KEYS).map(([name, given]) => make(name, ...given)),
      make('sha1', '-newkey', 'rsa:2048', '-sha1'),
      make('names', '-newkey', 'rsa:2048', '-addext', 'subjectAltName=DNS:*.example.com,IP:192.0.2.1,URI:http://a/'),
      make('oid', '-newkey', 'rsa:2048', '-addext', '1.2.3.4=critical,DER:0102'),
    ];
    writeFileSync(path.join(folder, 'index'), '');
    writeFileSync(path.join(folder, 'ca.conf'), CA);
    const list = (): string => openssl('ca', '-config', 'ca.conf', '-keyfile', 'key', '-cert', 'cert', '-gencrl');
    const encrypted = openssl('rsa', '-aes128', '-passout', 'pass:secret', '-in', 'key');
    const others = [
      encrypted,
      openssl('ecparam', '-name', 'prime256v1'),
      openssl('req', '-new', '-key', 'key', '-subj', '/CN=request'),
      openssl('crl2pkcs7', '-nocrl', '-certfile', 'cert'),
      openssl('pkey', '-in', 'key', '-pubout'),
      openssl('genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048'),
      openssl('genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:modp_1536'),
    ];
    return { pairs, lists: [list(), list()], others };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const BODY = /^[A-Za-z0-9+/=]{20,}$/m;

/** Changes or removes bytes of the DER; the result is valid Base64. */
function bentInside(random: Random, pem: string): string {
  const lines = pem.split('\n');
  const [from, to] = [
    lines.findIndex((line) => BODY.test(line)),
    lines.findLastIndex((line) => line.startsWith('-----END')),
  ];
  if (from < 0 || to < from) return pem;
  let der = Buffer.from(lines.slice(from, to).join(''), 'base64');
  const at = random.below(der.length);
  if (random.chance(0.3)) der = Buffer.concat([der.subarray(0, at), der.subarray(at + 1 + random.below(9))]);
  else der[at] = random.below(256);
  const body = der.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return [...lines.slice(0, from), body, ...lines.slice(to)].join('\n');
}

const WAYS: readonly ((text: string, random: Random) => string)[] = [
  (text) => text,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.trim(),
  (text) => `\ufeff${text}`,
  (text) => `# exported by hand\nBag Attributes\n    friendlyName: a\n${text}`,
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => text.slice(random.below(text.length)),
  (text) =>
    text
      .replace('BEGIN CERTIFICATE', 'BEGIN TRUSTED CERTIFICATE')
      .replace('END CERTIFICATE', 'END TRUSTED CERTIFICATE'),
  (text) => text.replace('CERTIFICATE', 'X509 CERTIFICATE'),
  (text) => text.replaceAll('-----', '----'),
  (text) => text.replaceAll('\n', ' '),
  (text) => text.replaceAll('\n', ''),
  (text) => text.replaceAll(/^(.)/gm, ' $1'),
  (text) => text.replace('\n', '\n\n\n'),
  (text) => text.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n'),
  (text) => `${text}\n-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n`,
  (text) => `${text}-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n`,
  (text) => `${text}${text}`,
  (text) => Buffer.from(text).toString('base64'),
  (text, random) => text.replace(/[A-Za-z0-9+/]{8}/, () => random.pick(['\0\0\0\0', '&&&&', '....', '====', 'é'])),
];

export function randomPem(random: Random, { pairs, lists, others }: Materials): string {
  const { cert, key } = random.pick(pairs);
  const pieces = [
    cert,
    cert,
    key,
    random.pick(lists),
    random.pick(others),
    random.pick(pairs).cert,
    'not PEM at all',
    '',
  ];
  const some = Array.from({ length: random.chance(0.7) ? 1 : 2 + random.below(3) }, () => random.pick(pieces));
  const bent = some.map((each) => (random.chance(0.4) ? bentInside(random, each) : each)).join('');
  return random.chance(0.5) ? bent : random.pick(WAYS)(bent, random);
}

const HASHES = [
  '$apr1$aa$bb',
  '$2y$05$' + 'a'.repeat(53),
  '$6$salt$hash',
  '{SHA}abc=',
  '{PLAIN}x',
  'crypt',
  '',
  ':',
  '\0',
];
const USERS = ['alice', 'a b', '', '#c', 'é', 'a:b', 'x'.repeat(5000), '\u0001'];

export function randomPasswords(random: Random): string {
  const line = (): string => `${random.pick(USERS)}${random.pick([':', ':', ':', '', '::'])}${random.pick(HASHES)}`;
  return Array.from({ length: random.below(5) }, line).join(random.pick(['\n', '\n', '\r\n', '\n\n', ' ']));
}

const HEADER_NAMES = [
  'X-Team',
  'x_team',
  'Host',
  'Content-Length',
  'X Team',
  '',
  'X-Ä',
  'x'.repeat(300),
  'Connection',
  'a;b',
  '$host',
  'Proxy',
];
const HEADER_VALUES = [
  'blue',
  '',
  '$host',
  '${host}',
  '$nothing',
  '"',
  '\\',
  '"; return 200; #',
  'a\nb',
  '\0',
  'é',
  'x'.repeat(5000),
  '$'.repeat(400),
  '"'.repeat(2500),
  '$1',
  '$remote_addr$args',
  '{',
  '}',
  ';',
  "'",
];

export function randomData(random: Random): Record<string, string> {
  const entries = Array.from({ length: random.below(5) }, () => [
    random.pick(HEADER_NAMES),
    random.pick(HEADER_VALUES),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A string in Base64, as the API returns it, or sometimes malformed Base64, which only manifests can contain. */
export function encoded(random: Random, text: string): string {
  const base64 = Buffer.from(text).toString('base64');
  return random.chance(0.95) ? base64 : random.pick([base64.slice(1), `${base64}=`, text, base64.replaceAll('=', '')]);
}
