/** AdmissionReview (admission.k8s.io/v1): what is read of a request, and how an answer is written. */
import { z } from 'zod';
import type { AdmissionRequest, AdmissionVerdict } from '../types/admission.ts';

const API_VERSION = 'admission.k8s.io/v1';

/** The names of Kubernetes objects have at most this many bytes. */
const name = z.string().max(253).nullish();

const ENVELOPE = z.object({ apiVersion: z.string(), kind: z.string() });
const REQUEST = z.object({
  request: z.object({
    uid: z.string().min(1).max(64),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    kind: z.object({ group: z.string(), version: z.string(), kind: z.string() }),
    subResource: name,
    namespace: name,
    name,
    object: z.unknown(),
    oldObject: z.unknown(),
  }),
});

type Request = z.infer<typeof REQUEST>['request'];

/**
 * What a body asks for. `review` is undefined if the object is admitted whatever it contains: a deletion, another
 * kind, or a subresource such as the status.
 */
export type ReviewRequest =
  | { readonly uid: string; readonly review: AdmissionRequest | undefined }
  | { readonly uid?: undefined; readonly refusal: string };

function isUndecided({ operation, kind, subResource }: Request): boolean {
  if (operation === 'DELETE' || operation === 'CONNECT') return false;
  return kind.group === 'networking.k8s.io' && kind.kind === 'Ingress' && (subResource ?? '') === '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the body of a request. Objects in it are not validated. */
export function readEnvelope(text: string): ReviewRequest {
  const body = parsed(text);
  if (body === undefined)
    return { refusal: 'the body is not JSON; expected an AdmissionReview of admission.k8s.io/v1' };
  const envelope = ENVELOPE.safeParse(body);
  if (!envelope.success || envelope.data.kind !== 'AdmissionReview')
    return { refusal: 'the body is not an AdmissionReview; expected apiVersion admission.k8s.io/v1' };
  const { apiVersion } = envelope.data;
  if (apiVersion !== API_VERSION)
    return {
      refusal: `AdmissionReview ${JSON.stringify(apiVersion.slice(0, 64))} is not supported; write admissionReviewVersions: [v1]`,
    };
  const read = REQUEST.safeParse(body);
  if (!read.success) return { refusal: `AdmissionReview: ${z.prettifyError(read.error).replaceAll('\n', ' ')}` };
  const { request } = read.data;
  if (!isUndecided(request)) return { uid: request.uid, review: undefined };
  if (request.kind.version !== 'v1')
    return { refusal: 'only Ingresses of networking.k8s.io/v1 are reviewed; write matchPolicy: Equivalent' };
  const { uid, operation, object, oldObject } = request;
  return {
    uid,
    review: {
      uid,
      operation: operation === 'UPDATE' ? 'UPDATE' : 'CREATE',
      namespace: request.namespace ?? '',
      name: request.name ?? '',
      object,
      oldObject,
    },
  };
}

/** The body of an answer. */
export function writeEnvelope(uid: string, { denial, warnings }: AdmissionVerdict): string {
  return JSON.stringify({
    apiVersion: API_VERSION,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: denial === undefined,
      ...(denial !== undefined && { status: { code: 400, reason: 'BadRequest', message: denial } }),
      ...(warnings.length > 0 && { warnings }),
    },
  });
}
