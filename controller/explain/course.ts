/** The course of a request: the steps so far, and the results that are possible besides the usual one. */
import type { RequestOutcome, Step, StepName, StepResult } from './explanation.ts';

/** An answer of NGINX itself. */
export interface NginxAnswer {
  readonly status: number;
  /** The header Location, as a byte string. */
  readonly location?: string;
  /** True if Lua writes the response, so no error page replaces it. */
  readonly written?: true;
  /** The reason in the access log: see docs/reasons.md. */
  readonly reason?: string;
}

export interface Course {
  readonly steps: Step[];
  /** Results with a condition. */
  readonly outcomes: RequestOutcome[];
}

export function newCourse(): Course {
  return { steps: [], outcomes: [] };
}

/** Adds a step. If several backends are possible, a step that is the same for all of them is noted once. */
export function note({ steps }: Course, name: StepName, result: StepResult, text: string): void {
  if (!steps.some((each) => each.name === name && each.text === text)) steps.push({ name, result, text });
}
