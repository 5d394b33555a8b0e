/** Validates names, hosts and ports by the rules of Kubernetes' API validation. */
import { isIP } from 'node:net';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Whether a string is an RFC 1123 label of at most 63 characters. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** Whether a string is an RFC 1035 label, as a Service's name must be. It starts with a letter. */
export function isServiceName(text: string): boolean {
  return text.length <= 63 && SERVICE.test(text);
}

/**
 * Whether a string is an RFC 1123 subdomain of at most 253 characters. As in Kubernetes, the length of each label is
 * not limited.
 */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label));
}

/**
 * Whether a string is a port name for an Ingress: at most 15 characters of a–z, 0–9 and `-`, with at least one letter.
 */
export function isPortName(text: string): boolean {
  return text.length <= 15 && PORT_NAME.test(text);
}

export interface HostFault {
  readonly message: string;
  readonly example: string;
}

/**
 * Returns what is wrong with the host of a rule or TLS entry, or undefined. IP addresses are rejected only in rules, as
 * by the API server. The example is the corrected host, if possible.
 */
export function hostFault(host: string, where: 'rule' | 'tls'): HostFault | undefined {
  const bare = host.replace(/^\[(.*)\](:\d+)?$/, '$1');
  if (where === 'rule' && isIP(bare) !== 0) {
    return { message: 'must be a DNS name, not an IP address', example: 'shop.example.com' };
  }
  const name = host.startsWith('*.') ? host.slice(2) : host;
  if (isDnsSubdomain(name)) return undefined;
  const mended = host
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/:].*$/, '')
    .replace(/\.$/, '');
  const example = isDnsSubdomain(mended.replace(/^\*\./, '')) ? mended : 'shop.example.com';
  if (/^https?:\/\//i.test(host)) return { message: 'must be a DNS name, not a URL', example };
  if (/:\d+$/.test(host)) return { message: 'must be a DNS name without a port', example };
  if (/[A-Z]/.test(host) && isDnsSubdomain(name.toLowerCase())) return { message: 'must be in lower case', example };
  if (host.includes('*')) return { message: 'may contain * only as the whole first label', example: '*.example.com' };
  return { message: 'must be a DNS name: labels of a-z, 0-9 and -, joined by dots', example };
}
