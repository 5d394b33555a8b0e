/** Typical faults in manifests, each in a namespace of its own, and what `tidegate status` must say about it. */
import { generate } from 'selfsigned';
import { issue } from '../certificates.ts';
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import { writeIngress } from '../runner/manifests.ts';
import { type KubernetesObject, placeIn } from '../runner/object.ts';
import { secretOf } from '../runner/secrets.ts';

export interface Fault {
  /** The namespace, the Ingress, and the first label of the host. */
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  /** The field or the key that the Problem names. */
  readonly field: string;
  readonly cause: RegExp;
}

type Short = Parameters<typeof writeIngress>[0];

function hostOf(name: string): string {
  return `${name}.faults.test`;
}

function fault(
  name: string,
  field: string,
  cause: RegExp,
  ingress: Partial<Short>,
  others: readonly KubernetesObject[] = served(name),
): Fault {
  const short = { name, host: hostOf(name), annotations: {}, paths: { '/': 'web' }, ...ingress };
  const objects = [writeIngress(short), ...others].map((object) => placeIn(name, object));
  return { name, objects, field, cause };
}

/** A Service `web` with one endpoint. */
function served(namespace: string, port: { readonly name?: string; readonly port: number } = { port: 80 }) {
  return [serviceOf('web', namespace, port), sliceOf('web', namespace, ['127.0.0.1'], { ...port, port: 9 })];
}

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

export async function typicalFaults(): Promise<readonly Fault[]> {
  const tls = (name: string) => ({ tls: { pair: [hostOf(name)] } });
  const slice = sliceOf('web', 'slice-port', ['127.0.0.1'], { name: 'other', port: 9 });
  const named = { name: 'http', port: 80 };
  return [
    fault('no-service', BACKEND, /Service no-service\/web does not exist/, {}, []),
    fault(
      'port-name',
      BACKEND,
      /Service port-name\/web has no TCP port metrics; its ports are 80 \(http\)/,
      { paths: { '/': 'web:metrics' } },
      served('port-name', named),
    ),
    fault('slice-port', BACKEND, /no ready endpoints.*"?other"?/, {}, [serviceOf('web', 'slice-port', named), slice]),
    fault('no-secret', SECRET_NAME, /Secret no-secret\/pair does not exist/, tls('no-secret')),
    fault('other-host', SECRET_NAME, /certificate.* other-host\.faults\.test/, tls('other-host'), [
      ...served('other-host'),
      secretOf('pair', await issue(['elsewhere.faults.test'])),
    ]),
    fault('expired', SECRET_NAME, /certificate.* expired at /, tls('expired'), [
      ...served('expired'),
      await expired(hostOf('expired')),
    ]),
    fault('lone-canary', PATH, /this is a canary, and no other Ingress has the same path/, {
      annotations: { canary: 'true', 'canary-weight': '10' },
    }),
    fault('snippet', `${PREFIX}/configuration-snippet`, /allow-snippet-annotations is false/, {
      annotations: { 'configuration-snippet': 'more_set_headers "X-A: b";' },
    }),
    fault('group', PATH, /rewrite-target uses \$3, but path .* has only 2 groups/, {
      annotations: { 'rewrite-target': '/$3', 'use-regex': 'true' },
      paths: { '/a(/|$)(.*) ImplementationSpecific': 'web' },
    }),
    fault('client-ca', `${PREFIX}/auth-tls-secret`, /Secret client-ca\/ca does not exist/, {
      annotations: { 'auth-tls-secret': 'client-ca/ca' },
    }),
    fault('value', `${PREFIX}/proxy-body-size`, /is not a size.*found "lots"/, {
      annotations: { 'proxy-body-size': 'lots' },
    }),
  ];
}
