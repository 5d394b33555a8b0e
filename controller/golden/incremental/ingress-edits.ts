/** Edits to Ingresses. */
import type { V1Ingress, V1IngressSpec } from '@kubernetes/client-node';
import fc from 'fast-check';
import { ANNOTATION_KEYS, DEFAULT_PREFIX } from '../../model/features/annotations.ts';
import { ALIASES, backendOf, DAYS, edit, HOSTS, INGRESSES, namespace, PATHS, port, SECRETS, service } from './names.ts';
import { put } from './world.ts';

const oneOfAll = fc
  .constantFrom(...[...ANNOTATION_KEYS].map(([name, key]) => [name, [...key.good, ...key.bad]] as const))
  .chain(([name, values]) => {
    if (name === 'custom-headers')
      return fc.tuple(fc.constant(`${DEFAULT_PREFIX}/${name}`), fc.constantFrom('a/h1', 'b/h1', 'a/h2', ...values));
    if (name === 'auth-proxy-set-headers')
      return fc.tuple(fc.constant(`${DEFAULT_PREFIX}/${name}`), fc.constantFrom('h1', 'a/h1', 'h2', ...values));
    if (name === 'fastcgi-params-configmap')
      return fc.tuple(fc.constant(`${DEFAULT_PREFIX}/${name}`), fc.constantFrom('h1', 'a/h1', 'h2', ...values));
    if (name === 'default-backend') return fc.tuple(fc.constant(`${DEFAULT_PREFIX}/${name}`), service);
    const more =
      name === 'proxy-ssl-secret' || name === 'auth-tls-secret'
        ? ['a/ca', 'b/ca', 'a/t1']
        : name === 'server-alias'
          ? ALIASES
          : [];
    return fc.tuple(fc.constant(`${DEFAULT_PREFIX}/${name}`), fc.constantFrom(...values, ...more));
  });
/** Annotations that make the Ingress a canary, often of a path that another Ingress has. */
const canary = fc
  .record({
    'canary-weight': fc.constantFrom('0', '10', '95'),
    'canary-by-header': fc.option(fc.constant('X-Canary'), { nil: undefined }),
  })
  .map((rules) => Object.entries({ canary: 'true', ...rules }).filter(([, value]) => value !== undefined))
  .map((rules) => rules.map(([name, value]) => [`${DEFAULT_PREFIX}/${name}`, value ?? ''] as const));
const none = fc.constant([]);
/**
 * Annotations with effects beyond their Ingress, or with effects that other Ingresses change. Without this list, they
 * would rarely occur together.
 */
const farReaching = fc
  .constantFrom(
    ...ALIASES.map((alias) => ['server-alias', alias] as const),
    ...Array.from({ length: 4 }, () => ['from-to-www-redirect', 'true'] as const),
    ...Array.from({ length: 4 }, () => ['ssl-passthrough', 'true'] as const),
    ['allowlist-source-range', '10.0.0.0/8'] as const,
    ['use-regex', 'true'] as const,
    ['auth-tls-secret', 'a/ca'] as const,
    ['auth-tls-secret', 'b/ca'] as const,
    ['ssl-ciphers', 'HIGH'] as const,
    ['rewrite-target', '/$1'] as const,
  )
  .map(([name, value]) => [`${DEFAULT_PREFIX}/${name}`, value] as const);
/** Annotations that only have an effect together. */
const passwords = fc
  .record({
    'auth-secret': fc.constantFrom('t1', 'a/t2', 'b/t1', 'none'),
    'auth-secret-type': fc.constantFrom('auth-file', 'auth-map'),
  })
  .map((given) => Object.entries({ 'auth-type': 'basic', ...given }))
  .map((given) => given.map(([name, value]) => [`${DEFAULT_PREFIX}/${name}`, value] as const));
const annotation = fc.oneof({ weight: 3, arbitrary: oneOfAll }, { weight: 1, arbitrary: farReaching });
const unknownAnnotation = fc.constant([`${DEFAULT_PREFIX}/proxy-body-sise`, '1m'] as const);

const rule = fc.record({
  host: fc.constantFrom(...HOSTS),
  paths: fc.array(fc.record({ path: fc.constantFrom(...PATHS), exact: fc.boolean(), service, port }), { maxLength: 3 }),
});

const tlsEntry = fc.record({
  hosts: fc.subarray(['a.test', 'b.test', 'www.a.test', 'x.a.test', '*.a.test']),
  secretName: fc.constantFrom(...SECRETS, 'none', ''),
});
export const spec: fc.Arbitrary<V1IngressSpec> = fc
  .record({
    rules: fc.array(rule, { maxLength: 3 }),
    tls: fc.array(tlsEntry, { maxLength: 2 }),
    fallback: fc.option(fc.record({ service, port }), { nil: undefined, freq: 3 }),
    className: fc.constantFrom(undefined, 'nginx', 'nginx', 'other', 'third'),
  })
  .map(({ rules, tls, fallback, className }) => ({
    ...(className !== undefined && { ingressClassName: className }),
    ...(fallback !== undefined && { defaultBackend: backendOf(fallback.service, fallback.port) }),
    tls,
    rules: rules.map(({ host, paths }) => ({
      host,
      http: {
        paths: paths.map(({ path, exact, service: name, port: number }) => ({
          path,
          pathType: exact ? 'Exact' : 'Prefix',
          backend: backendOf(name, number),
        })),
      },
    })),
  }));

export const ingressEdit = fc
  .record({
    namespace,
    name: fc.constantFrom(...INGRESSES),
    spec: fc.option(spec, { nil: undefined, freq: 6 }),
    annotations: fc.array(fc.oneof({ weight: 9, arbitrary: annotation }, unknownAnnotation), { maxLength: 3 }),
    more: fc.oneof({ weight: 3, arbitrary: none }, canary, passwords),
    day: fc.constantFrom(...DAYS),
  })
  .map((given) =>
    edit('Ingress', given, (world) => {
      const metadata: object = {
        namespace: given.namespace,
        name: given.name,
        annotations: Object.fromEntries([...given.annotations, ...given.more]),
        ...(given.day !== undefined && { creationTimestamp: given.day }),
      };
      const ingress: V1Ingress | undefined = given.spec === undefined ? undefined : { metadata, spec: given.spec };
      return put(world, 'Ingress', `${given.namespace}/${given.name}`, ingress);
    }),
  );

/** Changes only the annotations of an existing Ingress. */
export const annotationEdit = fc
  .record({
    namespace,
    name: fc.constantFrom(...INGRESSES),
    annotations: fc.array(annotation, { maxLength: 2 }),
    more: fc.oneof({ weight: 3, arbitrary: none }, canary, passwords),
  })
  .map((given) =>
    edit('annotations', given, (world) => {
      const key = `${given.namespace}/${given.name}`;
      const was = world.snapshot.Ingress.get(key);
      if (was === undefined) return world;
      const changed = structuredClone(was);
      Object.assign((changed.metadata ??= {}), {
        annotations: Object.fromEntries([...given.annotations, ...given.more]),
      });
      return put(world, 'Ingress', key, changed);
    }),
  );
