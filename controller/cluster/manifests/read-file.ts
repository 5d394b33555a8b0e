/**
 * Converts the bytes of one file to its content. Pure, except that it yields to the event loop while it reads a large
 * file.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { nextTurn, SLICE_MS } from '../../time/yield-to-event-loop.ts';
import type { Problem } from '../../types/problem.ts';
import { readPiece } from './read-piece.ts';
import type { OtherObject, PieceClaim, PieceContent, ProblemInPiece, RefusedObject } from './read-piece.ts';
import { splitDocuments } from './yaml-text.ts';

/** Larger files are rejected, because parsing them would take seconds. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** An object in a file. `order` is its index in the file. */
export interface ObjectOfFile extends PieceClaim {
  readonly file: string;
  readonly order: number;
  readonly pieceHash: string;
  readonly pieceLine: number;
}

export interface FileContent {
  readonly file: string;
  /** SHA-1 of the bytes; empty if the file was not read. */
  readonly hash: string;
  readonly claims: readonly ObjectOfFile[];
  readonly problems: readonly Problem[];
  readonly others: readonly OtherObject[];
  readonly refused: readonly RefusedObject[];
  readonly unreadable: boolean;
  /** Content by hash of the piece's text. The next reading of the file uses it to skip unchanged pieces. */
  readonly pieces: ReadonlyMap<string, PieceContent>;
}

export function hashBytes(bytes: Uint8Array): string {
  return hash('sha1', bytes);
}

/** The content of a file that cannot be read at all, with a Problem. `message` says why. */
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

export function refuseLargeFile(file: string, size: number, most = MAX_FILE_BYTES): FileContent {
  const mebibytes = (size / 1024 / 1024).toFixed(1);
  return refuseFile(
    file,
    'file-too-large',
    `the file is ${mebibytes} MiB; files larger than ${most / 1024 / 1024} MiB are not read`,
    'several files of a few MiB',
  );
}

/**
 * Reads the bytes of a file. `previous` is the content from its previous reading. `file` is the name used in places.
 * `most`: the maximum number of bytes.
 */
export async function readFileContent(
  file: string,
  bytes: Buffer,
  previous?: FileContent,
  most = MAX_FILE_BYTES,
): Promise<FileContent> {
  if (bytes.length > most) return refuseLargeFile(file, bytes.length, most);
  if (!isUtf8(bytes)) return { ...refuseFile(file, 'not-utf8', 'the file is not UTF-8 text'), hash: hashBytes(bytes) };
  const pieces = new Map<string, PieceContent>();
  const claims: ObjectOfFile[] = [];
  const problems: Problem[] = [];
  const others: OtherObject[] = [];
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

/** Decodes UTF-8 bytes, without a byte order mark. */
export function decode(bytes: Buffer): string {
  return new TextDecoder().decode(bytes);
}

function placed({ line, column, ...problem }: ProblemInPiece, file: string, shift: number): Problem {
  return { ...problem, place: { file, line: line + shift, column } };
}
