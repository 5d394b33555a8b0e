/** Problems: errors as values. Every stage returns Problems; only report/ logs them, and each only once. */
import { withoutPasswords } from './without-passwords.ts';

/** A Kubernetes object that a value comes from. `namespace` is empty for cluster-scoped kinds. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Path of a field inside an object: `['spec', 'rules', 0, 'host']`. */
export type FieldPath = readonly (string | number)[];

/** The position of a value in a manifest. Lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * `error`: something that was requested is not served. `warning`: it is served, but not as written. `notice`: worth
 * knowing.
 */
export type Severity = 'error' | 'warning' | 'notice';

/** For sorting: the worst first. */
export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

/** The effect of the Problem on traffic. */
export type Effect =
  | 'none'
  | 'object-ignored'
  | 'path-ignored'
  | 'ignored-key'
  | 'ignored-item'
  /** The value in force differs from the written one; the message contains the value in force. */
  | 'corrected-key'
  | 'denied-location'
  | 'default-certificate'
  | 'default-backend'
  | 'no-endpoints'
  | 'quarantined'
  | 'converted';

export interface Problem {
  /** Name of the check that found the Problem, in kebab-case. It does not change, so filters and tests can use it. */
  readonly code: string;
  readonly severity: Severity;
  readonly effect: Effect;
  /** What is wrong: one sentence without full stop. */
  readonly message: string;
  readonly object?: ObjectRef;
  readonly field?: FieldPath;
  /** The invalid value, shortened by `shorten`; never a secret. */
  readonly value?: string;
  /** A valid value. */
  readonly example?: string;
  /**
   * Set if nothing is wrong with `object` itself: another object on which it depends is missing or unusable, and may be
   * created or corrected later.
   */
  readonly elsewhere?: true;
  /** The object that takes precedence over `object`. */
  readonly winner?: ObjectRef;
  /** The host belongs to the namespace of `winner`, which takes precedence over others for that reason. */
  readonly byRight?: true;
  /** Set by code that has the manifest: the reader, or the CLI by means of a `Locator`. */
  readonly place?: Place;
}

/** Finds the position of a field in a manifest; if the field is absent, that of the nearest enclosing node. */
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

export function isSameObject(a: ObjectRef | undefined, b: ObjectRef): boolean {
  return a?.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** `Ingress shop/web`, `IngressClass nginx`. */
export function formatObject(object: ObjectRef): string {
  return `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`;
}

/**
 * The value as JSON, so that control characters are visible, truncated to `max` characters. Passwords in URLs are left
 * out before that, because a truncated URL does not show where its password ends.
 */
export function shorten(value: unknown, max = 80): string {
  const text = withoutPasswords(JSON.stringify(value) ?? String(value));
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}
