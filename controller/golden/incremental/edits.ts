/** All kinds of edits, and the world that they start from. */
import type { V1Ingress } from '@kubernetes/client-node';
import fc from 'fast-check';
import { DEFAULT_PREFIX } from '../../model/features/annotations.ts';
import {
  allowFromEdit,
  hostPolicyEdit,
  lastGoodHostsEdit,
  overrideEdit,
  classEdit,
  headersEdit,
  namespaceEdit,
  quarantineEdit,
  keptEdit,
  lastGoodEdit,
  secretEdit,
  apiServerEdit,
  serviceEdit,
  settingsEdit,
  sliceEdit,
  streamServicesEdit,
} from './cluster-edits.ts';
import { annotationEdit, ingressEdit } from './ingress-edits.ts';
import { backendOf, type Edit, SECRET_DATA, SERVICES } from './names.ts';
import { put, type World } from './world.ts';

export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 10, arbitrary: ingressEdit },
  { weight: 5, arbitrary: annotationEdit },
  { weight: 4, arbitrary: secretEdit },
  { weight: 2, arbitrary: keptEdit },
  { weight: 3, arbitrary: lastGoodEdit },
  { weight: 3, arbitrary: headersEdit },
  { weight: 6, arbitrary: serviceEdit },
  { weight: 4, arbitrary: sliceEdit },
  { weight: 2, arbitrary: apiServerEdit },
  { weight: 3, arbitrary: settingsEdit },
  { weight: 2, arbitrary: classEdit },
  { weight: 2, arbitrary: namespaceEdit },
  { weight: 2, arbitrary: hostPolicyEdit },
  { weight: 3, arbitrary: streamServicesEdit },
  { weight: 1, arbitrary: lastGoodHostsEdit },
  { weight: 3, arbitrary: allowFromEdit },
  { weight: 2, arbitrary: quarantineEdit },
  { weight: 3, arbitrary: overrideEdit },
);
function firstIngress(name: string, host: string, annotations: Record<string, string>, secretName?: string): V1Ingress {
  const full = Object.entries(annotations).map(([key, value]) => [`${DEFAULT_PREFIX}/${key}`, value] as const);
  const paths = [{ path: '/p', pathType: 'Prefix', backend: backendOf('s1', 80) }];
  return {
    metadata: { namespace: 'a', name, annotations: Object.fromEntries(full) },
    spec: {
      rules: [{ host, http: { paths } }],
      ...(secretName !== undefined && { tls: [{ hosts: [host], secretName }] }),
    },
  };
}

/** The world before the first edit, with objects that edits change and refer to. */
export function firstWorld(empty: World): World {
  const ingresses = [
    firstIngress('i1', 'a.test', {}, 't1'),
    firstIngress(
      'i2',
      'b.test',
      { 'server-alias': 'www.test', 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': 'h2' },
      't2',
    ),
    firstIngress('i3', '*.a.test', { 'custom-headers': 'a/h1' }, 't1'),
    firstIngress('i4', 'x.a.test', { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'a/ca' }),
  ];
  let world = empty;
  for (const ingress of ingresses) world = put(world, 'Ingress', `a/${ingress.metadata?.name ?? ''}`, ingress);
  for (const name of SERVICES) {
    const metadata = { namespace: 'a', name };
    world = put(world, 'Service', `a/${name}`, {
      metadata,
      spec: { ports: [{ port: 80, name: 'http', targetPort: 8080 }] },
    });
  }
  for (const [name, data] of [
    ['t1', SECRET_DATA[0]],
    ['t2', SECRET_DATA[1]],
    ['ca', SECRET_DATA[2]],
  ] as const)
    if (data !== undefined) world = put(world, 'Secret', `a/${name}`, { metadata: { namespace: 'a', name }, data });
  return world;
}
