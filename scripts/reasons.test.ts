/** Compares docs/reasons.md with the reasons that the Lua code and the model can give. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const lua = globSync('nginx/lua/**/*.lua', { cwd: root }).map(read).join('\n');
const model = globSync('controller/model/**/*.ts', { cwd: root, exclude: (path) => path.endsWith('.test.ts') })
  .map(read)
  .join('\n');
const page = read('docs/reasons.md');

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

/** A reason without the word after its colon, which is an annotation or a key. */
function kind(reason: string): string {
  return reason.replace(/:.*/, '');
}

const limits = /^limited:/;
const kindOrLimit = (reason: string): string => (limits.test(reason) ? reason : kind(reason));

test('docs/reasons.md lists exactly the reasons that the Lua code can give', () => {
  const module = read('nginx/lua/tidegate/values/reason.lua');
  const given = [
    ...all(lua, /reason\.note\('([^']+)'\)/g),
    ...all(lua, /reason\.note_for\('([^']+)'/g),
    ...all(lua, /tidegate_auth_reason = .*?'([a-z-]+)'/g),
    ...all(lua, /tidegate_auth_reason = .* or '([a-z-]+)'/g),
    ...all(module, /return '([a-z-]+(?::[a-z]+)?)'/g),
    ...all(module, /(?:and|or) '([a-z-]+)'/g),
    ...all(module, /^ {2}\[\d{3}\] = '([^']+)'/gm),
  ];
  const listed = all(page, /^\| `([^`]+)`/gm).filter((reason) => reason !== 'reason');
  expect([...new Set(listed.map(kindOrLimit))].toSorted()).toEqual([...new Set(given.map(kindOrLimit))].toSorted());
});

test('docs/reasons.md lists every reason that an explanation can give', () => {
  const explain = globSync('controller/explain/*.ts', { cwd: root }).map(read).join('\n');
  const given = [
    ...all(explain, /reason: '([^']+)'/g),
    ...all(explain, /reason(?: =|:) `([a-z]+:)\$/g),
    ...all(explain, /\[\d{3}, '([a-z-]+)'\]/g),
  ];
  expect(given.length).toBeGreaterThan(30);
  const listed = new Set(all(page, /^\| `([^`]+)`/gm).map(kindOrLimit));
  expect(given.map(kindOrLimit).filter((reason) => !listed.has(reason))).toEqual([]);
});

test('docs/reasons.md lists the words after `closed:` that are not annotations', () => {
  const [, words = ''] = /word[^]*?can follow it:([^]*?)In each of these cases/.exec(page) ?? [];
  const given = [...all(model, /closedSettings\('([^']+)'\)/g), ...all(model, /closed\('(quarantine|share|path)'\)/g)];
  expect(all(words, /^- `([^`]+)`/gm).toSorted()).toEqual([...new Set(given)].toSorted());
});
