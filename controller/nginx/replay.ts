/** Reads the document that live.data describes. */
import { readFile } from 'node:fs/promises';
import { documentDigest, formatDigest } from './digest.ts';

/** First line of the file. */
export const MAGIC = 'tidegate-live 1';

export interface Replay {
  readonly document: ReadonlyMap<string, string>;
  readonly revision: number;
  readonly sum: bigint;
  /** Length of the file in bytes. */
  readonly size: number;
}

/**
 * Returns undefined if the file cannot be trusted: it is missing, a batch in it is incomplete or does not continue the
 * revision of the previous batch, or the last digest does not match the document.
 */
export async function replayFile(path: string): Promise<Replay | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const replayed = replayLines(text);
  if (replayed === undefined) return undefined;
  const sum = await documentDigest(replayed.document);
  if (formatDigest(sum) !== replayed.digest) return undefined;
  return { document: replayed.document, revision: replayed.revision, sum, size: Buffer.byteLength(text) };
}

/** Parses the text of live.data without checking the digest. */
export function replayLines(
  text: string,
): { document: Map<string, string>; revision: number; digest: string } | undefined {
  const document = new Map<string, string>();
  let revision = 0;
  let digest = '0'.repeat(32);
  let batch: Change[] | undefined;
  let start = MAGIC.length + 1;
  if (!text.startsWith(`${MAGIC}\n`)) return undefined;
  while (start < text.length) {
    const stop = text.indexOf('\n', start);
    if (stop < 0) return undefined;
    const line = text.slice(start, stop);
    start = stop + 1;
    const [word, first, rest] = splitLine(line);
    if (batch === undefined) {
      if (word !== 'begin' || first !== String(revision)) return undefined;
      batch = [];
    } else if (word === 'set' && rest !== undefined) batch.push([first, rest]);
    else if (word === 'del' && rest === undefined) batch.push([first, undefined]);
    else if (word === 'end' && rest !== undefined) {
      change(document, batch);
      batch = undefined;
      revision = Number(first);
      digest = rest;
    } else return undefined;
  }
  return batch === undefined && Number.isSafeInteger(revision) ? { document, revision, digest } : undefined;
}

/** A key with its new value, or with undefined if the key is deleted. */
type Change = readonly [string, string | undefined];

function change(document: Map<string, string>, batch: readonly Change[]): void {
  for (const [key, value] of batch) {
    if (value === undefined) document.delete(key);
    else document.set(key, value);
  }
}

function splitLine(line: string): [string, string, string | undefined] {
  const one = line.indexOf(' ');
  if (one < 0) return [line, '', undefined];
  const two = line.indexOf(' ', one + 1);
  if (two < 0) return [line.slice(0, one), line.slice(one + 1), undefined];
  return [line.slice(0, one), line.slice(one + 1, two), line.slice(two + 1)];
}
