/** `tidegate explain` prints what docs/explain.md shows, and says what is wrong with its arguments. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/explain.md'), 'utf8');
const [, MANIFEST = ''] = /```yaml\n(.*?)```/s.exec(PAGE) ?? [];
const EXAMPLES = [...PAGE.matchAll(/```console\n\$ npx tidegate explain ([^\n]*)\n(.*?)```/gs)].map(
  ([, line = '', output = '']) => ({ line, output }),
);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-explain-test-'));
  writeFileSync(join(folder, 'shop.yaml'), MANIFEST);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { cwd: folder, encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } } as const;
  return spawnSync(process.execPath, [join(ROOT, 'bin/tidegate.js'), 'explain', ...args], options);
}

/** Splits a line of the page into arguments, and the field that jq selects. */
function argumentsIn(line: string): { readonly args: readonly string[]; readonly field: string | undefined } {
  const [command = '', filter] = line.split(' | jq .');
  const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  return { args, field: filter };
}

it('docs/explain.md has examples', () => expect(EXAMPLES.length).toBeGreaterThanOrEqual(4));

it.each(EXAMPLES)('docs/explain.md shows what tidegate explain $line prints', ({ line, output }) => {
  const { args, field } = argumentsIn(line);
  const { stdout, status, stderr } = run(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  if (field === undefined) expect(stdout).toBe(output);
  else expect((JSON.parse(stdout) as Record<string, unknown>)[field]).toEqual(JSON.parse(output));
});

it('docs/explain.md describes every field of the JSON output', () => {
  const { stdout } = run(['http://shop.example.com/', '-o', 'json', 'shop.yaml']);
  const documented = [...PAGE.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name = '']) => name);
  expect(Object.keys(JSON.parse(stdout) as object).toSorted()).toEqual(documented.toSorted());
});

it('colours are used only if they are forced or on a terminal', () => {
  const args = ['http://shop.example.com/', 'shop.yaml'];
  expect(run(args).stdout).not.toContain('\u001b');
  expect(run(args, { FORCE_COLOR: '1', NO_COLOR: '' }).stdout).toContain('\u001b[');
});

it.each([
  [['shop.example.com', 'shop.yaml'], '"shop.example.com" is not a URL with http or https'],
  [['http://alice:secret@shop.example.com/', 'shop.yaml'], 'has a user name before its host'],
  [['http://a b/', 'shop.yaml'], 'has no valid host'],
  [['http://a.example/ b', 'shop.yaml'], 'has a space or a control character'],
  [['http://a.example/', '-H', 'no header', 'shop.yaml'], '--header: "no header" is not a header'],
  [['http://a.example/', '--from', 'here', 'shop.yaml'], '--from: "here" is not an IP address'],
  [['http://a.example/', '--method', 'get', 'shop.yaml'], '--method: "get" is not a method'],
  [['http://a.example/', '--pod', 'a/b', 'shop.yaml'], 'leave out the paths of manifests'],
  [['http://a.example/', 'nowhere.yaml'], 'nowhere.yaml does not exist'],
])('wrong usage %j ends with 2 and says what is wrong', (args, message) => {
  const { status, stderr, stdout } = run(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it('a manifest with an error is reported, and the rest is explained', () => {
  writeFileSync(join(folder, 'broken.yaml'), 'kind: [');
  const { status, stderr, stdout } = run(['http://admin.example.com/', 'shop.yaml', 'broken.yaml']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: broken\.yaml:1/);
  expect(stdout).toContain('shop/admin:80 gets /');
});
