/** Runs `nginx -t` on a candidate nginx.conf while NGINX keeps running. */
import { rm, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import type { Artifact } from '../types/artifact.ts';
import type { CheckResult } from '../types/outcome.ts';
import { withoutStamp } from './error-log.ts';
import { writeFiles } from './install.ts';
import type { RunPaths } from './run-dir.ts';

export interface CheckOptions {
  readonly binary: string;
  readonly paths: RunPaths;
  /**
   * Prefix and working directory of `nginx -t`, which creates its temporary folders and relative sockets there.
   */
  readonly prefix: string;
  readonly timeoutMs: number;
  /** Whether `nginx -t` runs at a low CPU priority. */
  readonly background?: boolean;
  /** Aborts the test. */
  readonly signal?: AbortSignal;
}

let serial = 0;

/**
 * The candidate is written beside nginx.conf under a name of its own, because NGINX resolves relative names of includes
 * and certificates against that folder. So the same bytes can be tested and installed. The test gets a pid file of its
 * own, because `nginx -t` truncates the pid file that it is given. Never rejects: every failure, including a timeout,
 * is returned as a result.
 */
export async function checkCandidate(
  artifact: Artifact,
  { binary, paths, prefix, timeoutMs, background, signal }: CheckOptions,
): Promise<CheckResult> {
  const started = performance.now();
  serial += 1;
  const candidate = join(paths.conf, `candidate-${process.pid}-${serial}.conf`);
  const pid = join(paths.controller, `check-${process.pid}-${serial}.pid`);
  // Relative to the prefix, because the name of the run directory may contain characters that end a directive.
  const pidName = relative(prefix, pid);
  try {
    await writeFiles(paths, artifact.files);
    await writeFile(candidate, artifact.conf, { mode: 0o600 });
    const testing = execa(
      binary,
      ['-t', '-e', 'stderr', '-p', `${prefix}/`, '-c', candidate, '-g', `pid ${pidName};`],
      // With the variable NGINX in its environment, nginx would take over the sockets of another NGINX.
      {
        reject: false,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        ...(signal !== undefined && { cancelSignal: signal }),
        maxBuffer: 1_000_000,
        cwd: prefix,
        stdin: 'ignore',
        // `nginx -t` opens the files of access_log, perhaps /dev/stdout. Opening that fails if it is the socket that
        // Node uses as a pipe.
        stdout: 'ignore',
        env: { NGINX: undefined },
      },
    );
    if (background === true && testing.pid !== undefined) lowerPriority(testing.pid);
    const result = await testing;
    const ms = performance.now() - started;
    if (!result.failed) return { ok: true, ms };
    if (result.isCanceled) return { ok: false, ms, message: 'nginx -t was aborted', line: undefined, untested: true };
    if (result.timedOut) {
      const message = `nginx -t did not end within ${timeoutMs} ms and was killed`;
      return { ok: false, ms, message, line: undefined, untested: true };
    }
    if (result.exitCode === undefined || result.stderr.trim() === '') {
      // If there is neither a status nor a signal, nginx could not be started. The kernel sends SIGKILL when memory
      // runs out.
      const untested = result.exitCode === undefined && (result.signal ?? 'SIGKILL') === 'SIGKILL';
      const message = `nginx -t: ${result.shortMessage}`;
      return { ok: false, ms, message, line: undefined, ...(untested && { untested }) };
    }
    return { ok: false, ms, ...parseTestMessage(result.stderr, candidate, paths, prefix) };
  } catch (error) {
    return {
      ok: false,
      ms: performance.now() - started,
      message: `nginx -t could not be run: ${String(error)}`,
      line: undefined,
      untested: true,
    };
  } finally {
    await rm(candidate, { force: true });
    await rm(pid, { force: true });
  }
}

const BACKGROUND = 10;

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, BACKGROUND);
  } catch {
    // Either the process has ended, or the container forbids the change and the test runs at normal priority.
  }
}

/**
 * The error that made the test fail, which may come after warnings, and its line number if the candidate itself (not an
 * included file) contains the error.
 */
export function parseTestMessage(
  stderr: string,
  candidate: string,
  paths: RunPaths,
  prefix: string,
): { message: string; line: number | undefined } {
  const lines = stderr.split('\n').map((line) => /^\[(emerg|alert|crit|error)\] (.*)$/.exec(withoutStamp(line))?.[2]);
  const full = lines.find((text) => text !== undefined) ?? stderr.trim().slice(0, 500);
  const at = /:([0-9]+)$/.exec(full);
  const place = ` in ${candidate}`;
  const own = at !== null && full.slice(0, at.index).endsWith(place);
  const said = own ? full.slice(0, at.index - place.length) : full;
  const message = said.replaceAll(`${paths.conf}/`, '').replaceAll(`${prefix}/`, '');
  return { message, line: own ? Number(at[1]) : undefined };
}
