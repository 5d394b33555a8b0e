import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from './lock.ts';
import { formatIdentity, readProcess } from './process-identity.ts';
import { prepareRunDir, runPaths } from './run-dir.ts';
import type { RunPaths } from './run-dir.ts';

let paths: RunPaths;
beforeEach(async () => {
  paths = runPaths(await mkdtemp(join(tmpdir(), 'tidegate-lock-')));
  await prepareRunDir(paths, null);
});
afterEach(() => rm(paths.root, { recursive: true, force: true }));

test('a second controller is refused; the message names the pid of the first one and the directory', async () => {
  const other = spawn('sleep', ['20'], { stdio: 'ignore' });
  const identity = readProcess(other.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  await writeFile(paths.lock, formatIdentity(identity));
  await expect(acquireLock(paths)).rejects.toThrow(
    `run directory ${paths.root} is in use by the controller with pid ${identity.pid}`,
  );
  other.kill('SIGKILL');
  await once(other, 'exit');
  const lock = await acquireLock(paths);
  expect(await readFile(paths.lock, 'utf8')).toContain(`${process.pid} `);
  await lock.release();
  expect(await readdir(paths.controller)).toEqual([]);
});

test('a lock can be acquired if another process now has the pid of its former holder', async () => {
  await writeFile(paths.lock, formatIdentity({ pid: process.ppid, startTime: '1' }));
  await (await acquireLock(paths)).release();
});

test('only one of many simultaneous attempts to acquire the lock succeeds', async () => {
  await writeFile(paths.lock, 'nonsense');
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(paths)));
  expect(tries.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
});

test('if many processes find a stale lock at once, only one of them acquires it', async () => {
  const script = `
    import { acquireLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    import { runPaths } from ${JSON.stringify(new URL('run-dir.ts', import.meta.url).href)};
    process.stdin.once('data', () => acquireLock(runPaths(${JSON.stringify(paths.root)})).then(
      () => console.log('taken'), () => console.log('refused'),
    ));
    console.log('ready');
    setTimeout(() => process.exit(), 10_000);`;
  for (let round = 0; round < 3; round += 1) {
    await writeFile(paths.lock, 'nonsense');
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    const answers = children.map(async (child) => String(((await once(child.stdout, 'data')) as [Buffer])[0]).trim());
    for (const child of children) child.stdin.write('go');
    const taken = (await Promise.all(answers)).filter((answer) => answer === 'taken');
    const gone = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(gone);
    expect(taken).toHaveLength(1);
  }
});

test('release() does not remove a lock that another controller has acquired meanwhile', async () => {
  const lock = await acquireLock(paths);
  await writeFile(paths.lock, '4711 1\n');
  await lock.release();
  expect(await readFile(paths.lock, 'utf8')).toBe('4711 1\n');
});
