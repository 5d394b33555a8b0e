/** Tests the chart with values as people publish them for the ingress-nginx chart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { helm, type Rendered, render, template } from './helm.ts';
import { checkObject } from './object-check.ts';
import { renderNotes } from './notes.ts';
import { renderPod } from './pod.ts';

interface Published {
  readonly name: string;
  readonly values: unknown;
  readonly refused?: readonly string[];
  readonly notes?: readonly string[];
  readonly guards?: readonly string[];
  /** Kind of an object → path of a field → expected value; or `flags` → name of a flag → expected value. */
  readonly expect?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const PUBLISHED = parse(readFileSync(join(import.meta.dirname, 'fixtures/published.yaml'), 'utf8')) as Published[];

function at(object: unknown, path: string): unknown {
  let found = object;
  for (const name of path.split('.')) found = (found as Readonly<Record<string, unknown>> | undefined)?.[name];
  return found;
}

/** The object of a kind. If there are several, the object with the name of the controller. */
function objectOf(objects: readonly Rendered[], kind: string): Rendered | undefined {
  const found = objects.filter((object) => object.kind === kind);
  return found.find(({ metadata }) => metadata.name === 'ingress-nginx-controller') ?? found[0];
}

/** The items of the list below a heading in the notes. */
function listBelow(notes: string, heading: string): readonly string[] {
  const lines = notes.split('\n');
  const first = lines.indexOf(heading) + 1;
  const end = lines.findIndex((line, index) => index >= first && !line.startsWith('- '));
  return first === 0 ? [] : lines.slice(first, end === -1 ? undefined : end).map((line) => line.slice(2));
}

test('published.yaml contains at least thirty sets of values with unique names', () => {
  expect(PUBLISHED.length).toBeGreaterThanOrEqual(30);
  expect(new Set(PUBLISHED.map(({ name }) => name)).size).toBe(PUBLISHED.length);
});

describe.skipIf(helm === undefined)('values that people published for the ingress-nginx chart', () => {
  test.for(PUBLISHED.filter(({ refused }) => refused === undefined))(
    'are accepted and have the expected effects: $name',
    isAccepted,
  );
  test.for(PUBLISHED.filter(({ refused }) => refused !== undefined))('are rejected with a reason: $name', isRefused);
});

async function isRefused({ values, refused = [] }: Published): Promise<void> {
  const { failed, stderr } = await template({ values });
  expect(failed).toBe(true);
  const reasons = stderr.split('\n').flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []));
  const beginnings = reasons.map((reason) => refused.find((each) => reason.startsWith(each)) ?? reason);
  expect(beginnings.toSorted()).toEqual(refused.toSorted());
}

async function isAccepted({ values, notes = [], guards = [], expect: expected = {} }: Published): Promise<void> {
  const objects = await render({ values });
  expect(objects.flatMap((object) => checkObject(object) ?? [])).toEqual([]);
  for (const [kind, fields] of Object.entries(expected)) {
    if (kind === 'flags') {
      expect(Object.fromEntries((await renderPod({ values })).flags)).toMatchObject(fields);
      continue;
    }
    for (const [path, value] of Object.entries(fields)) {
      const found = at(objectOf(objects, kind), path);
      if (typeof value === 'object') expect(found).toMatchObject(value as object);
      else expect(found).toBe(value);
    }
  }
  const text = await renderNotes({ values });
  const without = listBelow(text, 'Values without effect:');
  for (const path of notes) expect(without.filter((line) => line.startsWith(path))).toHaveLength(1);
  const off = listBelow(text, 'GUARDS THAT ARE OFF:');
  expect(off.map((line) => line.split(/[: ]/)[0]).toSorted()).toEqual(guards.toSorted());
}
