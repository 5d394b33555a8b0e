/** Converts the query parameters labelSelector and fieldSelector to predicates. */
import { badRequest } from './failure.ts';
import { fieldAt, textOf } from './object.ts';
import type { ApiObject } from './object.ts';
import type { Resource } from './resources.ts';

export type Selector = (object: ApiObject) => boolean;

const SET = /^\s*([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)\s*$/;
const EQUAL = /^\s*([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)\s*$/;
const EXISTS = /^\s*(!?)\s*([\w./-]+)\s*$/;

function labelTerm(term: string): Selector {
  const set = SET.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return ({ metadata }) => values.has(metadata.labels?.[key] ?? '\0') === (operator === 'in');
  }
  const equal = EQUAL.exec(term);
  if (equal) {
    const [, key = '', operator, value = ''] = equal;
    return ({ metadata }) => (metadata.labels?.[key] === value) === (operator !== '!=');
  }
  const exists = EXISTS.exec(term);
  if (!exists) throw badRequest(`unable to parse requirement: ${term}`);
  const [, not, key = ''] = exists;
  return ({ metadata }) => (metadata.labels?.[key] !== undefined) === (not === '');
}

/** Parses a label selector, such as `a=b,c!=d,e in (f,g),!h`. An empty one selects all objects. */
export function labelSelector(text: string): Selector {
  if (text.trim() === '') return () => true;
  // A comma inside the parentheses of a set does not separate terms.
  const terms = text.split(/,(?![^(]*\))/).map(labelTerm);
  return (object) => terms.every((term) => term(object));
}

/**
 * Parses a field selector, such as `metadata.name=a,type!=b`. As in the real server, a field that the resource does not
 * support is rejected.
 */
export function fieldSelector(text: string, resource: Resource): Selector {
  if (text.trim() === '') return () => true;
  const offered = new Set([
    'metadata.name',
    ...(resource.namespaced ? ['metadata.namespace'] : []),
    ...resource.fields,
  ]);
  const terms = text.split(',').map((term): Selector => {
    const parsed = /^([\w.]+)(==|=|!=)(.*)$/.exec(term.trim());
    if (!parsed) throw badRequest(`invalid field selector: ${term}`);
    const [, field = '', operator, value = ''] = parsed;
    if (!offered.has(field)) throw badRequest(`field label not supported: ${field}`);
    const path = field.split('.');
    return (object) => (textOf(fieldAt(object, path)) === value) === (operator !== '!=');
  });
  return (object) => terms.every((term) => term(object));
}
