/** The defaults and the validation of the real API server for objects of the emulator's kinds. */
import { ApiFailure, invalid } from './failure.ts';
import { fieldAt, isList, isRecord, textOf } from './object.ts';
import type { ApiObject, Json, JsonObject } from './object.ts';
import type { Resource } from './resources.ts';

function service(object: ApiObject): ApiObject {
  const { spec } = object;
  if (!isRecord(spec)) return object;
  const { ports } = spec;
  const filled = (isList(ports) ? ports : []).map((port): Json =>
    isRecord(port) ? { protocol: 'TCP', targetPort: port['port'], ...port } : port,
  );
  const sessionAffinity = spec['sessionAffinity'] ?? 'None';
  return { ...object, spec: { ...spec, ports: filled, type: spec['type'] ?? 'ClusterIP', sessionAffinity } };
}

function secret({ stringData, ...object }: ApiObject): ApiObject {
  const texts = Object.entries(isRecord(stringData) ? stringData : {});
  const data = Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(textOf(text)).toString('base64')]));
  const merged: JsonObject = { ...(isRecord(object['data']) && object['data']), ...data };
  return { ...object, type: object['type'] ?? 'Opaque', ...(Object.keys(merged).length > 0 && { data: merged }) };
}

/** Fills in the defaults of ports. kubectl would crash on a port without a name. */
function endpointSlice(object: ApiObject): ApiObject {
  const { ports } = object;
  if (!isList(ports)) return object;
  return { ...object, ports: ports.map((port) => (isRecord(port) ? { name: '', protocol: 'TCP', ...port } : port)) };
}

const PREPARE: Readonly<Record<string, (object: ApiObject) => ApiObject>> = {
  Service: service,
  Secret: secret,
  EndpointSlice: endpointSlice,
  Namespace: (object) => ({ ...object, status: object['status'] ?? { phase: 'Active' } }),
};

/** Kubernetes' MicroTime requires six digits after the second; a JavaScript Date has three. */
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;
const MICRO_TIMES: Readonly<Record<string, readonly string[][]>> = {
  Lease: [
    ['spec', 'acquireTime'],
    ['spec', 'renewTime'],
  ],
  Event: [['eventTime']],
};

/**
 * Fills in defaults. Throws if the object has a mistake that the controller could make and that the real server
 * rejects. An invalid time leads to status 400 in a whole object, and to 422 in a patch.
 */
export function prepare(resource: Resource, object: ApiObject, patch = false): ApiObject {
  for (const path of MICRO_TIMES[resource.kind] ?? []) {
    const value = fieldAt(object, path);
    if (value == null || (typeof value === 'string' && MICRO_TIME.test(value))) continue;
    const message = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00"`;
    throw patch ? new ApiFailure(422, 'Invalid', message) : new ApiFailure(400, 'BadRequest', message);
  }
  if (resource.kind === 'Ingress') requirePathTypes(resource, object);
  return PREPARE[resource.kind]?.(object) ?? object;
}

function requirePathTypes(resource: Resource, object: ApiObject): void {
  const rules = fieldAt(object, ['spec', 'rules']);
  for (const [i, rule] of (isList(rules) ? rules : []).entries()) {
    const paths = fieldAt(rule, ['http', 'paths']);
    for (const [j, path] of (isList(paths) ? paths : []).entries()) {
      if (fieldAt(path, ['pathType']) !== undefined) continue;
      const field = `spec.rules[${i}].http.paths[${j}].pathType`;
      throw invalid(resource, object.metadata.name ?? '', field, 'Required value: pathType must be specified');
    }
  }
}
