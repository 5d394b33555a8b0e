/**
 * Finds the line and column of a field by reading its file again, because parsed documents with positions are not kept.
 */
import { readFileSync } from 'node:fs';
import type { FieldPath, Locator, ObjectRef, Place } from '../../types/problem.ts';
import { removedField } from './convert.ts';
import { isKind } from './kinds.ts';
import { positionOf } from './position.ts';
import { decode } from './read-file.ts';
import type { ObjectOfFile } from './read-file.ts';
import { manifestKey } from './read-object.ts';
import type { Store } from './store.ts';
import { parsePiece, splitDocuments } from './yaml-text.ts';
import type { ParsedPiece, Piece } from './yaml-text.ts';

/** The number of parsed pieces kept between calls. Several Problems of one object then need only one parse. */
const KEPT_PIECES = 16;

/**
 * Creates a Locator. Each call uses the content of `store` at that time. `given`: content of files that are not on disk.
 */
export function createLocator(store: Pick<Store, 'claimsOf'>, given: ReadonlyMap<string, Buffer> = new Map()): Locator {
  const parsed = new Map<string, ParsedPiece>();
  let lastFile: { file: string; pieces: readonly Piece[] } | undefined;

  function pieceOf(claim: ObjectOfFile): { piece: ParsedPiece; line: number } | undefined {
    if (lastFile?.file !== claim.file || !lastFile.pieces.some((piece) => isExactly(piece, claim))) {
      lastFile = { file: claim.file, pieces: readPieces(claim.file, given) };
    }
    const found = findPiece(lastFile.pieces, claim);
    if (found === undefined) return undefined;
    const piece = parsed.get(found.hash) ?? parsePiece(found.text);
    parsed.delete(found.hash);
    parsed.set(found.hash, piece);
    for (const oldest of parsed.keys()) if (parsed.size > KEPT_PIECES) parsed.delete(oldest);
    return { piece, line: found.line };
  }

  return function locate(object: ObjectRef, field: FieldPath): Place | undefined {
    if (!isKind(object.kind)) return undefined;
    const claim = store.claimsOf(object.kind, manifestKey(object))[0];
    if (claim === undefined) return undefined;
    const { file, line, column } = claim;
    const found = pieceOf(claim);
    const document = found?.piece.documents[claim.document];
    // The file has changed since it was read. The start of the object is the best known position.
    if (found === undefined || document === undefined) return { file, line, column };
    const path = [...claim.base, ...(claim.removedVersion ? removedField(field) : field)];
    const position = positionOf(document, found.piece.lines, path);
    return { file, line: position.line + found.line - 1, column: position.column };
  };
}

function readPieces(file: string, given: ReadonlyMap<string, Buffer>): readonly Piece[] {
  try {
    return splitDocuments(decode(given.get(file) ?? readFileSync(file)));
  } catch {
    return [];
  }
}

function isExactly(piece: Piece, claim: ObjectOfFile): boolean {
  return piece.hash === claim.pieceHash && piece.line === claim.pieceLine;
}

function findPiece(pieces: readonly Piece[], claim: ObjectOfFile): Piece | undefined {
  return pieces.find((piece) => isExactly(piece, claim)) ?? pieces.find((piece) => piece.hash === claim.pieceHash);
}
