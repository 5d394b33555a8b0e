/** Client certificates and their CAs, which openssl generates once in each process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names of clients. The certificate of `deep` has two intermediate CAs; that of `stranger` is signed by another CA. */
export const CLIENTS = ['alice', 'bob', 'expired', 'revoked', 'deep', 'stranger'] as const;
type ClientName = (typeof CLIENTS)[number];

export interface Authorities {
  /** PEM of the CA of all clients except `stranger`. */
  readonly trusted: string;
  /** PEM of the CA of the client `stranger`. */
  readonly stranger: string;
  /** PEM of a CRL of the CA `trusted`, which contains the certificate of the client `revoked`. */
  readonly crl: string;
}

type Made = Authorities & { readonly clients: Readonly<Record<ClientName, { cert: string; key: string }>> };

const CONFIGURATION = `[ca]
default_ca = signing
[signing]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
default_crl_days = 30
policy = names
unique_subject = no
[names]
organizationName = optional
commonName = supplied
`;
const AUTHORITY = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
const LEAF = 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n';
const DAY_MS = 86_400_000;

let made: Made | undefined;

/** PEM of each client's certificate with its intermediate certificates, and PEM of its key. */
export function clients(): Made['clients'] {
  return (made ??= make()).clients;
}

export function authorities(): Authorities {
  return (made ??= make());
}

/** The time this many days from now in the format of `openssl ca`: `20260101000000Z`. */
function day(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
}

function make(): Made {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-clients-'));
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', timeout: 20_000 });
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const signed = (name: string, subject: string, signer: string | undefined, days = 30): void => {
    const isLeaf = (CLIENTS as readonly string[]).includes(name);
    writeFileSync(join(folder, 'ext'), isLeaf ? LEAF : AUTHORITY);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    openssl('req', '-new', ...key, '-subj', subject, '-out', `${name}.csr`);
    const by = signer === undefined ? ['-selfsign', '-keyfile', `${name}.key`] : signerFiles(signer);
    const dates = ['-startdate', day(-60), '-enddate', day(days)];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', 'ext'];
    openssl('ca', '-batch', '-notext', '-config', 'ca.conf', ...by, ...files, ...dates);
  };
  const signerFiles = (name: string): string[] => ['-cert', `${name}.pem`, '-keyfile', `${name}.key`];
  try {
    writeFileSync(join(folder, 'index'), '');
    writeFileSync(join(folder, 'ca.conf'), CONFIGURATION);
    signed('trusted', '/CN=Client Authority', undefined);
    signed('other', '/CN=Strange Authority', undefined);
    signed('between', '/CN=Client Intermediate', 'trusted');
    signed('alice', '/O=Example/CN=alice', 'trusted');
    signed('bob', '/O=Example/CN=bob', 'trusted');
    signed('expired', '/CN=expired', 'trusted', -1);
    signed('revoked', '/CN=revoked', 'trusted');
    signed('below', '/CN=Client Intermediate 2', 'between');
    signed('deep', '/CN=deep', 'below');
    signed('stranger', '/O=Example/CN=alice', 'other');
    openssl('ca', '-config', 'ca.conf', ...signerFiles('trusted'), '-revoke', 'revoked.pem');
    openssl('ca', '-config', 'ca.conf', ...signerFiles('trusted'), '-gencrl', '-out', 'crl.pem');
    const pair = (name: ClientName) => {
      const chain = name === 'deep' ? [name, 'below', 'between'] : [name];
      return { cert: chain.map((each) => read(`${each}.pem`)).join(''), key: read(`${name}.key`) };
    };
    return {
      trusted: read('trusted.pem'),
      stranger: read('other.pem'),
      crl: read('crl.pem'),
      clients: {
        alice: pair('alice'),
        bob: pair('bob'),
        expired: pair('expired'),
        revoked: pair('revoked'),
        deep: pair('deep'),
        stranger: pair('stranger'),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
