/** Runs `nginx -t` and measures its wall time and CPU time with bash. */
import { execa } from 'execa';
import { join } from 'node:path';
import type { RunDirectory } from './disk.ts';

export interface ConfTest {
  readonly ms: number;
  /** Milliseconds of CPU. */
  readonly cpu: number;
}

/**
 * A command that runs `nginx -t`. Its last line of output is three numbers: seconds of wall, user and system time. It
 * names a pid file of its own, because `nginx -t` empties its pid file.
 */
export function testCommand({ path }: RunDirectory): readonly string[] {
  const run = join(path, 'run');
  const test = `nginx -t -q -e stderr -p ${run} -c ${path}/conf/nginx.conf -g 'pid ${run}/test.pid;'`;
  return ['bash', '-c', `export LC_ALL=C; TIMEFORMAT='%R %U %S'; time ${test} || echo 'nginx -t failed' >&2`];
}

/** Parses the output of the command. Throws if `nginx -t` failed. */
export function readTimes(output: string): ConfTest {
  const [, wall, user, system] = /^([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(output) ?? [];
  if (wall === undefined || output.includes('nginx -t failed')) throw new Error(output.trim());
  return { ms: Number(wall) * 1000, cpu: (Number(user) + Number(system)) * 1000 };
}

export async function testConf(directory: RunDirectory): Promise<ConfTest> {
  const [file = '', ...args] = testCommand(directory);
  const { stderr } = await execa(file, args, { timeout: 120_000 });
  return readTimes(stderr);
}
