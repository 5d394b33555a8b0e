/** Recognizes a Problem in later reports. */
import { hash } from 'node:crypto';
import { formatObject, type Problem } from './problem.ts';

const identities = new WeakMap<Problem, string>();

/**
 * Two Problems have the same identity if they are about the same thing: code, object, field, place and message are
 * equal. The identity is computed once for each object.
 */
export function problemIdentity(problem: Problem): string {
  const known = identities.get(problem) ?? compute(problem);
  identities.set(problem, known);
  return known;
}

function compute(problem: Problem): string {
  const object = problem.object === undefined ? '' : formatObject(problem.object);
  const place = problem.place === undefined ? '' : `${problem.place.file}:${problem.place.line}`;
  // A short hash, because there may be a Problem for each path of a cluster.
  return hash('sha1', JSON.stringify([problem.code, object, problem.field, problem.message, place]), 'base64');
}
