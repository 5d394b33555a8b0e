/**
 * Checks the shape of an object: every field must have the type that the API defines. The rules are those of the API
 * server with strict field validation: a wrong type causes the object to be rejected; an unknown field causes a warning
 * and is left out.
 */
import { isRecord } from '../../types/is-record.ts';
import type { FieldPath } from '../../types/problem.ts';
import type { Findings } from './finding.ts';
import { nearest } from './nearest.ts';
import { fieldsOf } from './schema.ts';

const LIST_EXAMPLES: { readonly [field: string]: string } = {
  rules: '- host: shop.example.com',
  paths: '- path: /',
  tls: '- secretName: shop-tls',
  hosts: '- shop.example.com',
  ports: '- port: 80',
  endpoints: '- addresses: ["10.0.0.1"]',
  addresses: '- 10.0.0.1',
};

/**
 * Returns a copy of `value` that conforms to `type`. Null means absent, as in the API; in a map of strings, it means an
 * empty string. Parts of a wrong type are reported and left out; in a list, an empty value replaces them, so that the
 * indexes of the other items stay the same. The caller has to reject the object if there were errors.
 */
export function conform(type: string, value: unknown, field: FieldPath, findings: Findings): unknown {
  if (type.startsWith('Array<')) return conformList(type.slice(6, -1), value, field, findings);
  if (type.startsWith('{ [key: string]: string')) return conformStringMap(value, field, findings);
  if (fieldsOf(type) !== undefined) return conformObject(type, value, field, findings);
  return conformScalar(type, value, field, findings);
}

function conformObject(type: string, value: unknown, field: FieldPath, findings: Findings): unknown {
  if (!isRecord(value)) return mustBe('a map', value, field, findings, 'key: value');
  const types = fieldsOf(type) ?? new Map<string, string>();
  const entries: [string, unknown][] = [];
  for (const [name, child] of Object.entries(value)) {
    const childType = types.get(name);
    if (childType === undefined) unknownField(name, types.keys(), field, findings);
    else if (name === 'status' && field.length === 0) entries.push([name, child]);
    else if (name !== 'managedFields' && child !== null) {
      const conformed = conform(childType, child, [...field, name], findings);
      if (conformed !== undefined) entries.push([name, conformed]);
    }
  }
  return Object.fromEntries(entries);
}

function conformList(type: string, value: unknown, field: FieldPath, findings: Findings): unknown {
  if (!Array.isArray(value)) {
    return mustBe('a list', value, field, findings, LIST_EXAMPLES[String(field.at(-1))] ?? '- first');
  }
  return value.map((item: unknown, index) => conform(type, item, [...field, index], findings) ?? emptyOf(type));
}

/** The empty value that replaces an item of a wrong type. */
function emptyOf(type: string): unknown {
  return type === 'string' ? '' : type === 'number' ? 0 : {};
}

function conformStringMap(value: unknown, field: FieldPath, findings: Findings): unknown {
  if (!isRecord(value)) return mustBe('a map', value, field, findings, 'key: "value"');
  const entries = Object.entries(value).map(([name, child]) => [
    name,
    child === null ? '' : conformScalar('string', child, [...field, name], findings),
  ]);
  return Object.fromEntries(entries);
}

function conformScalar(type: string, value: unknown, field: FieldPath, findings: Findings): unknown {
  const is = typeof value;
  if (type === 'string' || type === 'Date') {
    if (is === 'string') return value;
    if (is === 'number' || is === 'boolean') {
      findings.error('field-type', field, `must be a string, so a ${is} needs quotes`, {
        value,
        quoteSource: true,
      });
      return undefined;
    }
    return mustBe('a string', value, field, findings, '"text"');
  }
  if (type === 'boolean') return is === 'boolean' ? value : mustBe('true or false', value, field, findings, 'true');
  if (type === 'number') {
    return Number.isSafeInteger(value) ? value : mustBe('a whole number', value, field, findings, '80');
  }
  if (type === 'IntOrString') {
    const fits = Number.isSafeInteger(value) || is === 'string';
    return fits ? value : mustBe('a whole number or a name', value, field, findings, '8080');
  }
  throw new Error(`the models of client-node have a field of type ${type}, which is not handled`);
}

function mustBe(what: string, value: unknown, field: FieldPath, findings: Findings, example: string): undefined {
  const got = value === null ? 'empty' : Array.isArray(value) ? 'a list' : isRecord(value) ? 'a map' : undefined;
  const subject = field.length === 0 ? 'the object ' : '';
  const message = `${subject}must be ${what}${got === undefined ? '' : `, not ${got}`}`;
  findings.error('field-type', field, message, { example, ...(got === undefined ? { value } : {}) });
  return undefined;
}

function unknownField(name: string, known: Iterable<string>, field: FieldPath, findings: Findings): void {
  const meant = nearest(name, known);
  const message = 'is not a known field';
  const path = [...field, name];
  if (meant === undefined) findings.warning('unknown-field', path, message);
  else findings.warning('unknown-field', path, `${message}; did you mean ${meant}?`, { example: `${meant}:` });
}
