/** Finds unknown fields and wrong types in Kubernetes objects, with the generated models of @kubernetes/client-node. */
import * as models from '@kubernetes/client-node/dist/gen/models/all.js';

interface Model {
  getAttributeTypeMap(): { baseName: string; type: string }[];
}

const MODELS = new Map(
  Object.entries(models as unknown as Record<string, unknown>).flatMap(([name, value]) =>
    isModel(value) ? [[name, value] as const] : [],
  ),
);

const PREFIXES: Readonly<Record<string, string>> = { v1: 'V1', v2: 'V2' };

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'getAttributeTypeMap' in value;
}

/**
 * Returns the faults of an object, such as `Deployment.spec.replica: unknown field`. Returns undefined if client-node
 * has no model of the kind (custom resources).
 */
export function checkObject(object: { readonly apiVersion: string; readonly kind: string }): string[] | undefined {
  const version = object.apiVersion.split('/').at(-1) ?? '';
  const type = `${PREFIXES[version] ?? version}${object.kind}`;
  return MODELS.has(type) ? check(object, type, object.kind) : undefined;
}

function check(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path}: should be a list`];
    return value.flatMap((item, index) => check(item, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    if (!isObject(value)) return [`${path}: should be a map`];
    return Object.entries(value).flatMap(([key, item]) => check(item, map, `${path}.${key}`));
  }
  const model = MODELS.get(type);
  if (model === undefined) return checkScalar(value, type, path);
  if (!isObject(value)) return [`${path}: should be an object`];
  const fields = new Map(model.getAttributeTypeMap().map(({ baseName, type: field }) => [baseName, field]));
  return Object.entries(value).flatMap(([key, item]) => {
    const field = fields.get(key);
    return field === undefined ? [`${path}.${key}: unknown field`] : check(item, field, `${path}.${key}`);
  });
}

function checkScalar(value: unknown, type: string, path: string): string[] {
  if (type === 'any' || type === 'object') return [];
  const accepted = type === 'IntOrString' ? ['number', 'string'] : [type];
  if (!['string', 'number', 'boolean'].includes(accepted[0] ?? '')) return [`${path}: type ${type} is not known here`];
  return accepted.includes(typeof value) ? [] : [`${path}: ${JSON.stringify(value)} is not a ${type}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
