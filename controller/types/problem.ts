/**
 * Errors as values. Every stage returns Problems; only report/ logs them, once.
 */

/** Which Kubernetes object a value came from. `namespace` is empty for cluster-scoped kinds. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Path of a field inside an object: `['spec', 'rules', 0, 'host']`. */
export type FieldPath = readonly (string | number)[];

/** Where in a manifest something is written. Lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `error`: something requested is not served. `warning`: served, but not as written. `notice`: worth knowing. */
export type Severity = 'error' | 'warning' | 'notice';

/** The effect of the Problem on traffic. */
export type Effect =
  | 'none'
  | 'object-ignored'
  | 'path-ignored'
  | 'ignored-key'
  | 'ignored-item'
  /** The key is in force with a value other than the written one; the message says which. */
  | 'corrected-key'
  | 'denied-location'
  | 'default-certificate'
  | 'default-backend'
  | 'no-endpoints'
  | 'quarantined'
  | 'converted';

export interface Problem {
  /** Stable kebab-case name of the rule, for filters and tests. */
  readonly code: string;
  readonly severity: Severity;
  readonly effect: Effect;
  /** One sentence without trailing full stop: what is wrong. */
  readonly message: string;
  readonly object?: ObjectRef;
  readonly field?: FieldPath;
  /** The offending value, shortened by `shorten`; never a secret. */
  readonly value?: string;
  /** A value that would have been accepted. */
  readonly example?: string;
  /** Set by the code that knows the manifest: the reader, or the CLI through a `Locator`. */
  readonly place?: Place;
}

/** Finds where a field of an object is written; the nearest enclosing node if the field itself is absent. */
export type Locator = (object: ObjectRef, field: FieldPath) => Place | undefined;

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `spec.rules[0].host`, `metadata.annotations["a/b"]`. */
export function formatField(field: FieldPath): string {
  let text = '';
  for (const step of field) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (IDENTIFIER.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** `Ingress shop/web`, `IngressClass nginx`. */
export function formatObject(object: ObjectRef): string {
  return `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`;
}

/** At most `max` characters of a value, control characters made visible. */
export function shorten(value: unknown, max = 80): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}
