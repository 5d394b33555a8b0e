/** A value for the chart in charts/, and what of the old installation has no place in the values. */
export interface ChartValue {
  readonly path: readonly string[];
  readonly value: unknown;
  /** What an administrator should know about the value; one or several sentences. */
  readonly comment?: string;
}

/** Something of the old installation that is left out. */
export interface OmittedPart {
  /** `--profiling=true`, `enable-opentelemetry: "true"`. */
  readonly what: string;
  readonly why: string;
}

export interface ChartPart {
  readonly values: readonly ChartValue[];
  readonly leftOut: readonly OmittedPart[];
}

export function value(path: string, content: unknown, comment?: string): ChartValue {
  return { path: path.split('.'), value: content, ...(comment !== undefined && { comment }) };
}

/** The values whose content is neither undefined nor empty. */
export function filled(values: readonly ChartValue[]): readonly ChartValue[] {
  return values.filter(({ value: content }) => {
    if (content === undefined || content === null || content === '') return false;
    return typeof content !== 'object' || Object.keys(content).length > 0;
  });
}
