import { placeOf } from '../report/problem-text.ts';
import { formatField, type Locator, type Problem } from '../types/problem.ts';

/** A Problem for JSON output: a flat object, with the field as text and the place in the manifest file. */
export function problemJson(problem: Problem, locate: Locator): object {
  const { field, place: _, elsewhere: _elsewhere, winner: _winner, ...rest } = problem;
  return { ...rest, field: field === undefined ? undefined : formatField(field), place: placeOf(problem, locate) };
}
