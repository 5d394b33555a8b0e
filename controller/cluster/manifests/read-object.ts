/**
 * Reads one value of a manifest: returns a checked object of a supported kind, or the reason why there is none. Pure.
 */
import { isRecord } from '../../types/is-record.ts';
import type { FieldPath, ObjectRef } from '../../types/problem.ts';
import type { Kind, Kinds, ObjectKey, WrittenKinds } from '../../types/snapshot.ts';
import { checkConfigMap, checkSecret, mergeStringData } from './check/data.ts';
import { checkEndpointSlice } from './check/endpoint-slice.ts';
import { checkIngressClass } from './check/ingress-class.ts';
import { checkIngress } from './check/ingress.ts';
import type { Loose } from './check/loose.ts';
import { checkService } from './check/service.ts';
import { convertIngress } from './convert.ts';
import { collectFindings, furtherFindings } from './finding.ts';
import type { Finding, Findings } from './finding.ts';
import { classify, KINDS } from './kinds.ts';
import { isDnsLabel, isDnsSubdomain, isServiceName } from './names.ts';
import { conform } from './shape.ts';

export type ManifestObject = Kinds[Kind];

export interface ReadObject {
  /** The object's kind, namespace and name; undefined if the kind or name is missing. */
  readonly ref?: ObjectRef & { readonly kind: Kind };
  /** Undefined if the object was rejected or is of a kind that is not read. */
  readonly object?: ManifestObject;
  readonly removedVersion: boolean;
  readonly findings: readonly Finding[];
  /** The kind of an object that is not read. */
  readonly other?: string;
}

/** The namespace of objects that do not specify one. */
const DEFAULT_NAMESPACE = 'default';

const CHECKS: { readonly [K in Kind]: (object: Loose<WrittenKinds[K]>, findings: Findings) => void } = {
  Ingress: checkIngress,
  IngressClass: checkIngressClass,
  Service: checkService,
  EndpointSlice: checkEndpointSlice,
  Secret: checkSecret,
  ConfigMap: checkConfigMap,
  Namespace: () => {},
};

/** The key of an object: `namespace/name`, or `name` for a cluster-scoped kind. */
export function manifestKey(ref: ObjectRef): ObjectKey {
  return ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`;
}

function lacks(field: 'kind' | 'apiVersion'): string {
  return `not a Kubernetes object: ${field} is missing or not a string`;
}

export function readManifestObject(value: unknown): ReadObject {
  const findings = collectFindings(isRecord(value) && value['kind'] === 'Secret');
  const nothing = { removedVersion: false, findings: findings.list };
  if (!isRecord(value)) {
    findings.error('not-an-object', [], 'a document must be a Kubernetes object', { example: 'apiVersion: v1' });
    return nothing;
  }
  const { apiVersion, kind } = value;
  if (typeof kind !== 'string') {
    findings.error('required-field', ['kind'], lacks('kind'), { example: 'kind: Ingress' });
    return nothing;
  }
  if (typeof apiVersion !== 'string') {
    const example = 'apiVersion: networking.k8s.io/v1';
    findings.error('required-field', ['apiVersion'], lacks('apiVersion'), { example });
    return nothing;
  }
  const found = classify(apiVersion, kind);
  if (kind.endsWith('List') && 'items' in value && !Array.isArray(value['items'])) {
    findings.error('field-type', ['items'], 'must be a list', { example: '- apiVersion: v1' });
    return nothing;
  }
  if (found.is === 'other') return { ...nothing, other: kind };
  if (found.is === 'misspelt') {
    findings.error('unknown-kind', ['kind'], `unknown kind ${kind}; did you mean ${found.kind}?`, {
      value: kind,
      example: found.kind,
    });
    return nothing;
  }
  const ref = identify(value['metadata'], found.kind, findings);
  if (found.is === 'wrong-version') {
    const example = KINDS[found.kind].apiVersion;
    findings.error('unknown-api-version', ['apiVersion'], `${kind} is read only as ${example}`, {
      value: apiVersion,
      example,
    });
    return { ...nothing, ...(ref === undefined ? {} : { ref }) };
  }
  const { object, notes } = convertIngress(value);
  const checked = checkObject(object, found.kind, ref, findings);
  if (ref === undefined) return nothing;
  const read = { ref, removedVersion: found.removed, findings: findings.list };
  if (checked === undefined) return read;
  const told = found.removed ? [conversionNotice(apiVersion, found.kind, notes)] : [];
  return { ...read, findings: [...told, ...findings.list], object: checked };
}

/**
 * Checks an object and collects all errors. `ref` is undefined if the object has no valid name. Returns undefined if
 * there is any error.
 */
function checkObject(
  value: Record<string, unknown>,
  kind: Kind,
  ref: ObjectRef | undefined,
  findings: Findings,
): ManifestObject | undefined {
  const conformed = conform(KINDS[kind].type, value, [], furtherFindings(findings)) as Loose<ManifestObject>;
  const check = CHECKS[kind] as (object: Loose<ManifestObject>, findings: Findings) => void;
  check(conformed, furtherFindings(findings));
  if (ref === undefined || findings.hasErrors()) return undefined;
  const { namespace: _, ...metadata } = conformed.metadata ?? {};
  const placed = {
    ...conformed,
    metadata: ref.namespace === '' ? metadata : { ...metadata, namespace: ref.namespace },
  };
  if (kind === 'Secret') return mergeStringData(placed) as unknown as ManifestObject;
  // The API server returns null for a slice without endpoints, but the type of a stored slice requires a list.
  return (kind === 'EndpointSlice' ? { endpoints: [], ...placed } : placed) as unknown as ManifestObject;
}

/** The message if a name is a number or boolean. */
const NAME_IN_QUOTES = 'must be a string in quotes';

function identify(metadata: unknown, kind: Kind, findings: Findings): (ObjectRef & { kind: Kind }) | undefined {
  const given = isRecord(metadata) ? metadata : {};
  const name = nameOf(given, findings);
  if (name === undefined) return undefined;
  checkName(name, kind, findings);
  const namespace = namespaceOf(given['namespace'], kind, findings);
  return namespace === undefined ? undefined : { kind, namespace, name };
}

function isUnquoted(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function nameOf({ name, generateName }: Record<string, unknown>, findings: Findings): string | undefined {
  if (typeof name === 'string' && name !== '') return name;
  if (isUnquoted(name)) {
    findings.error('field-type', ['metadata', 'name'], NAME_IN_QUOTES, { value: name, quoteSource: true });
    return undefined;
  }
  const why = generateName === undefined ? '' : '; generateName works only in a cluster';
  findings.error('required-field', ['metadata', 'name'], `is missing${why}`, { example: 'name: web' });
  return undefined;
}

/** Returns the namespace; '' for a cluster-scoped kind, undefined if the namespace is invalid. */
function namespaceOf(given: unknown, kind: Kind, findings: Findings): string | undefined {
  const field = ['metadata', 'namespace'];
  if (!KINDS[kind].namespaced) {
    if (typeof given === 'string' && given !== '') {
      const whose = kind === 'IngressClass' ? 'an IngressClass' : `a ${kind}`;
      findings.warning('unknown-field', field, `is ignored: ${whose} has no namespace`, { value: given });
    }
    return '';
  }
  const place = given === null || given === '' ? DEFAULT_NAMESPACE : (given ?? DEFAULT_NAMESPACE);
  if (typeof place === 'string' && isDnsLabel(place)) return place;
  if (isUnquoted(place)) findings.error('field-type', field, NAME_IN_QUOTES, { value: place, quoteSource: true });
  else findings.error('invalid-name', field, 'must be a label of a-z, 0-9 and -', { value: place, example: 'shop' });
  return undefined;
}

function checkName(name: string, kind: Kind, findings: Findings): void {
  const label = kind === 'Service' || kind === 'Namespace';
  const fits = kind === 'Service' ? isServiceName(name) : label ? isDnsLabel(name) : isDnsSubdomain(name);
  if (fits) return;
  const rule = label
    ? `a label of a-z, 0-9 and -${kind === 'Service' ? ' that starts with a letter' : ''}`
    : 'a DNS name of a-z, 0-9, - and .';
  findings.error('invalid-name', ['metadata', 'name'], `must be ${rule}`, {
    value: name,
    example: 'web',
  });
}

function conversionNotice(apiVersion: string, kind: Kind, notes: readonly string[]): Finding {
  const example = KINDS[kind].apiVersion;
  const changes = notes.length === 0 ? '' : `: ${notes.join(', ')}`;
  return {
    code: 'removed-api-version',
    severity: 'warning',
    effect: 'converted',
    field: ['apiVersion'] satisfies FieldPath,
    message: `${apiVersion} was removed in Kubernetes 1.22; read as ${example}${changes}`,
    value: apiVersion,
    example,
  };
}
