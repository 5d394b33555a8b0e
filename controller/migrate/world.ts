/** What the questions about single Ingresses need to know about the whole cluster. */
import type { V1Ingress, V1IngressBackend } from '@kubernetes/client-node';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import { createdAt, ingressRef, keyOf } from '../model/contract/object-ref.ts';
import type { BuildOptions } from '../model/contract/options.ts';
import { ANNOTATION_KEYS } from '../model/features/annotations.ts';
import { chooseIngress } from '../model/ingress/ingress-class.ts';
import { byAge } from '../model/ingress/entries.ts';
import { settingsOf } from '../model/settings/settings-of.ts';
import type { Settings } from '../model/settings/settings.ts';

export interface World {
  readonly snapshot: Snapshot;
  readonly options: BuildOptions;
  readonly settings: Settings;
  /** The Ingresses of our class by `namespace/name`, oldest first. */
  readonly served: ReadonlyMap<ObjectKey, V1Ingress>;
  /** Host, in lower case → the keys of the Ingresses that have a rule for it, oldest first. Empty: no host. */
  readonly ofHost: ReadonlyMap<string, readonly ObjectKey[]>;
  /** `namespace/service:port` → the keys of the Ingresses that name it, oldest first. */
  readonly ofService: ReadonlyMap<string, readonly ObjectKey[]>;
}

export interface WrittenPath {
  readonly host: string;
  readonly rule: number;
  readonly index: number;
  readonly path: string;
  readonly type: string;
  readonly backend: V1IngressBackend;
}

/** All paths of an Ingress, as they are written. */
export function pathsOf(ingress: V1Ingress): readonly WrittenPath[] {
  return (ingress.spec?.rules ?? []).flatMap(({ host = '', http }, rule) =>
    (http?.paths ?? []).map(({ path = '', pathType, backend }, index) => ({
      host: host.toLowerCase(),
      rule,
      index,
      path: path === '' ? '/' : path,
      type: pathType,
      backend,
    })),
  );
}

export function hostsOf(ingress: V1Ingress): readonly string[] {
  return [...new Set((ingress.spec?.rules ?? []).map(({ host = '' }) => host.toLowerCase()))];
}

/** `namespace/service:port`; undefined for a backend that is not a Service. */
export function serviceOf(namespace: string, backend: V1IngressBackend | undefined): string | undefined {
  const service = backend?.service;
  if (service === undefined) return undefined;
  return `${namespace}/${service.name}:${service.port?.number ?? service.port?.name ?? ''}`;
}

export function writtenServices(ingress: V1Ingress): readonly string[] {
  const namespace = ingress.metadata?.namespace ?? '';
  const all = [ingress.spec?.defaultBackend, ...pathsOf(ingress).map(({ backend }) => backend)];
  return [...new Set(all.map((each) => serviceOf(namespace, each)).filter((each) => each !== undefined))];
}

/** The text of an annotation, by its name without the prefix; empty if it is absent. */
export function annotationText(ingress: V1Ingress, prefix: string, name: string): string {
  return ingress.metadata?.annotations?.[`${prefix}/${name}`]?.trim() ?? '';
}

/** Whether an annotation is set to something that has an effect: a value that is valid, and is not `false`. */
export function isEffective(ingress: V1Ingress, prefix: string, name: string): boolean {
  const text = annotationText(ingress, prefix, name);
  const parsed = text === '' ? undefined : ANNOTATION_KEYS.get(name)?.parser.parse(text);
  return parsed?.ok === true && parsed.value !== false;
}

export function isCanary(ingress: V1Ingress, prefix: string): boolean {
  return isEffective(ingress, prefix, 'canary');
}

function grouped(
  served: ReadonlyMap<ObjectKey, V1Ingress>,
  groupsOf: (ingress: V1Ingress) => readonly string[],
): ReadonlyMap<string, readonly ObjectKey[]> {
  const groups = new Map<string, ObjectKey[]>();
  for (const [key, ingress] of served)
    for (const group of groupsOf(ingress)) {
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [key]);
      else members.push(key);
    }
  return groups;
}

export function createWorld(snapshot: Snapshot, options: BuildOptions): World {
  const ours = [...snapshot.Ingress.values()].filter((each) => chooseIngress(each, snapshot, options).ours);
  const aged = ours.map((ingress) => ({
    key: keyOf(ingressRef(ingress)),
    createdAt: createdAt(ingress),
    ingress,
  }));
  const served = new Map(aged.sort(byAge).map(({ key, ingress }) => [key, ingress] as const));
  const { settings } = settingsOf(snapshot, options);
  return {
    snapshot,
    options,
    settings,
    served,
    ofHost: grouped(served, hostsOf),
    ofService: grouped(served, writtenServices),
  };
}
