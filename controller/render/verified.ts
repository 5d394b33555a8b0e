/** Renders, and proves that the text means what was intended. */
import type { Rendered, Template } from './engine.ts';
import { verify } from './verify.ts';

/**
 * Thrown if the conf would not mean what the values say: an error in a template or a value type, never a user's
 * mistake.
 */
export class VerificationError extends Error {
  constructor(message: string) {
    super(`nginx.conf would not mean what was intended: ${message}`);
    this.name = 'VerificationError';
  }
}

/** Throws VerificationError if it does not mean that. */
export function assertVerified(what: Rendered): void {
  const difference = verify(what);
  if (difference !== undefined) throw new VerificationError(difference);
}

/** A template, rendered and verified. */
export function rendered(template: Template, view: object): Rendered {
  const what = template(view);
  assertVerified(what);
  return what;
}

/** Whether both were rendered from the same template and values, so that one proof holds for both. */
export function sameRendered(a: Rendered, b: Rendered): boolean {
  return (
    a.text === b.text &&
    a.outline === b.outline &&
    a.trees.length === b.trees.length &&
    a.trees.every((tree, index) => tree.text === b.trees[index]?.text) &&
    a.values.length === b.values.length &&
    a.values.every((value, index) => value.meaning === b.values[index]?.meaning)
  );
}
