import { expect, it } from 'vitest';
import { KINDS } from './kinds.ts';
import { fieldsOf } from './schema.ts';

const SCALARS = ['string', 'number', 'boolean', 'Date', 'IntOrString', '{ [key: string]: string; }'];

it('the schema contains every type that the fields of our kinds use', () => {
  const seen = new Set<string>();
  const unknown: string[] = [];
  function walk(type: string): void {
    const item = type.replace(/^Array<(.*)>$/, '$1');
    if (seen.has(item) || SCALARS.includes(item)) return;
    seen.add(item);
    const fields = fieldsOf(item);
    if (fields === undefined) unknown.push(item);
    for (const [name, fieldType] of fields ?? []) if (name !== 'status' && name !== 'managedFields') walk(fieldType);
  }
  for (const { type } of Object.values(KINDS)) walk(type);
  expect(unknown).toEqual([]);
  expect(seen.size).toBeGreaterThan(30);
});
