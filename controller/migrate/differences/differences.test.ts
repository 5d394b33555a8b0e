/** The marks on docs/differences.md name keys that exist, and sentences that exist. */
import { expect, test } from 'vitest';
import { flagsOf } from '../../cli/flags.ts';
import { ANNOTATION_KEYS } from '../../model/features/annotations.ts';
import { SETTING_KEYS } from '../../model/settings/settings.ts';
import { CONDITIONS } from '../conditions.ts';
import { extractDifferences } from './extract.ts';
import { MARKS } from './marks.ts';

const FLAGS = new Set(flagsOf('controller').map(({ name }) => `--${name}`));

function isKnown(name: string): boolean {
  const known = name.startsWith('configmap:')
    ? new Set([...SETTING_KEYS.keys()].map((key) => `configmap:${key}`))
    : name.startsWith('--')
      ? FLAGS
      : new Set(ANNOTATION_KEYS.keys());
  return name.endsWith('*') ? [...known].some((each) => each.startsWith(name.slice(0, -1))) : known.has(name);
}

test('every mark names annotations, ConfigMap keys and flags that exist', () => {
  const named = MARKS.flatMap(({ keys }) => keys);
  expect(named.length).toBeGreaterThan(150);
  expect(named.filter((name) => !isKnown(name))).toEqual([]);
});

test('only a mark with a condition, or for everyone, names no key', () => {
  const silent = MARKS.filter(({ keys, kind, when }) => keys.length === 0 && kind !== 'everyone' && when === undefined);
  expect(silent).toEqual([]);
});

test('every condition is used', () => {
  const used = new Set(MARKS.map(({ when }) => when));
  expect(CONDITIONS.filter((condition) => !used.has(condition))).toEqual([]);
});

const PAGE =
  '# Page\n\n## One Chapter\n\n- First. Second `x`\n  goes [on](a.md).\n\n  | a | b |\n  | - | - |\n- Other.\n';

test('a mark selects sentences, without line breaks, tables and links', () => {
  const mark = { kind: 'detail', keys: ['a'], from: 'Second', count: 1 } as const;
  expect(extractDifferences(PAGE, [mark])).toEqual([
    { kind: 'detail', keys: ['a'], chapter: 'One Chapter', anchor: 'one-chapter', text: 'Second `x` goes on.' },
  ]);
});

test.each([
  ['a sentence that is not there', { from: 'Third', count: 1 }],
  ['more sentences than there are', { from: 'Second', count: 2 }],
])('a mark with %s is an error that names it', (_, where) => {
  expect(() => extractDifferences(PAGE, [{ kind: 'detail', keys: [], ...where }])).toThrow(where.from);
});
