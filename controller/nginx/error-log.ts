/**
 * Reads what NGINX has written to its error log since a given point. The lines become part of messages, and reveal that
 * a reload has failed before its timeout ends.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const READ_MAX = 256 * 1024;
const LINES_MAX = 20;

/** Length of a file; 0 if it does not exist. `linesSince` reads from this position. */
export async function logMark(path: string): Promise<number> {
  return withFile(path, async (file) => (await file.stat()).size, 0);
}

/**
 * Lines written after the mark, at most the last 256 KiB of them. A file that became shorter is read from its start.
 */
export async function linesSince(path: string, mark: number): Promise<string[]> {
  return withFile(
    path,
    async (file) => {
      const { size } = await file.stat();
      const start = Math.max(size < mark ? 0 : mark, size - READ_MAX);
      const buffer = Buffer.alloc(size - start);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
      return buffer
        .toString('utf8', 0, bytesRead)
        .split('\n')
        .filter((line) => line !== '');
    },
    [],
  );
}

async function withFile<T>(
  path: string,
  use: (file: Awaited<ReturnType<typeof open>>) => Promise<T>,
  without: T,
): Promise<T> {
  let file;
  try {
    // NGINX can write to the folder, so a symbolic link there is not followed, and opening a named pipe does not block.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return without;
  }
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** The last relevant lines, without timestamps; a message that NGINX wrote to both stderr and its log appears once. */
export function tailForPeople(lines: readonly string[]): string[] {
  const seen = new Set<string>();
  for (const line of lines) {
    const text = withoutStamp(line);
    if (/^\[(notice|info|debug)\] /.test(text)) continue;
    seen.delete(text);
    seen.add(text);
  }
  return [...seen].slice(-LINES_MAX);
}

/** `2026/01/02 03:04:05 [emerg] 12#12: x` and `nginx: [emerg] x` both become `[emerg] x`. */
export function withoutStamp(line: string): string {
  return line
    .replace(/^[0-9/]+ [0-9:]+ (\[[a-z]+\]) [0-9]+#[0-9]+: (?:\*[0-9]+ )?/, '$1 ')
    .replace(/^nginx: (\[[a-z]+\])/, '$1');
}

/**
 * The error that made the master abandon a reload; undefined if there is none. A line "bind() to … failed" alone is not
 * enough, because NGINX tries five times before it reports "still could not bind".
 */
export function reloadGivenUp(lines: readonly string[], masterPid: number): string | undefined {
  const own = new RegExp(`\\[emerg\\] ${masterPid}#`);
  // Errors from Lua do not abort NGINX's reload.
  const final = lines.find((line) => own.test(line) && !/\[lua\]|bind\(\) to .* failed \(98:/.test(line));
  if (final === undefined) return undefined;
  const cause = /still could not bind/.test(final) ? lines.find((line) => own.test(line)) : undefined;
  return withoutStamp(cause ?? final).replace(/^\[emerg\] /, '');
}
