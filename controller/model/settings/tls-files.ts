/** Files that the TLS settings for clients need: DHE parameters from a Secret, and the key for session tickets. */
import { hash } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { filePath } from '../../types/conf-value.ts';
import { directive, type Directive } from '../../types/directive.ts';
import type { FilePlan } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { BuildOptions } from '../contract/options.ts';
import { type Judged, keptProblem, lastGood, type NamedObjects } from '../contract/last-good.ts';
import type { Settings } from './settings.ts';
import { elementsOf, isInteger, elementsWithin } from '../values/pem/der.ts';

export interface TlsFiles {
  readonly http: readonly Directive[];
  readonly files: readonly FilePlan[];
  readonly problems: readonly Problem[];
}

/** `namespace/name` of the Secrets to which the settings refer, whether or not they exist. */
export function settingSecretKeys(settings: Settings): readonly ObjectKey[] {
  const reference = settings['ssl-dh-param'];
  return reference === undefined ? [] : [reference];
}

const PARAMETERS = /-----BEGIN DH PARAMETERS-----([\sA-Za-z0-9+/=]+)-----END DH PARAMETERS-----/;
/** Minimum length of the prime: Debian's OpenSSL refuses shorter ones. */
const LEAST_BITS = 2048;

function bitsOf(number: Buffer): number {
  const digits = number.toString('hex').replace(/^0+/, '');
  return digits === '' ? 0 : BigInt(`0x${digits}`).toString(2).length;
}

/** The DH parameters in a Secret, as PEM without any other text. */
function parametersOf(secret: V1Secret): Judged<string> {
  const encoded = secret.data?.['dhparam.pem'];
  if (encoded === undefined) return { ok: false, reason: 'has no dhparam.pem', gone: true };
  const [pem, body = ''] = PARAMETERS.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (pem === undefined) return { ok: false, reason: 'has no PEM of DH parameters in dhparam.pem' };
  const der = Buffer.from(body, 'base64');
  const [sequence, ...behind] = elementsOf(der) ?? [];
  const [prime, generator, length, ...more] = elementsWithin(sequence) ?? [];
  const whole = [prime, generator, length].every((each) => each === undefined || isInteger(each));
  if (prime === undefined || generator === undefined || !whole || behind.length + more.length > 0)
    return { ok: false, reason: 'holds an unreadable dhparam.pem' };
  return bitsOf(prime.content) < LEAST_BITS || (prime.content.at(-1) ?? 0) % 2 === 0
    ? { ok: false, reason: `holds a dhparam.pem whose prime has fewer than ${LEAST_BITS} bits` }
    : { ok: true, value: pemOf(der) };
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN DH PARAMETERS-----\n${lines}\n-----END DH PARAMETERS-----\n`;
}

function nameOf(content: string, ending: string): string {
  return `${hash('sha256', content, 'hex').slice(0, 32)}.${ending}`;
}

export function tlsFiles(
  settings: Settings,
  snapshot: Snapshot,
  options: Pick<BuildOptions, 'configMap'>,
  objects: NamedObjects,
): TlsFiles {
  const [http, files, problems]: [Directive[], FilePlan[], Problem[]] = [[], [], []];
  const key = settings['ssl-session-ticket-key'];
  if (key !== undefined) {
    const file = { name: nameOf(key, 'base64'), content: key };
    http.push(directive('ssl_session_ticket_key', filePath(`files/${file.name}`)));
    files.push(file);
  }
  const reference = settings['ssl-dh-param'];
  if (reference === undefined) return { http, files, problems };
  const secret = snapshot.Secret.get(reference);
  const found =
    secret === undefined
      ? { refusal: `Secret ${reference} does not exist` }
      : lastGood({ use: 'dh-parameters', key: reference, object: secret, read: parametersOf, tell }, objects);
  if (found.refusal === undefined) {
    const file = { name: nameOf(found.value, 'pem'), content: found.value };
    http.push(directive('ssl_dhparam', filePath(`files/${file.name}`)));
    files.push(file);
  }
  const [namespace = '', name = ''] = options.configMap.split('/');
  const object = { kind: 'ConfigMap', namespace, name };
  const field = ['data', 'ssl-dh-param'];
  if (found.refusal !== undefined)
    problems.push({
      code: 'ssl-dh-param',
      severity: 'warning',
      effect: 'ignored-key',
      object,
      field,
      value: reference,
      message: `${found.refusal}; clients cannot use DHE ciphers`,
      example: 'kubectl create secret generic dh-parameters --from-file dhparam.pem',
    });
  else if (found.kept !== undefined) problems.push({ object, ...keptProblem(field, reference, found.kept) });
  return { http, files, problems };
}

function tell(pem: string): string {
  return `parameters with the SHA-256 ${hash('sha256', pem, 'hex').slice(0, 16)}`;
}
