/**
 * Which readings are taken at once, and which only after a quiet moment. New and changed objects are urgent
 * (endpoints!), so a file that looks complete is taken immediately. A file that looks half-written, or removes objects,
 * gets time to be completed: editors and shells truncate a file before they write it, or move the old file away before
 * the new one exists.
 */
import type { FileContent } from './read-file.ts';

export interface Settling {
  /** Whether this reading may be taken. If not, `readAgain` is called for the file after the quiet time. */
  accept(file: string, hash: string, suspicious: boolean): boolean;
  forget(file: string): void;
  close(): void;
}

/** stdio writes in blocks of this many bytes: a file that ends on a block boundary may be incomplete. */
const BLOCK = 4096;

/** A reading that may have caught a file while it was being written. */
export function looksUnfinished(bytes: Buffer, content: FileContent, previous: FileContent | undefined): boolean {
  if (content.unreadable || content.refused.length > 0) return true;
  const present = new Set(content.claims.map(({ kind, key }) => `${kind} ${key}`));
  if (previous?.claims.some(({ kind, key }) => !present.has(`${kind} ${key}`))) return true;
  // JSON that parses is complete.
  if (/^\s*[{[]/.test(bytes.toString('latin1', 0, 64))) return false;
  return bytes.length % BLOCK === 0 || bytes.at(-1) !== 0x0a;
}

/** `restMs`: how long a suspicious reading must stay the same. */
export function createSettling(restMs: number, readAgain: (file: string) => void): Settling {
  const waiting = new Map<string, { hash: string; until: number; timer: NodeJS.Timeout }>();

  function forget(file: string): void {
    clearTimeout(waiting.get(file)?.timer);
    waiting.delete(file);
  }

  return {
    forget,
    accept(file, hash, suspicious) {
      const known = waiting.get(file);
      const now = performance.now();
      const rested = known !== undefined && known.hash === hash && now >= known.until;
      if (!suspicious || rested) {
        forget(file);
        return true;
      }
      if (known?.hash === hash) return false;
      forget(file);
      // One extra ms, as a timer may fire a fraction early.
      waiting.set(file, { hash, until: now + restMs, timer: setTimeout(readAgain, restMs + 1, file) });
      return false;
    },
    close() {
      for (const file of waiting.keys()) forget(file);
    },
  };
}
