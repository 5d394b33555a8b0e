/**
 * An entry of the ConfigMaps of --tcp-services-configmap and --udp-services-configmap. The syntax is that of
 * ingress-nginx (`namespace/service:port:PROXY:PROXY`), followed by options of Tidegate (`TLS=namespace/secret`).
 */
import { isPort } from '../../types/ports.ts';
import type { BackendRef } from '../../types/plan.ts';
import type { StreamServer } from '../../types/stream.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import { accept, type Parsed, reject } from '../contract/parser.ts';
import { isLabel, objectKey } from '../values/names.ts';

export interface StreamEntry {
  readonly backend: BackendRef;
  readonly proxyIn: boolean;
  readonly proxyOut: boolean;
  /** `namespace/name` of the Secret with the certificate, if NGINX terminates TLS. */
  readonly secret: ObjectKey | null;
  /** Whether the address of a client decides which endpoint it gets. */
  readonly bySource: boolean;
}

type Protocol = StreamServer['protocol'];

export const ENTRY_EXAMPLES: Readonly<Record<Protocol, string>> = {
  TCP: 'shop/db:5432',
  UDP: 'kube-system/dns:53',
};

const ACCEPTED: Readonly<Record<Protocol, string>> = {
  TCP:
    'namespace/service:port, then optionally :PROXY (clients send the PROXY protocol), a second :PROXY (it is sent to ' +
    'endpoints), :TLS=namespace/secret, :AFFINITY=source-ip and :UPSTREAM=service',
  UDP: 'namespace/service:port, then optionally :AFFINITY=source-ip and :UPSTREAM=service',
};

export function entryAccepts(protocol: Protocol): string {
  return ACCEPTED[protocol];
}

/** A port of a listener: its number, without leading zeros. */
export function portOf(key: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(key) ? Number(key) : 0;
  return isPort(port) ? port : undefined;
}

/** Parses the value of an entry. */
export function parseEntry(text: string, protocol: Protocol): Parsed<StreamEntry> {
  const [name = '', port = '', ...rest] = text.trim().split(':');
  const backend = parseBackend(name, port);
  if (!backend.ok) return backend;
  const proxies = proxiesIn(rest);
  if (protocol === 'UDP' && (proxies.in || proxies.out)) return reject('has PROXY, which exists only for TCP');
  const options = parseOptions(rest.slice(proxies.length), protocol);
  if (!options.ok) return options;
  const { secret, bySource, viaService } = options.value;
  return accept({
    backend: {
      ...backend.value,
      ...(viaService && { viaService: true as const }),
      ...(protocol === 'UDP' && { udp: true as const }),
    },
    proxyIn: proxies.in,
    proxyOut: proxies.out,
    secret,
    bySource,
  });
}

function parseBackend(name: string, port: string): Parsed<Pick<BackendRef, 'namespace' | 'service' | 'port'>> {
  const [namespace = '', service = '', ...more] = name.split('/');
  if (more.length > 0 || !isLabel(namespace) || !isLabel(service))
    return reject('does not begin with namespace/service');
  if (port === '') return reject('names no port of the Service');
  const number = portOf(port);
  if (number === undefined && !isPortName(port))
    return reject(`names ${JSON.stringify(port)}, which is neither a port number nor the name of a port`);
  return accept({ namespace, service, port: number ?? port });
}

/** Names of Service ports have at least one letter. */
function isPortName(text: string): boolean {
  return isLabel(text) && /[a-z]/.test(text);
}

/** The first two fields are PROXY or empty; `length`: how many of them there are. */
function proxiesIn(fields: readonly string[]): {
  readonly in: boolean;
  readonly out: boolean;
  readonly length: number;
} {
  const isProxy = (field: string | undefined): boolean => field?.toUpperCase() === 'PROXY';
  const isPlace = (field: string | undefined): boolean => field === '' || isProxy(field);
  const [first, second] = fields;
  if (!isPlace(first)) return { in: false, out: false, length: 0 };
  if (!isPlace(second)) return { in: isProxy(first), out: false, length: 1 };
  return { in: isProxy(first), out: isProxy(second), length: 2 };
}

interface Options {
  readonly secret: ObjectKey | null;
  readonly bySource: boolean;
  readonly viaService: boolean;
}

function parseOptions(fields: readonly string[], protocol: Protocol): Parsed<Options> {
  const options = { secret: null as ObjectKey | null, bySource: false, viaService: false };
  const seen = new Set<string>();
  for (const field of fields) {
    const [name = '', value = ''] = field.split('=', 2);
    const option = name.toUpperCase();
    if (seen.has(option)) return reject(`has ${option} twice`);
    seen.add(option);
    if (option === 'TLS' && protocol === 'TCP') {
      if (!objectKey.parse(value).ok) return reject(`has TLS=${value}, which does not name a Secret`);
      options.secret = value;
    } else if (option === 'AFFINITY' && value === 'source-ip') options.bySource = true;
    else if (option === 'UPSTREAM' && value === 'service') options.viaService = true;
    else return reject(`has the unknown part ${JSON.stringify(field)}`);
  }
  return accept(options);
}
