import { expect, test } from 'vitest';
import { TEMPLATES } from '../golden/build-fixed.ts';
import { undeclared } from './undeclared.ts';

const READ = new Set(['tidegate_reason', 'tidegate_tries', 'status']);
const names = (templates: readonly string[], read: ReadonlySet<string>) =>
  undeclared(templates, read).flatMap(({ lines }) => lines.map(({ args }) => args.at(-1)?.conf));

test('the built-in templates declare every variable that Lua writes', () => {
  expect(names([TEMPLATES.conf, TEMPLATES.server], READ)).toEqual([]);
});

test('variables that an older template lacks are declared if they are read', () => {
  const older = TEMPLATES.server.replace(/^ *set \$tidegate_(?:tries|reason) .*\n/gm, '');
  expect(names([TEMPLATES.conf, older], READ)).toEqual(['$tidegate_reason', '$tidegate_tries']);
  expect(names([TEMPLATES.conf, older], new Set(['status']))).toEqual([]);
});
