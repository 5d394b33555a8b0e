/** A program whose output lines are read, that is ended by signals, and that may be restarted. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../runner/instance.ts';

export interface Program {
  readonly pid: number;
  /** Everything it printed, on both streams, over all its starts. */
  readonly lines: readonly string[];
  running(): boolean;
  start(): void;
  /** Sends a signal and waits, at most 30 s, until it has ended; returns its exit status, null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** The first line from number `from` on that matches; throws with the last lines after `timeout` ms. */
  line(pattern: RegExp, from?: number, timeout?: number): Promise<string>;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Restarts it this many milliseconds after it ended by itself, like the kubelet. */
  readonly restartMs?: number;
  /** File for its output, for a program that opens /dev/stdout: Node's pipes are sockets, which cannot be opened. */
  readonly log?: string;
}

/** Describes a program; nothing runs before `start`. */
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
      for (let next = from; ; ) {
        for (; next < lines.length; next += 1) if (pattern.test(lines[next] ?? '')) return lines[next] ?? '';
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
