/**
 * Valid PEM, and well-formed PEM that OpenSSL does not use for servers. It is generated once per process, with openssl.
 */
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from '../../../e2e/certificates.ts';

export interface Sources {
  /** Matching contents of tls.crt and tls.key. */
  readonly pairs: readonly KeyPair[];
  readonly authorities: readonly string[];
  readonly lists: readonly string[];
  readonly parameters: readonly string[];
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  p256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  rsa2048: ['-newkey', 'rsa:2048'],
  ed25519: ['-newkey', 'ed25519'],
  rsa1024: ['-newkey', 'rsa:1024'],
  k256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  explicit: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'],
  ed448: ['-newkey', 'ed448'],
};
const AUTHORITY = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';

export function makeSources(): Sources {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-pem-'));
  const openssl = (...args: readonly string[]): string =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', timeout: 60_000 }).toString();
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  /** Issues a certificate: self-signed, or signed by `signer`, with `digest` for the signature. */
  const issue = (name: string, kind: string, extensions: string, signer?: string, digest = 'sha256'): KeyPair => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl(
      'req',
      '-new',
      ...(KINDS[kind] ?? []),
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-subj',
      `/CN=${name}`,
      '-out',
      `${name}.csr`,
    );
    const by =
      signer === undefined
        ? ['-signkey', `${name}.key`]
        : ['-CA', `${signer}.pem`, '-CAkey', `${signer}.key`, '-CAcreateserial'];
    const hashed = kind.startsWith('ed') && signer === undefined ? [] : [`-${digest}`];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      ...hashed,
      '-days',
      '30',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  try {
    const root = issue('root', 'rsa2048', AUTHORITY);
    const middle = issue('middle', 'p256', AUTHORITY, 'root');
    const weak = issue('weak', 'rsa1024', AUTHORITY, 'root');
    const old = issue('old', 'rsa2048', AUTHORITY, 'root', 'sha1');
    const leaf = 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:a.test\n';
    const below = (name: string, signer: string, ...chain: KeyPair[]): KeyPair => {
      const { cert, key } = issue(name, 'p256', leaf, signer);
      return { cert: [cert, ...chain.map((each) => each.cert)].join(''), key };
    };
    const sha1 = issue('sha1', 'p256', leaf, 'root', 'sha1');
    const md5 = issue('md5', 'p256', leaf, 'root', 'md5');
    const rsa = issue('alone-rsa', 'rsa2048', leaf);
    const ec = issue('alone-ec', 'p256', leaf);
    const pairs = [
      below('under-middle', 'middle', middle, root),
      below('under-weak', 'weak', weak, root),
      below('under-old', 'old', old),
      sha1,
      md5,
      rsa,
      ec,
      ...Object.keys(KINDS).map((kind) => issue(`self-${kind}`, kind, leaf)),
      issue('self-sha1', 'p256', leaf, undefined, 'sha1'),
      { cert: rsa.cert, key: createPrivateKey(rsa.key).export({ type: 'pkcs1', format: 'pem' }).toString() },
      { cert: ec.cert, key: createPrivateKey(ec.key).export({ type: 'sec1', format: 'pem' }).toString() },
      {
        cert: ec.cert,
        key:
          openssl('ecparam', '-name', 'prime256v1') +
          createPrivateKey(ec.key).export({ type: 'sec1', format: 'pem' }).toString(),
      },
      { cert: ec.cert, key: openssl('ec', '-in', 'alone-ec.key', '-aes128', '-passout', 'pass:x') },
      { cert: ec.cert + ec.key, key: ec.key + ec.cert },
      { cert: openssl('x509', '-in', 'alone-ec.pem', '-trustout', '-addtrust', 'serverAuth'), key: ec.key },
      { cert: openssl('x509', '-in', 'alone-ec.pem', '-text'), key: ec.key },
    ];
    writeFileSync(join(folder, 'index'), '');
    writeFileSync(
      join(folder, 'ca.conf'),
      '[ca]\ndefault_ca=c\n[c]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=30\n',
    );
    const list = (name: string): string =>
      openssl('ca', '-config', 'ca.conf', '-gencrl', '-cert', `${name}.pem`, '-keyfile', `${name}.key`);
    return {
      pairs,
      authorities: [root.cert, middle.cert, weak.cert, old.cert, root.cert + middle.cert, sha1.cert, ec.cert + ec.key],
      lists: [list('root'), list('middle'), list('root') + list('middle')],
      parameters: [
        openssl('genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048'),
        openssl('ecparam', '-name', 'prime256v1'),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
