/** A program that a test can start, stop with a signal and restart, and whose output it can read. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../runner/instance.ts';
import { lineSearch } from '../runner/line-search.ts';

export interface Program {
  readonly pid: number;
  /** The lines that the program has printed to stdout and stderr, since it was started for the first time. */
  readonly lines: readonly string[];
  running(): boolean;
  start(): void;
  /**
   * Sends a signal, and waits at most 30 s until the program has ended. Returns its exit status, or null if a
   * signal terminated it or it was never started.
   */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Waits for a line that matches, from line `from` on. After `timeout` ms, throws with the last lines. */
  line(pattern: RegExp, from?: number, timeout?: number): Promise<string>;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Restarts the program this many milliseconds after an exit that the test did not cause, as the kubelet does. */
  readonly restartMs?: number;
  /** A file for the output of a program that opens /dev/stdout. It cannot open Node's pipes, which are sockets. */
  readonly log?: string;
}

/** Creates a program, which does not run before `start` is called. */
export function createProgram(file: string, args: readonly string[], options: ProgramOptions): Program {
  const lines: string[] = [];
  let child: ChildProcess | undefined;
  let wanted = false;

  function collect(stream: NodeJS.ReadableStream | null): void {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
  }
  function running(): boolean {
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }
  function start(): void {
    wanted = true;
    const env = { ...process.env, ...options.env };
    const output = options.log === undefined ? 'pipe' : openSync(options.log, 'a');
    const started = spawn(file, args, { cwd: options.cwd, env, stdio: ['ignore', output, output] });
    if (typeof output === 'number') closeSync(output);
    child = started;
    collect(started.stdout);
    collect(started.stderr);
    started.on('error', (error) => lines.push(String(error)));
    started.on('exit', () => {
      if (options.restartMs === undefined) return;
      setTimeout(() => wanted && !running() && start(), options.restartMs);
    });
  }
  return {
    get pid() {
      return child?.pid ?? 0;
    },
    get lines() {
      return options.log === undefined ? lines : readFileSync(options.log, 'utf8').split('\n');
    },
    running,
    start,
    async end(signal) {
      wanted = false;
      if (child === undefined) return null;
      const ended = child;
      if (running()) ended.kill(signal);
      await until(`${file} ends on ${signal}`, () => ended.exitCode !== null || ended.signalCode !== null, 30_000);
      return ended.exitCode;
    },
    async line(pattern, from = 0, timeout = 20_000) {
      const end = performance.now() + timeout;
      const search = lineSearch(pattern, from);
      for (;;) {
        const found = search(lines);
        if (found !== undefined) return found;
        const over = performance.now() > end;
        if (over || !running()) {
          const why = over ? `within ${timeout} ms` : 'and the program ended';
          throw new Error(`no line matches ${pattern} ${why}:\n${lines.slice(-40).join('\n')}`);
        }
        await sleep(5);
      }
    },
  };
}
