/** The conditions under which sentences of docs/differences.md apply to an Ingress. */
import type { V1Ingress } from '@kubernetes/client-node';
import { ingressRef, keyOf } from '../model/contract/object-ref.ts';
import {
  annotationText,
  hostsOf,
  isCanary,
  isEffective,
  pathsOf,
  serviceOf,
  writtenServices,
  type World,
} from './world.ts';

type Test = (ingress: V1Ingress, world: World) => boolean;

function text(ingress: V1Ingress, { options }: World, name: string): string {
  return annotationText(ingress, options.annotationsPrefix, name);
}

/** The other Ingresses that have a host of this one. */
function neighbours(ingress: V1Ingress, { ofHost, served }: World): readonly V1Ingress[] {
  const own = keyOf(ingressRef(ingress));
  const keys = new Set(hostsOf(ingress).flatMap((host) => ofHost.get(host) ?? []));
  return [...keys].filter((key) => key !== own).flatMap((key) => served.get(key) ?? []);
}

/** The other Ingresses that name a Service port of this one. */
export function coUsers(ingress: V1Ingress, { ofService, served }: World): readonly V1Ingress[] {
  const own = keyOf(ingressRef(ingress));
  const keys = new Set(writtenServices(ingress).flatMap((service) => ofService.get(service) ?? []));
  return [...keys].filter((key) => key !== own).flatMap((key) => served.get(key) ?? []);
}

/** Whether a path has a character that ingress-nginx counts as part of a regular expression. */
const REGEX = /[\\^$.|?*+()[\]{}]/;

function isRegex(ingress: V1Ingress, world: World): boolean {
  const prefix = world.options.annotationsPrefix;
  return isEffective(ingress, prefix, 'use-regex') || isEffective(ingress, prefix, 'rewrite-target');
}

function hasCatchAllRule(ingress: V1Ingress): boolean {
  return ingress.spec?.defaultBackend !== undefined && hostsOf(ingress).includes('');
}

/** Another Ingress of the host is older and has no default backend, but this one has. */
function hasYoungerDefault(ingress: V1Ingress, { ofHost, served }: World): boolean {
  if (ingress.spec?.defaultBackend === undefined) return false;
  const own = keyOf(ingressRef(ingress));
  return hostsOf(ingress).some((host) => {
    const keys = ofHost.get(host) ?? [];
    const older = keys.slice(0, keys.indexOf(own));
    return host !== '' && older.length > 0 && older.every((key) => served.get(key)?.spec?.defaultBackend === undefined);
  });
}

function hasBothSlashes(ingress: V1Ingress, world: World): boolean {
  const around = [ingress, ...neighbours(ingress, world)].flatMap(pathsOf).filter(({ type }) => type !== 'Exact');
  const known = new Set(around.map(({ host, path }) => `${host} ${path}`));
  return pathsOf(ingress).some(
    ({ host, path, type }) =>
      type !== 'Exact' &&
      path !== '/' &&
      known.has(path.endsWith('/') ? `${host} ${path.slice(0, -1)}` : `${host} ${path}/`),
  );
}

function usesExternalName(ingress: V1Ingress, { snapshot }: World): boolean {
  return writtenServices(ingress).some(
    (service) => snapshot.Service.get(service.slice(0, service.lastIndexOf(':')))?.spec?.type === 'ExternalName',
  );
}

function hasSeveralCanaries(ingress: V1Ingress, world: World): boolean {
  const prefix = world.options.annotationsPrefix;
  const own = new Set(pathsOf(ingress).map(({ host, path }) => `${host} ${path}`));
  return neighbours(ingress, world).some(
    (other) => isCanary(other, prefix) && pathsOf(other).some(({ host, path }) => own.has(`${host} ${path}`)),
  );
}

/** The Service of the canary, or the main Service of one of its paths, also serves a path that has no canary. */
function isCanaryOfSharedService(ingress: V1Ingress, world: World): boolean {
  const prefix = world.options.annotationsPrefix;
  const own = new Set(pathsOf(ingress).map(({ host, path }) => `${host} ${path}`));
  const mains = neighbours(ingress, world).filter((other) => !isCanary(other, prefix));
  const placed = (each: V1Ingress, inside: boolean): readonly string[] =>
    pathsOf(each)
      .filter(({ host, path }) => own.has(`${host} ${path}`) === inside)
      .flatMap(({ backend }) => serviceOf(each.metadata?.namespace ?? '', backend) ?? []);
  const services = new Set([...writtenServices(ingress), ...mains.flatMap((main) => placed(main, true))]);
  const users = [...services].flatMap((service) => world.ofService.get(service) ?? []);
  return [...new Set(users)]
    .flatMap((key) => world.served.get(key) ?? [])
    .filter((each) => !isCanary(each, prefix))
    .some((each) => placed(each, false).some((service) => services.has(service)));
}

const TESTS = {
  'prefix-with-slash': (ingress, world) =>
    !isRegex(ingress, world) &&
    pathsOf(ingress).some(({ path, type }) => type !== 'Exact' && path !== '/' && path.endsWith('/')),
  'exact-with-slash': (ingress) =>
    pathsOf(ingress).some(({ path, type }) => type === 'Exact' && path !== '/' && path.endsWith('/')),
  'default-backend-and-hostless-rule': hasCatchAllRule,
  'default-backend-of-younger': hasYoungerDefault,
  'both-slashes': hasBothSlashes,
  'external-name': usesExternalName,
  'forwarded-headers': (_, { settings }) => settings['use-forwarded-headers'],
  'passthrough-enabled': (_, { options }) => options.sslPassthrough,
  'shared-host': (ingress, world) => neighbours(ingress, world).length > 0,
  'shared-service': (ingress, world) => coUsers(ingress, world).length > 0,
  'without-proxy-ssl-secret': (ingress, world) => text(ingress, world, 'proxy-ssl-secret') === '',
  fastcgi: (ingress, world) => text(ingress, world, 'backend-protocol').toUpperCase() === 'FCGI',
  ewma: (ingress, world) => text(ingress, world, 'load-balance') === 'ewma',
  'cookie-of-regex': (ingress, world) =>
    isRegex(ingress, world) &&
    text(ingress, world, 'session-cookie-path') === '' &&
    pathsOf(ingress).some(({ path }) => REGEX.test(path)),
  'persistent-affinity': (ingress, world) => text(ingress, world, 'affinity-mode') === 'persistent',
  'hash-subset': (ingress, world) => text(ingress, world, 'upstream-hash-by') !== '',
  'several-canaries': hasSeveralCanaries,
  'canary-of-shared-service': isCanaryOfSharedService,
  'canary-with-host-settings': (ingress, world) =>
    (ingress.spec?.tls ?? []).length > 0 ||
    ingress.spec?.defaultBackend !== undefined ||
    text(ingress, world, 'server-alias') !== '',
} as const satisfies Readonly<Record<string, Test>>;

export type Condition = keyof typeof TESTS;

export function holds(condition: Condition, ingress: V1Ingress, world: World): boolean {
  return TESTS[condition](ingress, world);
}

export const CONDITIONS = Object.keys(TESTS) as readonly Condition[];
