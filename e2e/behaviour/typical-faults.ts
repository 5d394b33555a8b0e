/**
 * Typical faults, each in a namespace of its own: what clients get, what the access log says, and what `tidegate status`
 * and `tidegate problems` must say. docs/troubleshooting.md contains them as a table.
 */
import { generate } from 'selfsigned';
import type { Backends } from '../backends/start.ts';
import { issue } from '../certificates.ts';
import { serviceOf, sliceOf, takeAddress } from '../runner/endpoints.ts';
import { writeIngress } from '../runner/manifests.ts';
import { type KubernetesObject, placeIn } from '../runner/object.ts';
import { secretOf } from '../runner/secrets.ts';

export interface Fault {
  /** The namespace, the Ingress, and the first label of the host. */
  readonly name: string;
  /** What is wrong, for the table. */
  readonly wrong: string;
  readonly objects: readonly KubernetesObject[];
  /** The field or the key that the Problem names. */
  readonly field: string;
  readonly cause: RegExp;
  /** The request that shows the fault, and what the client gets. */
  readonly probe: Probe;
  readonly gets: Symptom;
}

export interface Probe {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: true;
  /** How many times the request is sent; the last response counts. */
  readonly times?: number;
}

/**
 * `certificate`: what is wrong with the certificate that the client gets. `service`: the Service that gets the request,
 * if clients get a response that is not the expected one. `reason`: `$tidegate_reason`.
 */
export interface Symptom {
  readonly status: number;
  readonly reason: string;
  readonly certificate?: 'for other names' | 'expired';
}

type Short = Parameters<typeof writeIngress>[0];
interface Wrong extends Pick<Fault, 'name' | 'wrong' | 'field' | 'cause' | 'gets'> {
  readonly probe?: Probe;
  readonly ingress?: Partial<Short>;
  /** All other objects; by default a Service `web` whose endpoint answers. */
  readonly others?: readonly KubernetesObject[];
}

export function faultyHost(name: string): string {
  return `${name}.faults.test`;
}

function serviceAt(namespace: string, port: number, service = 'web'): readonly KubernetesObject[] {
  return [serviceOf(service, namespace, { port: 80 }), sliceOf(service, namespace, [takeAddress()], { port })];
}

/** Nothing listens on this port. */
const DEAD_PORT = 9;

async function expired(name: string): Promise<KubernetesObject> {
  const day = 86_400_000;
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3 * day),
    notAfterDate: new Date(Date.now() - day),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return secretOf('pair', { cert: made.cert, key: made.private });
}

const BACKEND = 'spec.rules[0].http.paths[0].backend.service';
const PATH = 'spec.rules[0].http.paths[0].path';
const SECRET_NAME = 'spec.tls[0].secretName';
const PREFIX = 'nginx.ingress.kubernetes.io';
const UNSERVED = { status: 503, reason: 'no-endpoints' } as const;

/** Faults that Tidegate finds in the manifests. */
function inManifests(port: number, old: KubernetesObject, others: KubernetesObject): readonly Wrong[] {
  const tls = (name: string) => ({ tls: { pair: [faultyHost(name)] } });
  const overTls = { path: '/', tls: true } as const;
  const named = { name: 'http', port: 80 };
  return [
    {
      name: 'no-service',
      wrong: 'the Service does not exist',
      field: BACKEND,
      cause: /Service no-service\/web does not exist/,
      others: [],
      gets: UNSERVED,
    },
    {
      name: 'port-name',
      wrong: 'the Service has no port of this name or number',
      field: BACKEND,
      cause: /Service port-name\/web has no TCP port metrics; its ports are 80 \(http\)/,
      ingress: { paths: { '/': 'web:metrics' } },
      others: [
        serviceOf('web', 'port-name', named),
        sliceOf('web', 'port-name', ['127.0.0.1'], { name: 'http', port }),
      ],
      gets: UNSERVED,
    },
    {
      name: 'slice-port',
      wrong: 'no EndpointSlice has the name of the Service port',
      field: BACKEND,
      cause: /no ready endpoints.*"?other"?/,
      others: [
        serviceOf('web', 'slice-port', named),
        sliceOf('web', 'slice-port', ['127.0.0.1'], { name: 'other', port }),
      ],
      gets: UNSERVED,
    },
    {
      name: 'dns',
      wrong: 'the DNS name of an ExternalName Service has no address',
      field: BACKEND,
      cause: /externalName nobody\.invalid of Service dns\/web has (?:no address in DNS|not been resolved)/,
      others: [
        { ...serviceOf('web', 'dns', { port: 80 }), spec: { type: 'ExternalName', externalName: 'nobody.invalid' } },
      ],
      gets: UNSERVED,
    },
    {
      name: 'no-secret',
      wrong: 'the Secret of `spec.tls` does not exist',
      field: SECRET_NAME,
      cause: /Secret no-secret\/pair does not exist/,
      ingress: tls('no-secret'),
      probe: overTls,
      gets: { status: 200, reason: '', certificate: 'for other names' },
    },
    {
      name: 'other-host',
      wrong: 'the certificate is not for this host',
      field: SECRET_NAME,
      cause: /certificate.* other-host\.faults\.test/,
      ingress: tls('other-host'),
      others: [...serviceAt('other-host', port), others],
      probe: overTls,
      gets: { status: 200, reason: '', certificate: 'for other names' },
    },
    {
      name: 'expired',
      wrong: 'the certificate has expired',
      field: SECRET_NAME,
      cause: /certificate.* expired at /,
      ingress: tls('expired'),
      others: [...serviceAt('expired', port), old],
      probe: overTls,
      gets: { status: 200, reason: '', certificate: 'expired' },
    },
    {
      name: 'lone-canary',
      wrong: 'a canary without an Ingress whose requests it shares',
      field: `${PREFIX}/canary`,
      cause: /no other Ingress has path \/ with pathType Prefix/,
      ingress: { annotations: { canary: 'true', 'canary-weight': '10' } },
      others: [
        ...serviceAt('lone-canary', port),
        writeIngress({ name: 'main', host: faultyHost('lone-canary'), annotations: {}, paths: { '/main': 'web' } }),
      ],
      gets: { status: 404, reason: 'no-route' },
    },
    {
      name: 'snippet',
      wrong: 'snippets are not allowed',
      field: `${PREFIX}/configuration-snippet`,
      cause: /allow-snippet-annotations is false/,
      ingress: { annotations: { 'configuration-snippet': 'more_set_headers "X-A: b";' } },
      gets: { status: 503, reason: 'closed:configuration-snippet' },
    },
    {
      name: 'group',
      wrong: '`rewrite-target` uses a group that the path does not have',
      field: PATH,
      cause: /rewrite-target uses \$3, but path .* has only 2 groups/,
      ingress: {
        annotations: { 'rewrite-target': '/$3', 'use-regex': 'true' },
        paths: { '/a(/|$)(.*) ImplementationSpecific': 'web' },
      },
      probe: { path: '/a/b', headers: { 'echo-status': '404' } },
      gets: { status: 404, reason: 'backend' },
    },
    {
      name: 'regex',
      wrong: 'another Ingress makes all paths of the host regular expressions',
      field: PATH,
      cause:
        /path \/shop of regex\.faults\.test matches everything that begins with it, ignoring case.*Ingress regex\/asks/,
      ingress: { paths: { '/shop': 'web' } },
      others: [
        ...serviceAt('regex', port),
        writeIngress({
          name: 'asks',
          host: faultyHost('regex'),
          annotations: { 'use-regex': 'true' },
          paths: { '/v[0-9] ImplementationSpecific': 'web' },
        }),
      ],
      probe: { path: '/SHOPPING' },
      gets: { status: 200, reason: '' },
    },
    {
      name: 'auth-missing',
      wrong: 'the Service of `auth-url` does not exist',
      field: `${PREFIX}/auth-url`,
      cause: /Service auth-missing\/auth does not exist; requests cannot be authorized/,
      ingress: { annotations: { 'auth-url': 'http://auth.auth-missing.svc.cluster.local/verify' } },
      gets: { status: 503, reason: 'auth-unreachable' },
    },
    {
      name: 'client-ca',
      wrong: 'the Secret that guards the path does not exist',
      field: `${PREFIX}/auth-tls-secret`,
      cause: /Secret client-ca\/ca does not exist/,
      ingress: { annotations: { 'auth-tls-secret': 'client-ca/ca' } },
      gets: { status: 503, reason: 'closed:auth-tls-secret' },
    },
    {
      name: 'value',
      wrong: 'the value of an annotation is invalid',
      field: `${PREFIX}/proxy-body-size`,
      cause: /is not a size.*found "lots"/,
      ingress: { annotations: { 'proxy-body-size': 'lots' } },
      gets: { status: 200, reason: '' },
    },
  ];
}

/** Faults that only requests show. */
function inTraffic(port: number): readonly Wrong[] {
  const authBy = (name: string, authPort: number) => ({
    ingress: { annotations: { 'auth-url': `http://auth.${name}.svc.cluster.local/verify` } },
    others: [...serviceAt(name, port), ...serviceAt(name, authPort, 'auth')],
  });
  return [
    {
      name: 'down',
      wrong: 'the container does not listen on the target port',
      field: `${PREFIX}/backend-protocol`,
      cause: /endpoints refuse connections/,
      others: serviceAt('down', DEAD_PORT),
      gets: { status: 502, reason: 'backend-refused' },
    },
    {
      name: 'plain',
      wrong: '`backend-protocol: HTTPS`, and the container speaks plain HTTP',
      field: `${PREFIX}/backend-protocol`,
      cause: /their TLS handshake fails/,
      ingress: { annotations: { 'backend-protocol': 'HTTPS' } },
      gets: { status: 502, reason: 'backend-refused' },
    },
    {
      name: 'list',
      wrong: 'the address of the client is not on the list',
      field: `${PREFIX}/allowlist-source-range`,
      cause: /the addresses of their clients are not on the list/,
      ingress: { annotations: { 'allowlist-source-range': '192.0.2.0/24' } },
      gets: { status: 403, reason: 'denied-by-list' },
    },
    {
      name: 'auth-down',
      wrong: 'the authentication service does not answer',
      field: `${PREFIX}/auth-url`,
      cause: /the authentication service does not answer/,
      ...authBy('auth-down', DEAD_PORT),
      gets: { status: 500, reason: 'auth-unreachable' },
    },
    {
      name: 'auth-refuses',
      wrong: 'the authentication service refuses the request',
      field: `${PREFIX}/auth-url`,
      cause: /the authentication service refuses them/,
      ...authBy('auth-refuses', port),
      probe: { path: '/', headers: { 'verify-status': '401' } },
      gets: { status: 401, reason: 'auth-refused' },
    },
    {
      name: 'body',
      wrong: 'the body is too large',
      field: `${PREFIX}/proxy-body-size`,
      cause: /their bodies are larger than proxy-body-size/,
      ingress: { annotations: { 'proxy-body-size': '1k' } },
      probe: { path: '/', headers: { 'Content-Length': '2000' } },
      gets: { status: 413, reason: 'body-too-large' },
    },
    {
      name: 'timeout',
      wrong: 'the container takes too long',
      field: `${PREFIX}/proxy-read-timeout`,
      cause: /endpoints do not answer within proxy-read-timeout/,
      ingress: { annotations: { 'proxy-read-timeout': '1' } },
      probe: { path: '/', headers: { 'echo-delay': '2500' } },
      gets: { status: 504, reason: 'backend-timeout' },
    },
    {
      name: 'limit',
      wrong: 'the client sends too many requests',
      field: `${PREFIX}/limit-rpm`,
      cause: /their clients send more of them than limit-rps or limit-rpm allows/,
      ingress: { annotations: { 'limit-rpm': '1', 'limit-burst-multiplier': '0' } },
      probe: { path: '/', times: 2 },
      gets: { status: 503, reason: 'limited:requests' },
    },
  ];
}

export interface TypicalFaults {
  readonly inManifests: readonly Fault[];
  readonly inTraffic: readonly Fault[];
}

/** `backends`: what answers the requests that reach an endpoint. */
export async function typicalFaults({ ports: { http } }: Pick<Backends, 'ports'>): Promise<TypicalFaults> {
  const complete = ({ ingress = {}, others, probe = { path: '/' }, ...fault }: Wrong): Fault => {
    const { name } = fault;
    const own = writeIngress({ name, host: faultyHost(name), annotations: {}, paths: { '/': 'web' }, ...ingress });
    const objects = [own, ...(others ?? serviceAt(name, http))].map((object) => placeIn(name, object));
    return { ...fault, probe, objects };
  };
  const old = await expired(faultyHost('expired'));
  const elsewhere = secretOf('pair', await issue(['elsewhere.faults.test']));
  return {
    inManifests: inManifests(http, old, elsewhere).map(complete),
    inTraffic: inTraffic(http).map(complete),
  };
}
