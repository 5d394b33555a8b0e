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
import { looksLikeObject, type SetAside, setAsidePiece } from './set-aside.ts';
import { type Piece, splitDocuments } from './yaml-text.ts';

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
  /** Why parts of the file were skipped; only with `repository`. */
  readonly setAside: readonly SetAside[];
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
    setAside: [],
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

/** The content of a file that is skipped as a whole. */
export function skippedFile(file: string, reason: SetAside): FileContent {
  return { ...refuseFile(file, '', ''), problems: [], unreadable: false, setAside: [reason] };
}

export interface FileRules {
  /** The maximum number of bytes. */
  readonly most?: number | undefined;
  /** Whether the files are those of a repository, so that what is not a manifest is skipped. */
  readonly repository?: boolean | undefined;
}

/**
 * Reads the bytes of a file. `previous` is the content from its previous reading, with the same rules. `file` is the
 * name used in places.
 */
export async function readFileContent(
  file: string,
  bytes: Buffer,
  previous?: FileContent,
  { most = MAX_FILE_BYTES, repository = false }: FileRules = {},
): Promise<FileContent> {
  if (bytes.length > most) return refuseLargeFile(file, bytes.length, most);
  if (!isUtf8(bytes)) return refuseEncoding(file, bytes, repository);
  const read = await readPieces(decode(bytes), previous);
  const reasons = read.map(([piece, content]) => (repository ? setAsidePiece(piece.text, content) : undefined));
  return {
    file,
    hash: hashBytes(bytes),
    ...joined(
      file,
      read.filter((_, index) => reasons[index] === undefined),
    ),
    setAside: reasons.filter((reason) => reason !== undefined),
    pieces: new Map(read.map(([piece, content]) => [piece.hash, content])),
  };
}

async function readPieces(
  text: string,
  previous: FileContent | undefined,
): Promise<readonly (readonly [Piece, PieceContent])[]> {
  const known = new Map<string, PieceContent>();
  const read: (readonly [Piece, PieceContent])[] = [];
  let sliceEnd = performance.now() + SLICE_MS;
  for (const piece of splitDocuments(text)) {
    if (performance.now() > sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
    const content = known.get(piece.hash) ?? previous?.pieces.get(piece.hash) ?? readPiece(piece.text);
    known.set(piece.hash, content);
    read.push([piece, content]);
  }
  return read;
}

/** The contents of pieces, with their lines in the file. */
function joined(
  file: string,
  pieces: readonly (readonly [Piece, PieceContent])[],
): Pick<FileContent, 'claims' | 'problems' | 'others' | 'refused' | 'unreadable'> {
  const claims: ObjectOfFile[] = [];
  const problems: Problem[] = [];
  const others: OtherObject[] = [];
  const refused: RefusedObject[] = [];
  for (const [piece, content] of pieces) {
    const shift = piece.line - 1;
    for (const claim of content.claims) claims.push(claimOf(claim, piece, file, claims.length));
    for (const problem of content.problems) problems.push(placed(problem, file, shift));
    for (const other of content.others) others.push({ ...other, line: other.line + shift });
    for (const { annotations, ...object } of content.refused)
      refused.push({ ...object, annotations: annotations.map((each) => ({ ...each, line: each.line + shift })) });
  }
  return { claims, problems, others, refused, unreadable: pieces.some(([, content]) => content.unreadable) };
}

function claimOf(claim: PieceClaim, piece: Piece, file: string, order: number): ObjectOfFile {
  return { ...claim, line: claim.line + piece.line - 1, pieceLine: piece.line, pieceHash: piece.hash, file, order };
}

function refuseEncoding(file: string, bytes: Buffer, repository: boolean): FileContent {
  if (repository && !looksLikeObject(bytes.toString('latin1'))) return skippedFile(file, 'foreign');
  return { ...refuseFile(file, 'not-utf8', 'the file is not UTF-8 text'), hash: hashBytes(bytes) };
}

/** Decodes UTF-8 bytes, without a byte order mark. */
export function decode(bytes: Buffer): string {
  return new TextDecoder().decode(bytes);
}

function placed({ line, column, ...problem }: ProblemInPiece, file: string, shift: number): Problem {
  return { ...problem, place: { file, line: line + shift, column } };
}
