/**
 * An entry of the ConfigMaps of --tcp-services-configmap and --udp-services-configmap. The syntax is that of
 * ingress-nginx (`namespace/service:port:PROXY:PROXY`), followed by options of Tidegate (`TLS=namespace/secret`).
 */
import { shown } from '../../types/left-out.ts';
import { isPort } from '../../types/ports.ts';
import { shorten } from '../../types/problem.ts';
import type { BackendRef } from '../../types/plan.ts';
import type { StreamServer } from '../../types/stream.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import { accept, type Parsed, reject } from '../contract/parser.ts';
import { isHostname, isLabel } from '../values/names.ts';

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
  const fault = protocol === 'UDP' ? tcpOnly(rest) : misplaced(rest, proxies.length);
  if (fault !== undefined) return reject(fault);
  const options = parseOptions(rest.slice(proxies.length));
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

/** A part of an entry in a message. */
function quoted(part: string): string {
  return shorten(shown(part));
}

function parseBackend(name: string, port: string): Parsed<Pick<BackendRef, 'namespace' | 'service' | 'port'>> {
  const [namespace = '', service = '', ...more] = name.split('/');
  if (more.length > 0 || namespace === '' || service === '') return reject('does not begin with namespace/service');
  if (!isLabel(namespace)) return reject(invalidName('namespace', namespace, LABEL_RULE));
  if (!isLabel(service)) return reject(invalidName('Service', service, LABEL_RULE));
  if (port === '') return reject('names no port of the Service');
  const number = portOf(port);
  if (number === undefined && !isPortName(port))
    return reject(`names ${quoted(port)}, which is neither a port number nor the name of a port`);
  return accept({ namespace, service, port: number ?? port });
}

const CHARACTERS = 'and begins and ends with a letter or digit';
const LABEL_RULE = `has 1 to 63 characters (a-z, 0-9, -), ${CHARACTERS}`;
const SECRET_RULE = `has 1 to 253 characters (a-z, 0-9, -, .), ${CHARACTERS}`;

function invalidName(kind: 'namespace' | 'Service' | 'Secret', name: string, rule: string): string {
  return `names the ${kind} ${quoted(name)}, but the name of a ${kind} ${rule}`;
}

/** Names of Service ports have at least one letter. */
function isPortName(text: string): boolean {
  return isLabel(text) && /[a-z]/.test(text);
}

function isProxy(field: string | undefined): boolean {
  return field?.toUpperCase() === 'PROXY';
}

/** The first two fields are PROXY or empty; `length`: how many of them there are. */
function proxiesIn(fields: readonly string[]): {
  readonly in: boolean;
  readonly out: boolean;
  readonly length: number;
} {
  const isPlace = (field: string | undefined): boolean => field === '' || isProxy(field);
  const [first, second] = fields;
  if (!isPlace(first)) return { in: false, out: false, length: 0 };
  if (!isPlace(second)) return { in: isProxy(first), out: false, length: 1 };
  return { in: isProxy(first), out: isProxy(second), length: 2 };
}

/** What a UDP entry has that exists only for TCP. */
function tcpOnly(fields: readonly string[]): string | undefined {
  const known = ['PROXY', 'TLS'].find((name) => fields.some((field) => nameOf(field) === name));
  return known === undefined ? undefined : `has ${known}, which exists only for TCP`;
}

/** Why PROXY may not stand where it stands. `length`: the number of fields at the beginning where it may. */
function misplaced(fields: readonly string[], length: number): string | undefined {
  const index = fields.findIndex((field, at) => at >= length && isProxy(field));
  if (index === -1) return undefined;
  const count = fields.filter(isProxy).length;
  if (count > 2) return `has PROXY ${count === 3 ? 'three' : count} times, but it may occur only twice`;
  const before = fields.slice(length, index).find((field) => field !== '');
  return before === undefined
    ? 'has PROXY too far behind the port: only the first two parts after the port may be PROXY or empty'
    : `has PROXY after ${quoted(before)}, but PROXY must follow the port, before the parts with a name`;
}

interface Options {
  readonly secret: ObjectKey | null;
  readonly bySource: boolean;
  readonly viaService: boolean;
}

/** The name of a part such as `TLS=shop/db-tls`, in upper case. */
function nameOf(field: string): string {
  return field.split('=', 1)[0]?.toUpperCase() ?? '';
}

function parseOptions(fields: readonly string[]): Parsed<Options> {
  const options = { secret: null as ObjectKey | null, bySource: false, viaService: false };
  const seen = new Set<string>();
  for (const field of fields) {
    if (field === '') return reject('has too many colons: a part is empty');
    const option = nameOf(field);
    const value = field.slice(option.length + 1);
    if (seen.has(option)) return reject(`has ${option} twice`);
    seen.add(option);
    if (option === 'TLS') {
      const secret = parseSecret(value);
      if (!secret.ok) return secret;
      options.secret = secret.value;
    } else if (option === 'AFFINITY' && value === 'source-ip') options.bySource = true;
    else if (option === 'UPSTREAM' && value === 'service') options.viaService = true;
    else return reject(`has the unknown part ${quoted(field)}`);
  }
  return accept(options);
}

function parseSecret(value: string): Parsed<ObjectKey> {
  const [namespace = '', name = '', ...more] = value.split('/');
  if (more.length > 0 || namespace === '' || name === '')
    return reject(`has TLS=${value === '' ? '' : quoted(value)}, which does not name a Secret`);
  if (!isLabel(namespace)) return reject(`has TLS, which ${invalidName('namespace', namespace, LABEL_RULE)}`);
  return isHostname(name) ? accept(value) : reject(`has TLS, which ${invalidName('Secret', name, SECRET_RULE)}`);
}
