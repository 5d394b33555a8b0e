/** Builds with random PEM in Secrets: no build throws, and OpenSSL accepts what the model accepts. */
import type { V1Secret } from '@kubernetes/client-node';
import { backendCredentials } from '../../model/features/backend-credentials.ts';
import { DEFAULT_BOUNDS } from '../../model/contract/bounds.ts';
import { build } from '../../model/build.ts';
import { pairOf } from '../../model/values/pem/certificate-pair.ts';
import { clientAuthorities } from '../../model/features/client-authorities.ts';
import type { LiveCertificate } from '../../types/live.ts';
import type { BuildResult } from '../../types/plan.ts';
import { MODEL_OPTIONS } from '../build-fixed.ts';
import { emptyWorld, put } from '../incremental/world.ts';
import { type Random, randomOf } from '../values/random.ts';
import { refusals } from '../values/refusals.ts';
import type { PemJudge, TlsFiles } from './judges.ts';
import { mutated } from './mutations.ts';
import type { Sources } from './sources.ts';

export interface Tally {
  secrets: number;
  readonly accepted: Record<'certificates' | 'authorities' | 'backends' | 'parameters', number>;
  /** OpenSSL's messages about PEM that the model accepted, each with the Secret. */
  readonly refused: string[];
  /** Contents that are neither in force nor reported, each with the Secret. */
  readonly silent: string[];
}

export function newTally(): Tally {
  const accepted = { certificates: 0, authorities: 0, backends: 0, parameters: 0 };
  return { secrets: 0, accepted, refused: [], silent: [] };
}

/** PEM of a Secret that the model accepts, as files that nginx loads. */
interface Accepted {
  readonly what: keyof Tally['accepted'];
  readonly secret: V1Secret;
  readonly files: TlsFiles;
  readonly certificate?: LiveCertificate;
}

function secretOf({ pairs, authorities, lists, parameters }: Sources, random: Random): V1Secret {
  const pair = random.pick(pairs);
  const other = random.chance(0.1) ? random.pick(pairs) : pair;
  const data: Record<string, string> = {
    'tls.crt': random.chance(0.6) ? mutated([pair.cert], random) : pair.cert,
    'tls.key': random.chance(0.4) ? mutated([other.key], random) : other.key,
    'ca.crt': mutated(authorities, random),
    'dhparam.pem': mutated(parameters, random),
    ...(random.chance(0.7) && { 'ca.crl': mutated(lists, random) }),
  };
  const encoded = Object.entries(data).map(([key, text]): [string, string] => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return { metadata: { namespace: 'shop', name: 'x' }, data: Object.fromEntries(encoded) };
}

const PREFIX = 'nginx.ingress.kubernetes.io';

/** A build with an Ingress for each use of the Secret. */
function built(secret: V1Secret): BuildResult {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  let world = put(emptyWorld(), 'Secret', 'shop/x', secret);
  const uses = { a: {}, c: { 'auth-tls-secret': 'shop/x' }, b: { 'proxy-ssl-secret': 'shop/x' } };
  for (const [name, given] of Object.entries(uses)) {
    const annotations = Object.fromEntries(Object.entries(given).map(([key, value]) => [`${PREFIX}/${key}`, value]));
    const rules = [{ host: `${name}.test`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
    const tls = name === 'a' ? [{ hosts: ['a.test'], secretName: 'x' }] : [];
    world = put(world, 'Ingress', `shop/${name}`, {
      metadata: { namespace: 'shop', name, annotations },
      spec: { rules, tls },
    });
  }
  const settings = { metadata: { namespace: 'ingress-nginx', name: 'c' }, data: { 'ssl-dh-param': 'shop/x' } };
  world = put(world, 'ConfigMap', MODEL_OPTIONS.configMap, settings);
  return build(world.snapshot, { ...MODEL_OPTIONS, quarantine: new Map(), resolvedNames: new Map() });
}

function acceptedOf(secret: V1Secret, { plan, problems }: BuildResult, silent: string[]): Accepted[] {
  const found: Accepted[] = [];
  const add = (what: Accepted['what'], code: string, files: TlsFiles | undefined, certificate?: LiveCertificate) => {
    if (files !== undefined) found.push({ what, secret, files, ...(certificate && { certificate }) });
    else if (!problems.some((problem) => problem.code === code)) silent.push(`${what}: ${JSON.stringify(secret.data)}`);
  };
  const pair = pairOf(secret, DEFAULT_BOUNDS);
  const live = plan.live.certificates.get('shop/x');
  const served = live && { ssl_certificate: live.chain, ssl_certificate_key: live.key };
  // A certificate for other names is not served, but reported.
  add('certificates', pair.ok ? 'certificate-name-mismatch' : 'unusable-secret', served, live);
  const authorities = clientAuthorities(secret, DEFAULT_BOUNDS);
  const { ca, crl } = authorities.ok ? authorities.value : {};
  const trusted = ca && { ssl_client_certificate: ca.file.content, ...(crl && { ssl_crl: crl.content }) };
  add('authorities', 'auth-tls-secret', trusted);
  const credentials = backendCredentials(secret, false, DEFAULT_BOUNDS);
  const own = credentials.ok ? credentials.value : undefined;
  const presented = own?.certificate && {
    proxy_ssl_certificate: own.certificate.chain.content,
    proxy_ssl_certificate_key: own.certificate.key.content,
  };
  const verified = own?.ca && { proxy_ssl_trusted_certificate: own.ca.file.content };
  add('backends', 'proxy-ssl-secret', own && { ...presented, ...verified });
  const parameters = plan.static.http.find(({ name }) => name === 'ssl_dhparam')?.args[0]?.conf;
  const file = plan.static.files.find(({ name }) => parameters === `files/${name}`);
  add('parameters', 'ssl-dh-param', file && { ssl_dhparam: file.content });
  return found;
}

/** Tries `count` Secrets. */
export async function trySecrets(
  judge: PemJudge,
  sources: Sources,
  { seed, count }: { readonly seed: number; readonly count: number },
  tally: Tally,
): Promise<void> {
  const random = randomOf(seed);
  const all: Accepted[] = [];
  for (let left = count; left > 0; left -= 1) {
    const secret = secretOf(sources, random);
    all.push(...acceptedOf(secret, built(secret), tally.silent));
  }
  tally.secrets += count;
  for (const { what } of all) tally.accepted[what] += 1;
  const found = await refusals(all, async (part) => {
    const message = await judge.nginx(part.map(({ files }) => files));
    return message === undefined ? { ok: true, ms: 0 } : { ok: false, message, ms: 0, line: undefined };
  });
  for (const { items, message } of found)
    tally.refused.push(`nginx: ${message.trim()} ${items.map(({ secret }) => JSON.stringify(secret.data)).join(' ')}`);
  const live = all.flatMap(({ certificate, secret }) => (certificate === undefined ? [] : [{ certificate, secret }]));
  const verdicts = await judge.lua(live.map(({ certificate }) => certificate));
  for (const [index, { secret }] of live.entries()) {
    const reason = verdicts[index];
    if (reason !== undefined) tally.refused.push(`Lua: ${reason} ${JSON.stringify(secret.data)}`);
  }
  if (verdicts.length !== live.length)
    tally.refused.push(`Lua: no verdict for ${live.length - verdicts.length} certificates`);
}
