/**
 * Decides whether the content of a changed file is applied at once, or only after it has stayed the same for a while. A
 * file that looks complete is applied at once, because new and changed objects are urgent, especially endpoints. A file
 * that looks half-written, or in which objects are missing, is applied later: editors and shells truncate a file before
 * they write it, or move the old file away before the new one exists.
 */
import type { FileContent } from './read-file.ts';

export interface Settling {
  /** Whether this content may be applied. If not, `readAgain` is called for the file after `restMs`. */
  accept(file: string, hash: string, suspicious: boolean): boolean;
  forget(file: string): void;
  close(): void;
}

/** stdio writes in blocks of this many bytes, so a file that ends at a block boundary may be incomplete. */
const BLOCK = 4096;

/** Whether the file may have been read while it was being written. */
export function looksUnfinished(bytes: Buffer, content: FileContent, previous: FileContent | undefined): boolean {
  if (content.unreadable || content.refused.length > 0) return true;
  const present = new Set(content.claims.map(({ kind, key }) => `${kind} ${key}`));
  if (previous?.claims.some(({ kind, key }) => !present.has(`${kind} ${key}`))) return true;
  // JSON that parses is complete.
  if (/^\s*[{[]/.test(bytes.toString('latin1', 0, 64))) return false;
  return bytes.length % BLOCK === 0 || bytes.at(-1) !== 0x0a;
}

/** `restMs` is how long suspicious content must stay the same before it is applied. */
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
      // One more ms, because a timer may fire a fraction early.
      waiting.set(file, { hash, until: now + restMs, timer: setTimeout(readAgain, restMs + 1, file) });
      return false;
    },
    close() {
      for (const file of waiting.keys()) forget(file);
    },
  };
}
