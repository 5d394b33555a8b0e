/**
 * Fetches an issuer's certificate with one GET request ("CA Issuers", RFC 5280, 4.2.2.1). Size, time and destination
 * are limited.
 */
import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { withoutBrackets } from '../../types/addresses.ts';
import { shorten } from '../../types/problem.ts';
import { mayBeAsked } from './address.ts';

/** The certificates in a response, or the reason why there are none, as a sentence without a full stop. */
export type Fetched =
  | { readonly ok: true; readonly certificates: readonly X509Certificate[] }
  | { readonly ok: false; readonly reason: string };

export type FetchIssuer = (url: string) => Promise<Fetched>;

const TIMEOUT_MS = 5000;
const MOST_BYTES = 64 * 1024;
/** Limited because each certificate is compared with the certificate that it should have signed. */
const MOST_CERTIFICATES = 10;
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
/** The object identifier 1.2.840.113549.1.7.2, signedData, as DER. */
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');

/**
 * The usual DNS lookup, without addresses that may not be contacted. It is used for each connection, so that a DNS name
 * whose address changes after the check cannot circumvent the check.
 */
function guardedLookup(may: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => may(address)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, '', 0);
      else if (first === undefined) callback(new Error(refusal(found.map(({ address }) => address))), '', 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(addresses: readonly string[]): string {
  return `${addresses.join(', ')} is not contacted: it is a loopback, link-local, cloud-internal or special-use address`;
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the response is longer than ${MOST_BYTES / 1024} KiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Parses DER, or PEM with up to ten certificates. For any other body, throws an error that describes it. */
function parse(body: Buffer): X509Certificate[] {
  const blocks = body.toString('latin1').match(PEM) ?? [body];
  try {
    return blocks.slice(0, MOST_CERTIFICATES).map((block) => new X509Certificate(block));
  } catch {
    const bundle = body.subarray(0, 32).includes(SIGNED_DATA) || body.includes('-----BEGIN PKCS7-----');
    throw new Error(
      bundle
        ? 'the response is a PKCS#7 bundle, which is not supported'
        : 'the response is not a certificate in DER or PEM',
    );
  }
}

async function get(url: URL, may: (address: string) => boolean, signal: AbortSignal): Promise<Buffer> {
  const host = withoutBrackets(url.hostname);
  if (isIP(host) !== 0 && !may(host)) throw new Error(refusal([host]));
  const options: RequestOptions = { signal, agent: false, lookup: guardedLookup(may), headers: { accept: '*/*' } };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const sent = send(url, options, resolve).on('error', reject).end();
  try {
    const response = await promise;
    if (response.statusCode !== 200)
      throw new Error(`the status of the response is ${response.statusCode ?? 0}, not 200`);
    return await readBody(response);
  } finally {
    sent.destroy();
  }
}

/** The message of an error. Node's own message is empty if several addresses failed. */
function textOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join(', ') : error.message;
}

/**
 * Fetches the certificates at an http or https URL; never rejects. Redirects are not followed. `may` decides which
 * addresses may be contacted.
 */
export async function fetchIssuer(text: string, may: (address: string) => boolean = mayBeAsked): Promise<Fetched> {
  const fail = (reason: string): Fetched => ({ ok: false, reason: `${shorten(text)}: ${reason}` });
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return fail('only http and https URLs are fetched');
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return { ok: true, certificates: parse(await get(url, may, signal)) };
  } catch (error) {
    if (signal.aborted) return fail(`no answer within ${TIMEOUT_MS / 1000} s`);
    return fail(error instanceof Error ? textOf(error) : String(error));
  }
}
