/** The text of a Problem contains object, field, value, reason and example, each only once. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { StaticOptions } from '../app/build.ts';
import { readManifests } from '../cluster/index.ts';
import { DEFAULT_PREFIX, ANNOTATION_KEYS, parseAnnotations } from '../model/features/annotations.ts';
import { DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import { readSettings, SETTING_KEYS } from '../model/settings/settings.ts';
import { problemText } from '../report/problem-text.ts';
import { formatField, formatObject, type Problem } from '../types/problem.ts';
import { buildFixed } from './build-fixed.ts';
import { optionsOf } from './case-options.ts';

const CASES = path.join(import.meta.dirname, 'cases');
const INGRESS = { kind: 'Ingress', namespace: 'shop', name: 'web' };
const EVERYTHING = {
  'allow-snippet-annotations': true,
  'snippet-namespaces': [],
  'annotations-risk-level': 'Critical',
  'annotation-value-word-blocklist': [],
} as const;

async function ofCases(): Promise<readonly Problem[]> {
  const all = readdirSync(CASES).map(async (name) => {
    const folder = path.join(CASES, name);
    const manifests = await readManifests([path.join(folder, 'in.yaml')]);
    const options: Partial<StaticOptions> = await optionsOf(folder);
    return [...manifests.problems, ...buildFixed(manifests.snapshot, undefined, options).problems];
  });
  return (await Promise.all(all)).flat();
}

function ofBadValues(): readonly Problem[] {
  const annotations = [...ANNOTATION_KEYS].flatMap(([name, { bad }]) =>
    bad.flatMap((raw) => {
      const metadata = { annotations: { [`${DEFAULT_PREFIX}/${name}`]: raw } };
      return parseAnnotations({ metadata }, INGRESS, DEFAULT_PREFIX, EVERYTHING, DEFAULT_BOUNDS).problems;
    }),
  );
  const settings = [...SETTING_KEYS].flatMap(([name, { bad }]) =>
    bad.flatMap((raw) => readSettings({ metadata: { name: 'c', namespace: 'n' }, data: { [name]: raw } }).problems),
  );
  return [...annotations, ...settings];
}

/**
 * Problems about the name of an annotation, which do not contain its value: values of such annotations are not stored.
 */
const BY_NAME = new Set(['unknown-annotation', 'foreign-annotation', 'misplaced-annotation']);

/** Number of consecutive words that may not occur twice in a message. */
const ROW = 3;

/** The first sequence of three words that occurs twice; quoted text is ignored. */
function saidTwice(text: string): string | undefined {
  const words = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').match(/[\p{L}\p{N}][\p{L}\p{N}./$-]*/gu) ?? [];
  const seen = new Map<string, number>();
  for (let at = 0; at + ROW <= words.length; at += 1) {
    const row = words
      .slice(at, at + ROW)
      .join(' ')
      .toLowerCase();
    const before = seen.get(row);
    if (before !== undefined && at - before >= ROW) return row;
    if (before === undefined) seen.set(row, at);
  }
  return undefined;
}

/** What the printed text contains twice or lacks; undefined if it is correct. */
function fault(problem: Problem): string | undefined {
  const { place: _, ...bare } = problem;
  const { object, field = [], example, value, code } = bare;
  const text = problemText(bare, () => undefined);
  const [whose, place] = [object === undefined ? '' : formatObject(object), formatField(field)];
  const head = [whose, place].filter((part) => part !== '').map((part) => `${part}: `);
  expect(text.startsWith(head.join(''))).toBe(true);
  const said = text.slice(head.join('').length).replace(/; for example (?!.*; for example ).*$/s, '');
  const answersTwice = object?.kind === 'ConfigMap' && /\b403\b/.test(said) && said.includes('answers 503');
  const ofAnnotation = field[1] === 'annotations' && field.length > 2;
  const row = saidTwice(said) ?? '';
  const found = Object.entries({
    object: whose !== '' && `${said} `.includes(`${whose} `),
    field: place !== '' && said.startsWith(place),
    'answers both 403 and 503': answersTwice,
    'no value': ofAnnotation && value === undefined && !BY_NAME.has(code),
    'lacks value': code === 'invalid-annotation' && (value === undefined || example === undefined),
    [row]: row !== '',
  }).find(([, isFault]) => isFault);
  return found === undefined ? undefined : `${found[0]}: ${text}`;
}

const faults = (problems: readonly Problem[]) => [...new Set(problems.map(fault))].filter((each) => each !== undefined);

test('saidTwice() finds words that occur twice', () => {
  expect(saidTwice('is not one of on, off; accepted: one of on, off')).toBe('one of on');
  expect(saidTwice('is not a whole number; accepted: a whole number, 0 to 9')).toBe('a whole number');
  expect(saidTwice('must be a whole number, 0 to 9')).toBeUndefined();
});

test('no Problem of the golden cases repeats words, or lacks the written value or an accepted example', async () => {
  const problems = await ofCases();
  expect(problems.length).toBeGreaterThan(50);
  expect(faults(problems)).toEqual([]);
});

test('no Problem about an invalid value repeats words, or lacks the written value or an accepted example', () => {
  const problems = ofBadValues();
  expect(problems.length).toBeGreaterThan(500);
  expect(faults(problems)).toEqual([]);
});
