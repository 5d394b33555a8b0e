/** Reads the certificate chain and private key of a Secret, and checks whether NGINX can use them. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { decodedBytesOf } from '../../../types/left-out.ts';
import type { LiveCertificate } from '../../../types/live.ts';
import { type Bounds, excess } from '../../contract/bounds.ts';
import { inChainOrder } from './chain-order.ts';
import { chainRefusal } from './chain-strength.ts';
import { keyRefusal } from './key-kind.ts';

interface GoodPair {
  readonly ok: true;
  readonly certificate: LiveCertificate;
  readonly leaf: X509Certificate;
  /** When the certificate expires, in milliseconds since 1970. */
  readonly ends: number;
  /** The certificates of the chain were sorted: the Secret contains them in another order. */
  readonly sorted: boolean;
}

type Pair = GoodPair | { readonly ok: false; readonly reason: string };

const pairs = new WeakMap<V1Secret, { readonly bounds: Bounds; readonly pair: Pair }>();
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/;
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The size is checked before parsing, because a Secret may contain 1 MiB of certificates. */
function tooLarge(secret: V1Secret, bounds: Bounds): string | undefined {
  for (const name of ['tls.crt', 'tls.key']) {
    const bytes = decodedBytesOf(secret.data?.[name] ?? '');
    const reason = excess('certificateBytes', bytes, bounds, `has a ${name} of`);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function readPair(secret: V1Secret, bounds: Bounds): Pair {
  const text = (name: string) => Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');
  const large = tooLarge(secret, bounds);
  if (large !== undefined) return { ok: false, reason: large };
  const blocks = text('tls.crt').match(PEM);
  if (blocks === null) return { ok: false, reason: 'has no PEM certificate in tls.crt' };
  const long = excess('chainLength', blocks.length, bounds);
  if (long !== undefined) return { ok: false, reason: long };
  try {
    const [leaf, ...others] = blocks.map((block) => new X509Certificate(block));
    if (ENCRYPTED.test(text('tls.key')))
      return { ok: false, reason: 'holds a tls.key that is encrypted with a passphrase' };
    const key = createPrivateKey(text('tls.key'));
    const refusal = keyRefusal(key, bounds);
    if (refusal !== undefined) return { ok: false, reason: refusal };
    if (leaf?.checkPrivateKey(key) !== true) {
      const place = others.findIndex((each) => each.checkPrivateKey(key)) + 2;
      const reason =
        place < 2
          ? 'holds a tls.key that does not belong to tls.crt'
          : `holds a tls.crt whose certificate for tls.key is number ${place} of ${others.length + 1}; it must be ` +
            'the first';
      return { ok: false, reason };
    }
    const weak = chainRefusal([leaf, ...others]);
    if (weak !== undefined) return { ok: false, reason: weak };
    const ordered = inChainOrder(leaf, others);
    const sorted = others.some((other, index) => other !== ordered[index + 1]);
    const chain = ordered.map((certificate) => certificate.toString().trim()).join('\n');
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { ok: true, certificate: { chain: `${chain}\n`, key: pem }, leaf, ends: Date.parse(leaf.validTo), sorted };
  } catch {
    return { ok: false, reason: 'holds an unreadable tls.crt or tls.key' };
  }
}

/**
 * The certificate and key of a Secret of type kubernetes.io/tls, or why they are unusable. Each Secret is parsed once.
 */
export function pairOf(secret: V1Secret, bounds: Bounds): Pair {
  const known = pairs.get(secret);
  if (known?.bounds === bounds) return known.pair;
  const pair = readPair(secret, bounds);
  pairs.set(secret, { bounds, pair });
  return pair;
}
