/** Checks the result that examples/README.md describes for each edit, and the commands that `npm start` proposes. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProgram } from '../cluster/program.ts';
import type { Program } from '../cluster/program.ts';
import { freePort } from '../runner/port.ts';
import { masterOf } from '../runner/processes.ts';
import { copyCheckout } from './checkout.ts';

let folder = '';
let examples = '';
let program: Program;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-examples-'));
  // NGINX's workers run as another user.
  chmodSync(folder, 0o755);
  const checkout = copyCheckout(folder);
  examples = join(checkout, 'examples');
  const ports = ['--http-port', String(await freePort()), '--https-port', String(await freePort())];
  const args = ['examples/start.ts', ...ports, '--run-dir', join(folder, 'run')];
  program = createProgram(process.execPath, args, { cwd: checkout });
  program.start();
  await program.line(/^try:/, 0, 40_000);
}, 60_000);

afterAll(async () => {
  await program?.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('the three curl commands that npm start prints work as printed', async () => {
  await program.line(/tea/);
  const lines = program.lines.filter((line) => line.trim().startsWith('curl '));
  expect(lines).toHaveLength(3);
  const asked = lines.map((line) =>
    spawnSync('sh', ['-c', `${line} --silent --output /dev/null --write-out '%{http_code}'`], { encoding: 'utf8' }),
  );
  expect(asked.map(({ stdout }) => stdout)).toEqual(['200', '200', '200']);
});

it('the web page is built at the first start, and is at the address that npm start prints', async () => {
  const url = /http:\S+/.exec(program.lines.find((line) => line.startsWith('web page: ')) ?? '')?.[0] ?? '';
  const page = await (await fetch(url)).text();
  const [script = ''] = /\/assets\/[^"]+\.js/.exec(page) ?? [];
  expect((await fetch(new URL(script, url))).headers.get('content-type')).toContain('text/javascript');
  const names = (await (await fetch(new URL('/v1/names', url))).json()) as { readonly hosts: readonly string[] };
  expect(names.hosts).toContain('cafe.example.com');
});

interface Edit {
  readonly file: string;
  readonly change: (text: string) => string;
  readonly said: RegExp;
}

/** Replaces the last occurrence of a string, which must exist. */
function swap(former: string, next: string): Edit['change'] {
  return (text) => {
    const at = text.lastIndexOf(former);
    if (at < 0) throw new Error(`the example has no ${former}`);
    return text.slice(0, at) + next + text.slice(at + former.length);
  };
}

function add(more: string): Edit['change'] {
  return (text) => `${text}---\n${more}\n`;
}

const HOST =
  'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: new, namespace: default }\nspec: { rules: [{ host: ' +
  'new.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: tea, port: { number: 80 } } } }] } }] }';
const SECOND = 'ready: true\n  - addresses: [127.0.0.3]\n    conditions: { ready: true }';

/** Beginning of the first cell of a row of the table in examples/README.md → the edits that the row names. */
const EDITS: Readonly<Record<string, readonly Edit[]>> = {
  'a label that is not used': [
    { file: 'cafe.yaml', change: swap('  name: tea\n', '  name: tea\n  labels: { season: winter }\n'), said: /none: / },
  ],
  '`ready: false` for an endpoint of coffee': [
    { file: 'cafe.yaml', change: swap('ready: true', 'ready: false'), said: /live: endpoints of default\/coffee/ },
    { file: 'cafe.yaml', change: swap('ready: false', 'ready: true'), said: /live: endpoints of default\/coffee/ },
    { file: 'cafe.yaml', change: swap('ready: true', SECOND), said: /live: endpoints of default\/coffee/ },
  ],
  '`rewrite-target: /v2/$2`': [
    {
      file: 'echo.yaml',
      change: swap('rewrite-target: /$2', 'rewrite-target: /v2/$2'),
      said: /live: route of default\/echo/,
    },
    {
      file: 'echo.yaml',
      change: swap('name: echo\n                port', 'name: tea\n                port'),
      said: /live: /,
    },
  ],
  '`proxy-body-size: 4m` in echo.yaml': [
    {
      file: 'echo.yaml',
      change: swap('proxy-body-size: 2m', 'proxy-body-size: 4m'),
      said: /reload: server block of echo.example.com/,
    },
  ],
  'a new host': [{ file: 'echo.yaml', change: add(HOST), said: /reload: new host new.example.com/ }],
  '`proxy-body-size` in settings.yaml': [
    {
      file: 'settings.yaml',
      change: swap('proxy-body-size: 8m', 'proxy-body-size: 9m'),
      said: /reload: settings of the ConfigMap/,
    },
  ],
  'a mistake in echo.yaml': [
    {
      file: 'echo.yaml',
      change: swap('proxy-body-size: 4m', 'proxy-body-size: lots'),
      said: /warn: .*proxy-body-size.*for example/,
    },
  ],
};

/** Edits a file like an editor that replaces the file, and waits for the expected output. */
async function edit({ file, change, said }: Edit): Promise<void> {
  const from = program.lines.length;
  const path = join(examples, file);
  writeFileSync(`${path}.new~`, change(readFileSync(path, 'utf8')));
  renameSync(`${path}.new~`, path);
  await program.line(said, from);
}

it('each edit in the table of examples/README.md has the result that the table describes', async () => {
  const readme = readFileSync(join(examples, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| (.*?) +\| `(none|live|reload)` +\|/gm)];
  const names = Object.keys(EDITS);
  expect(rows.map(([, cell = '']) => names.find((name) => cell.startsWith(name)))).toEqual(names);
  for (const [, cell = '', outcome = ''] of rows) {
    const from = program.lines.length;
    const edits = EDITS[names.find((name) => cell.startsWith(name)) ?? ''] ?? [];
    for (const one of edits) await edit(one);
    await program.line(new RegExp(`^\\S+ ${outcome}: `), from);
  }
}, 60_000);

it('a comment that is added to an example causes no output', async () => {
  const from = program.lines.length;
  const path = join(examples, 'cafe.yaml');
  writeFileSync(path, `${readFileSync(path, 'utf8')}# a comment\n`);
  await sleep(1_000);
  expect(program.lines.slice(from)).toEqual([]);
});

it('Ctrl-C stops the controller and NGINX that npm start has started', async () => {
  expect(await program.end('SIGINT')).toBe(0);
  expect(masterOf(join(folder, 'run'))).toBeUndefined();
});
