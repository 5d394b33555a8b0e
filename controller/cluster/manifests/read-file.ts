/** The bytes of one file → its content. Pure except for yielding: a large file is read in slices. */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SLICE_MS } from '../../time/slices.ts';
import type { Problem } from '../../types/problem.ts';
import { readPiece } from './read-piece.ts';
import type { PieceClaim, PieceContent, ProblemInPiece, RefusedObject } from './read-piece.ts';
import { splitDocuments } from './yaml-text.ts';

/** Larger files are rejected: parsing them would take seconds. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** An object of a file. `order` counts up through the file. */
export interface Claim extends PieceClaim {
  readonly file: string;
  readonly order: number;
  readonly pieceHash: string;
  readonly pieceLine: number;
}

export interface FileContent {
  readonly file: string;
  /** SHA-1 of the bytes; empty if they were not read. */
  readonly hash: string;
  readonly claims: readonly Claim[];
  readonly problems: readonly Problem[];
  readonly others: readonly { readonly kind: string; readonly line: number; readonly column: number }[];
  readonly refused: readonly RefusedObject[];
  readonly unreadable: boolean;
  /** By hash of the text; lets the next reading skip unchanged pieces. */
  readonly pieces: ReadonlyMap<string, PieceContent>;
}

export function hashBytes(bytes: Uint8Array): string {
  return hash('sha1', bytes);
}

/** A file that cannot be read at all; `message` says why. */
export function refuseFile(file: string, code: string, message: string, example?: string): FileContent {
  const place = { file, line: 1, column: 1 };
  const problem: Problem = {
    code,
    severity: 'error',
    effect: 'object-ignored',
    message,
    place,
    ...(example === undefined ? {} : { example }),
  };
  return {
    file,
    hash: '',
    claims: [],
    problems: [problem],
    others: [],
    refused: [],
    unreadable: true,
    pieces: new Map(),
  };
}

export function refuseLargeFile(file: string, size: number): FileContent {
  const mebibytes = (size / 1024 / 1024).toFixed(1);
  return refuseFile(
    file,
    'file-too-large',
    `the file has ${mebibytes} MiB; at most 8 MiB are read`,
    'several files of a few MiB',
  );
}

/** Reads a file's bytes; `previous` is the content of its previous reading. Places use the file name in `file`. */
export async function readFileContent(file: string, bytes: Buffer, previous?: FileContent): Promise<FileContent> {
  if (bytes.length > MAX_FILE_BYTES) return refuseLargeFile(file, bytes.length);
  if (!isUtf8(bytes)) return { ...refuseFile(file, 'not-utf8', 'the file is not UTF-8 text'), hash: hashBytes(bytes) };
  const pieces = new Map<string, PieceContent>();
  const claims: Claim[] = [];
  const problems: Problem[] = [];
  const others: { kind: string; line: number; column: number }[] = [];
  const refused: RefusedObject[] = [];
  let unreadable = false;
  let sliceEnd = performance.now() + SLICE_MS;
  for (const piece of splitDocuments(decode(bytes))) {
    if (performance.now() > sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
    const content = pieces.get(piece.hash) ?? previous?.pieces.get(piece.hash) ?? readPiece(piece.text);
    pieces.set(piece.hash, content);
    const shift = piece.line - 1;
    for (const claim of content.claims) {
      const place = {
        line: claim.line + shift,
        pieceLine: piece.line,
        pieceHash: piece.hash,
        file,
        order: claims.length,
      };
      claims.push({ ...claim, ...place });
    }
    for (const problem of content.problems) problems.push(placed(problem, file, shift));
    for (const other of content.others) others.push({ ...other, line: other.line + shift });
    for (const { annotations, ...object } of content.refused)
      refused.push({ ...object, annotations: annotations.map((each) => ({ ...each, line: each.line + shift })) });
    unreadable ||= content.unreadable;
  }
  return { file, hash: hashBytes(bytes), claims, problems, others, refused, unreadable, pieces };
}

/** The text of UTF-8 bytes, without a byte order mark. */
export function decode(bytes: Buffer): string {
  return new TextDecoder().decode(bytes);
}

function placed({ line, column, ...problem }: ProblemInPiece, file: string, shift: number): Problem {
  return { ...problem, place: { file, line: line + shift, column } };
}
