/** Error responses of the API server, which are a `Status` object with an HTTP status. */
import type { JsonObject } from './object.ts';
import type { Resource } from './resources.ts';

/** An error that code throws while it serves a request; the server sends it as the response. */
export class ApiFailure extends Error {
  readonly status: JsonObject;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.code = code;
    this.status = statusOf(code, reason, message, details);
  }
}

/** The Status object of an error response, or of an ERROR event of a watch. */
export function statusOf(code: number, reason: string, message: string, details: JsonObject = {}): JsonObject {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

function detailsOf({ group, plural }: Resource, name: string): JsonObject {
  return { name, ...(group !== '' && { group }), kind: plural };
}

function titleOf({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function notFound(resource: Resource, name: string): ApiFailure {
  return new ApiFailure(404, 'NotFound', `${titleOf(resource)} "${name}" not found`, detailsOf(resource, name));
}

export function alreadyExists(resource: Resource, name: string): ApiFailure {
  const message = `${titleOf(resource)} "${name}" already exists`;
  return new ApiFailure(409, 'AlreadyExists', message, detailsOf(resource, name));
}

/** `why` is the end of the message, in the words of the real server. */
export function conflict(resource: Resource, name: string, why: string): ApiFailure {
  const message = `Operation cannot be fulfilled on ${titleOf(resource)} "${name}": ${why}`;
  return new ApiFailure(409, 'Conflict', message, detailsOf(resource, name));
}

export function invalid(resource: Resource, name: string, field: string, why: string): ApiFailure {
  const message = `${resource.kind} "${name}" is invalid: ${field}: ${why}`;
  const causes = [{ reason: 'FieldValueInvalid', message: why, field }];
  return new ApiFailure(422, 'Invalid', message, { ...detailsOf(resource, name), causes });
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'BadRequest', message);
}

/** The error for a resourceVersion or continue token that is older than the history. */
export function expired(message: string): ApiFailure {
  return new ApiFailure(410, 'Expired', message);
}
