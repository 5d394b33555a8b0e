/** Flags of the admission webhook, and what follows from their values. */
import { isPort } from '../types/ports.ts';
import { flag } from '../types/flag.ts';

export const WEBHOOK_FLAGS = [
  flag(
    'validating-webhook',
    'text',
    '',
    'address and port of the admission webhook, for example :8444; if empty, there is no webhook (docs/admission.md)',
  ),
  flag('validating-webhook-certificate', 'text', '', 'PEM file with the certificate of the webhook, and its chain'),
  flag('validating-webhook-key', 'text', '', 'PEM file with the private key of --validating-webhook-certificate'),
  flag(
    'validating-webhook-client-ca',
    'text',
    '',
    'PEM file with the authorities that may issue the certificates of clients of the webhook. If empty, clients need no certificate',
  ),
  flag(
    'validating-webhook-client-name',
    'text',
    '',
    'common name or DNS name that the certificate of a client of the webhook must have; needs --validating-webhook-client-ca',
  ),
  flag(
    'admission-allow-duplicate-paths',
    'bool',
    'false',
    'the webhook only warns if an Ingress has a path that another Ingress of the host already has; only the path of the older Ingress is served',
  ),
] as const;

/**
 * The host (empty: all addresses) and the port in an address such as `:8444` or `[::1]:8444`; undefined if it is
 * invalid.
 */
export function listenAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain = '', digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return isPort(port) ? { host: bracketed ?? plain, port } : undefined;
}
