/** Files that are read again and again while they are waited for, at the cost of what is new. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

interface Log {
  readonly inode: number;
  size: number;
  readonly lines: string[];
  /** The beginning of a line that is still being written. */
  rest: Buffer;
}

const logs = new Map<string, Log>();
const NO_LINES: readonly string[] = [];

/** Complete lines of a log; none if there is no such file. The array of a file grows with it. */
export function linesOf(file: string): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return NO_LINES;
  }
  try {
    const { ino: inode, size } = fstatSync(descriptor);
    let log = logs.get(file);
    if (log === undefined || log.inode !== inode || size < log.size) {
      log = { inode, size: 0, lines: [], rest: Buffer.alloc(0) };
      logs.set(file, log);
    }
    const added = Buffer.alloc(size - log.size);
    const read = readSync(descriptor, added, 0, added.length, log.size);
    log.size += read;
    const text = Buffer.concat([log.rest, added.subarray(0, read)]);
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) log.lines.push(...text.toString('utf8', 0, end - 1).split('\n'));
    log.rest = text.subarray(end);
    return log.lines;
  } finally {
    closeSync(descriptor);
  }
}

const made = new Map<string, { readonly state: string; readonly value: unknown }>();

/** What `make` makes of the text of a file, which is replaced as a whole; made again once it has been replaced. */
export function ofText<T>(file: string, make: (text: string) => T): T {
  const { ino, size, mtimeMs } = statSync(file);
  const state = `${ino} ${size} ${mtimeMs}`;
  const known = made.get(file);
  if (known?.state === state) return known.value as T;
  const value = make(readFileSync(file, 'utf8'));
  made.set(file, { state, value });
  return value;
}
