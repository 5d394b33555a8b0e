import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { readMaster, signalMaster } from './master.ts';
import { isSignalablePid, parseIdentity, readProcess } from './process-identity.ts';

const folder = await mkdtemp(join(tmpdir(), 'tidegate-master-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([0, -1, 1, NaN, 1.5, Infinity, process.pid])('no signal is sent to pid %s', (pid) => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => true);
  expect(isSignalablePid(pid)).toBe(false);
  expect(() => signalMaster({ pid, startTime: '1' }, 'SIGHUP')).toThrow(/refusing/);
  expect(kill).not.toHaveBeenCalled();
  kill.mockRestore();
});

test('no signal is sent to another process that has the former pid of the master', () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => true);
  expect(signalMaster({ pid: process.ppid, startTime: '1' }, 'SIGTERM')).toBe(false);
  expect(kill).not.toHaveBeenCalled();
  kill.mockRestore();
});

test.each(['', '\n', '0 1\n', '-5 1', '12', '12 x', '1 1', 'NaN 3', '99999999999 1'])(
  'the text %j in the file of the master does not identify a process',
  async (text) => {
    const file = join(folder, 'master');
    await writeFile(file, text);
    expect(readMaster(file)).toBeUndefined();
  },
);

test('a running process that is not NGINX does not count as the master', async () => {
  const file = join(folder, 'master');
  const parent = readProcess(process.ppid);
  await writeFile(file, `${parent?.pid} ${parent?.startTime}\n`);
  expect(parseIdentity(`${parent?.pid} ${parent?.startTime}\n`)).toEqual({
    pid: parent?.pid,
    startTime: parent?.startTime,
  });
  expect(readMaster(file)).toBeUndefined();
  expect(readMaster(join(folder, 'absent'))).toBeUndefined();
});
