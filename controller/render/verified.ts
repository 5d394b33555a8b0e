/** Renders templates, and verifies that the text has the intended meaning. */
import type { Rendered, Template } from './engine.ts';
import { verify } from './verify.ts';

/**
 * Thrown if nginx would read something from the conf that differs from what the values mean. The cause is an error in a
 * template or a value type, never a mistake of a user.
 */
export class VerificationError extends Error {
  constructor(message: string) {
    super(`nginx.conf would not mean what was intended: ${message}`);
    this.name = 'VerificationError';
  }
}

/** Throws VerificationError if the rendered text does not have the intended meaning. */
export function assertVerified(what: Rendered): void {
  const difference = verify(what);
  if (difference !== undefined) throw new VerificationError(difference);
}

/** Renders and verifies a template. */
export function rendered(template: Template, view: object): Rendered {
  const what = template(view);
  assertVerified(what);
  return what;
}

/** Whether two results come from the same template and values, so that verifying one of them is enough. */
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
