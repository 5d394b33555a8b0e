/** Collects what the checks of one object find. The reader adds the object and place, and creates Problems. */
import type { Effect, FieldPath, Severity } from '../../types/problem.ts';

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly effect: Effect;
  readonly field: FieldPath;
  readonly message: string;
  readonly value?: unknown;
  readonly example?: string;
  /**
   * Whether the accepted example is the field's scalar in quotes. The reader creates it, because only the file's text
   * shows how the scalar is written.
   */
  readonly quoteSource?: boolean;
}

export interface FindingDetail {
  readonly value?: unknown;
  readonly example?: string;
  readonly quoteSource?: boolean;
}

/** Collects the findings of one object. An `error` causes the object to be rejected, a `warning` does not. */
export interface Findings {
  readonly list: readonly Finding[];
  hasErrors(): boolean;
  error(code: string, field: FieldPath, message: string, detail?: FindingDetail): void;
  warning(code: string, field: FieldPath, message: string, detail?: FindingDetail): void;
}

/** The paths of the field's parents and of the field itself, as JSON. */
function around(field: FieldPath): readonly string[] {
  return field.map((_, index) => JSON.stringify(field.slice(0, index + 1)));
}

/**
 * Returns Findings for other checks of the same object. It drops findings that only follow from an error already
 * reported: those in the faulty field, and those of its parents.
 */
export function furtherFindings(findings: Findings): Findings {
  const known = findings.list.filter(({ severity }) => severity === 'error').map(({ field }) => around(field));
  const faulty = new Set(known.map((each) => each.at(-1)));
  const holding = new Set(known.flat());
  const follows = (field: FieldPath) => {
    const own = around(field);
    return own.some((each) => faulty.has(each)) || holding.has(own.at(-1) ?? '');
  };
  return {
    ...findings,
    error: (code, field, message, detail) => {
      if (!follows(field)) findings.error(code, field, message, detail);
    },
    warning: (code, field, message, detail) => {
      if (!follows(field)) findings.warning(code, field, message, detail);
    },
  };
}

/** `redact` removes values, and examples made from values, from every finding. It is used for Secrets. */
export function collectFindings(redact: boolean): Findings {
  const list: Finding[] = [];
  function add(severity: 'error' | 'warning', code: string, field: FieldPath, message: string, detail: FindingDetail) {
    const effect: Effect = severity === 'error' ? 'object-ignored' : 'ignored-key';
    const { value, quoteSource, ...rest } = detail;
    list.push({
      code,
      severity,
      effect,
      field,
      message,
      ...rest,
      ...(redact || value === undefined ? {} : { value }),
      ...(redact && quoteSource ? { example: '"text in quotes"' } : {}),
      ...(!redact && quoteSource ? { quoteSource } : {}),
    });
  }
  return {
    list,
    hasErrors: () => list.some((finding) => finding.severity === 'error'),
    error: (code, field, message, detail = {}) => add('error', code, field, message, detail),
    warning: (code, field, message, detail = {}) => add('warning', code, field, message, detail),
  };
}
