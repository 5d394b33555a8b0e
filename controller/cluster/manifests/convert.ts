/**
 * Converts Ingresses and IngressClasses of API versions that Kubernetes 1.22 removed to networking.k8s.io/v1. Pure. The
 * rules are those of the API server's own conversion, with one addition: a servicePort of quoted digits counts as a
 * number.
 */
import { isRecord } from '../../types/is-record.ts';
import type { FieldPath } from '../../types/problem.ts';
import { classify, KINDS } from './kinds.ts';

type Fields = Record<string, unknown>;

export interface Conversion {
  /** The object in the current version; the input itself if its version was not removed. */
  readonly object: Fields;
  /**
   * The new location of each changed field, each listed once, for example `backend.serviceName is now
   * backend.service.name`.
   */
  readonly notes: readonly string[];
}

const NOTES = {
  defaultBackend: 'spec.backend is now spec.defaultBackend',
  name: 'backend.serviceName is now backend.service.name',
  number: 'backend.servicePort is now backend.service.port.number',
  portName: 'backend.servicePort is now backend.service.port.name',
  pathType: 'pathType is now required (a missing pathType meant ImplementationSpecific)',
} as const;

/** The field of `service.port` that replaces `servicePort`. */
export function portField(port: unknown): 'number' | 'name' {
  return typeof port === 'number' || (typeof port === 'string' && /^\d+$/.test(port)) ? 'number' : 'name';
}

/** Converts an Ingress or IngressClass of a removed API version. Malformed parts stay as they are. */
export function convertIngress(object: Fields): Conversion {
  const { apiVersion, kind, spec } = object;
  const found = classify(String(apiVersion), String(kind));
  if (found.is !== 'read' || !found.removed) return { object, notes: [] };
  const notes = new Set<string>();
  const converted = { ...object, apiVersion: KINDS[found.kind].apiVersion };
  if (found.kind === 'Ingress' && isRecord(spec)) Object.assign(converted, { spec: convertSpec(spec, notes) });
  return { object: converted, notes: [...notes] };
}

function convertSpec(spec: Fields, notes: Set<string>): Fields {
  const { backend, ...rest } = spec;
  const converted: Fields = { ...rest };
  if (backend !== undefined) {
    converted['defaultBackend'] ??= convertBackend(backend, notes);
    notes.add(NOTES.defaultBackend);
  }
  if (Array.isArray(spec['rules'])) {
    converted['rules'] = spec['rules'].map((rule: unknown) => {
      if (!isRecord(rule) || !isRecord(rule['http']) || !Array.isArray(rule['http']['paths'])) return rule;
      const paths = rule['http']['paths'].map((path: unknown) => convertPath(path, notes));
      return { ...rule, http: { ...rule['http'], paths } };
    });
  }
  return converted;
}

function convertPath(path: unknown, notes: Set<string>): unknown {
  if (!isRecord(path)) return path;
  const converted = { ...path };
  if (path['pathType'] === undefined || path['pathType'] === null) {
    converted['pathType'] = 'ImplementationSpecific';
    notes.add(NOTES.pathType);
  }
  if ('backend' in path) converted['backend'] = convertBackend(path['backend'], notes);
  return converted;
}

function convertBackend(backend: unknown, notes: Set<string>): unknown {
  if (!isRecord(backend) || !('serviceName' in backend || 'servicePort' in backend)) return backend;
  const { serviceName, servicePort, ...rest } = backend;
  const service: Fields = isRecord(rest['service']) ? { ...rest['service'] } : {};
  if (serviceName !== undefined && serviceName !== null) {
    service['name'] = serviceName;
    notes.add(NOTES.name);
  }
  if (servicePort !== undefined && servicePort !== null) {
    const field = portField(servicePort);
    service['port'] = { [field]: field === 'number' ? Number(servicePort) : servicePort };
    notes.add(field === 'number' ? NOTES.number : NOTES.portName);
  }
  return { ...rest, service };
}

/** The path that a field of the converted object has in the removed version. */
export function removedField(field: FieldPath): FieldPath {
  const renamed =
    field[0] === 'spec' && field[1] === 'defaultBackend' ? ['spec', 'backend', ...field.slice(2)] : [...field];
  const at = renamed.indexOf('service');
  if (at < 0 || renamed[at - 1] !== 'backend') return renamed;
  const step = renamed[at + 1];
  return [...renamed.slice(0, at), ...(step === 'name' ? ['serviceName'] : step === 'port' ? ['servicePort'] : [])];
}
