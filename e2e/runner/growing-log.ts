/** Reads log files repeatedly, while a test waits for new lines. Only what is new is read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

interface Log {
  readonly inode: number;
  size: number;
  readonly lines: string[];
  /** The bytes after the last line break: the beginning of a line that is not complete yet. */
  rest: Buffer;
}

const logs = new Map<string, Log>();
const NO_LINES: readonly string[] = [];

/**
 * Returns the complete lines of a log file; an empty array if there is no such file. Later calls for the same file
 * append new lines to the same array, unless the file was replaced or shortened.
 */
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
