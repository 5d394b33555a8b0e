/** Typical faults that Tidegate finds in the manifests. */
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import { writeIngress } from '../runner/manifests.ts';
import { ANNOTATION_PREFIX, type KubernetesObject } from '../runner/object.ts';
import { faultyHost, serviceAt, type WrittenFault } from './typical-fault.ts';

const BACKEND = 'spec.rules[0].http.paths[0].backend.service';
const PATH = 'spec.rules[0].http.paths[0].path';
const SECRET_NAME = 'spec.tls[0].secretName';
const UNSERVED = { status: 503, reason: 'no-endpoints' } as const;

/** `old`: a Secret with an expired certificate. `others`: a Secret with a certificate for other hosts. */
export function manifestFaults(port: number, old: KubernetesObject, others: KubernetesObject): readonly WrittenFault[] {
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
      field: `${ANNOTATION_PREFIX}canary`,
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
      field: `${ANNOTATION_PREFIX}configuration-snippet`,
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
      field: `${ANNOTATION_PREFIX}auth-url`,
      cause: /Service auth-missing\/auth does not exist; requests cannot be authorized/,
      ingress: { annotations: { 'auth-url': 'http://auth.auth-missing.svc.cluster.local/verify' } },
      gets: { status: 503, reason: 'auth-unreachable' },
    },
    {
      name: 'client-ca',
      wrong: 'the Secret that guards the path does not exist',
      field: `${ANNOTATION_PREFIX}auth-tls-secret`,
      cause: /Secret client-ca\/ca does not exist/,
      ingress: { annotations: { 'auth-tls-secret': 'client-ca/ca' } },
      gets: { status: 503, reason: 'closed:auth-tls-secret' },
    },
    {
      name: 'value',
      wrong: 'the value of an annotation is invalid',
      field: `${ANNOTATION_PREFIX}proxy-body-size`,
      cause: /is not a size.*found "lots"/,
      ingress: { annotations: { 'proxy-body-size': 'lots' } },
      gets: { status: 200, reason: '' },
    },
  ];
}
