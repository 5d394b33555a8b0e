/**
 * Splits YAML and JSON into documents, and parses them with positions. If one document of a large file changes, only
 * that document is parsed again; the others are recognised by their hash.
 */
import { hash } from 'node:crypto';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Tags, YAMLError } from 'yaml';
import { NUMBER_TAGS } from './yaml-numbers.ts';

/** The text of one document of a file. In some cases it contains several documents: see `splitDocuments`. */
export interface Piece {
  readonly text: string;
  /** The line of the file on which the text starts, from 1. */
  readonly line: number;
  readonly hash: string;
}

export interface ParsedPiece {
  readonly documents: readonly Document.Parsed[];
  /** The first error of a string without a document, for example a directive with no document after it. */
  readonly error: YAMLError | undefined;
  readonly lines: LineCounter;
}

/**
 * Splits a file at its `---` lines. Such a line ends a document even within a block scalar. A file with a line that may
 * be a directive is not split, and neither are documents that are separated only by `...`: the parser splits those.
 */
export function splitDocuments(text: string): Piece[] {
  const starts = [0];
  if (!/^%/m.test(text))
    for (const match of text.matchAll(/^---(?=\s|$)/gm)) if (match.index > 0) starts.push(match.index);
  let line = 1;
  return starts.map((start, index) => {
    const piece = text.slice(start, starts[index + 1]);
    const first = line;
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) line += 1;
    return { text: piece, line: first, hash: hash('sha1', piece) };
  });
}

/**
 * YAML types without a JSON equivalent. kubectl reads YAML 1.1, but dates and times of day stay strings; the other tags
 * are errors.
 */
const NOT_JSON = ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`);
const NUMBERS = NUMBER_TAGS.map(({ tag }) => tag);

function tagsOfKubectl(tags: Tags): Tags {
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    const infinite = 'test' in tag && (tag.test?.test('.inf') ?? false);
    return !NOT_JSON.includes(tag.tag) && (infinite || !NUMBERS.includes(tag.tag));
  });
  return [...kept, ...NUMBER_TAGS];
}

/** Parses one piece. Errors are returned in the documents. Throws only if the nesting is too deep for the stack. */
export function parsePiece(text: string): ParsedPiece {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: tagsOfKubectl,
    prettyErrors: false,
    // Otherwise the parser writes warnings to standard error, for example about `{{ name }}`.
    logLevel: 'error',
    lineCounter: lines,
  });
  return 'empty' in documents
    ? { documents: [], error: documents.errors[0] ?? documents.warnings[0], lines }
    : { documents, error: undefined, lines };
}
