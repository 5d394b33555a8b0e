/** Reads one piece of a file's text: returns its objects and Problems, with places relative to the piece. Pure. */
import { visit, YAMLParseError } from 'yaml';
import type { Document, LineCounter, YAMLError } from 'yaml';
import { isRecord } from '../../types/is-record.ts';
import { shorten } from '../../types/problem.ts';
import type { FieldPath, Problem } from '../../types/problem.ts';
import { withoutPasswords } from '../../types/without-passwords.ts';
import type { Kind, ObjectKey } from '../../types/snapshot.ts';
import { removedField } from './convert.ts';
import type { Finding } from './finding.ts';
import { isKind } from './kinds.ts';
import { positionOf } from './position.ts';
import type { Position } from './position.ts';
import { manifestKey, readManifestObject } from './read-object.ts';
import type { ManifestObject, ReadObject } from './read-object.ts';
import { explainYamlError } from './yaml-errors.ts';
import { parsePiece } from './yaml-text.ts';
import type { ParsedPiece } from './yaml-text.ts';

/** One copy of an object in a manifest. An object may have several copies, of which one is used. */
export interface PieceClaim {
  readonly kind: Kind;
  readonly key: ObjectKey;
  readonly object: ManifestObject;
  /**
   * `document` is the index of the document within the piece. `base` is the path of the object in it: `[]`, or for
   * example `['items', 3]` in a List.
   */
  readonly document: number;
  readonly base: FieldPath;
  readonly removedVersion: boolean;
  readonly line: number;
  readonly column: number;
}

export interface ProblemInPiece extends Omit<Problem, 'place'> {
  readonly line: number;
  readonly column: number;
}

/** An object whose name could be read, but that is malformed. */
export interface RefusedObject {
  readonly kind: Kind;
  readonly key: ObjectKey;
  /** Annotations of an Ingress, which are checked separately. */
  readonly annotations: readonly WrittenAnnotation[];
}

export interface WrittenAnnotation {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

/** The kind and position of an object of which no Snapshot has a table. */
export interface OtherObject {
  readonly kind: string;
  readonly line: number;
  readonly column: number;
  /** The object as written, if its kind is one of `INSTALLED`. */
  readonly object?: unknown;
}

/** The kinds of objects, other than those of a Snapshot, that describe the installation of a controller. */
export const INSTALLED = ['Deployment', 'DaemonSet', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'] as const;
const KEPT: ReadonlySet<string> = new Set(INSTALLED);

export interface PieceContent {
  readonly claims: readonly PieceClaim[];
  readonly problems: readonly ProblemInPiece[];
  /** The objects that are not read. */
  readonly others: readonly OtherObject[];
  readonly refused: readonly RefusedObject[];
  /** True if a part of the text could not be read. It may contain any object. */
  readonly unreadable: boolean;
}

/** How many nodes the aliases of a document may expand to. A YAML bomb expands to billions. */
const MAX_ALIASES = 100;

interface Mutable {
  claims: PieceClaim[];
  problems: ProblemInPiece[];
  others: OtherObject[];
  refused: RefusedObject[];
  unreadable: boolean;
}

export function readPiece(text: string): PieceContent {
  const content: Mutable = { claims: [], problems: [], others: [], refused: [], unreadable: false };
  let parsed: ParsedPiece;
  try {
    parsed = parsePiece(text);
  } catch {
    unreadable(content, 'nested too deeply to be read', { line: 1, column: 1 });
    return content;
  }
  if (parsed.error !== undefined) addYamlError(content, parsed.error, parsed.lines);
  for (const [index, document] of parsed.documents.entries()) readDocument(document, index, parsed, content);
  return content;
}

function readDocument(document: Document.Parsed, index: number, { lines }: ParsedPiece, content: Mutable): void {
  const error = document.errors[0] ?? document.warnings[0];
  if (error !== undefined) {
    addYamlError(content, error, lines);
    return;
  }
  const at = (field: FieldPath): Position => positionOf(document, lines, field);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    const dangling = danglingAlias(document);
    if (dangling === undefined) unreadable(content, 'aliases (*name) repeat too much, or one refers to itself', at([]));
    else addYamlError(content, dangling, lines);
    return;
  }
  if (value === null || value === undefined) return;
  for (const { item, base } of flattenLists(value, [])) addObject(item, base, index, at, content);
}

/** Finds an alias without a preceding anchor. The parser reports this only when it converts the document to values. */
function danglingAlias(document: Document): YAMLParseError | undefined {
  let error: YAMLParseError | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      const offset = alias.range?.[0] ?? 0;
      error = new YAMLParseError([offset, offset], 'BAD_ALIAS', '');
      return visit.BREAK;
    },
  });
  return error;
}

function addYamlError(content: Mutable, error: YAMLError, lines: LineCounter): void {
  const { line, col } = lines.linePos(error.pos[0]);
  unreadable(content, explainYamlError(error), { line, column: col });
}

function unreadable(content: Mutable, message: string, { line, column }: { line: number; column: number }): void {
  content.unreadable = true;
  content.problems.push({
    code: 'unreadable-yaml',
    severity: 'error',
    effect: 'object-ignored',
    message,
    line,
    column,
  });
}

/**
 * Returns the items of Lists of any kind as separate objects. Items of a typed list (such as IngressList) may omit kind
 * and apiVersion.
 */
function flattenLists(value: unknown, base: FieldPath): { item: unknown; base: FieldPath }[] {
  if (!isRecord(value) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List'))
    return [{ item: value, base }];
  const { kind, apiVersion, items } = value;
  const itemKind = kind.slice(0, -'List'.length);
  if ((itemKind === '' || isKind(itemKind)) && (items === undefined || items === null)) return [];
  if (!Array.isArray(items)) return [{ item: value, base }];
  return items.flatMap((item: unknown, index) => {
    const inherited = itemKind === '' || !isRecord(item) ? item : { apiVersion, kind: itemKind, ...item };
    return flattenLists(inherited, [...base, 'items', index]);
  });
}

function addObject(
  item: unknown,
  base: FieldPath,
  document: number,
  at: (field: FieldPath) => Position,
  content: Mutable,
): void {
  const read = readManifestObject(item);
  const { ref, object, removedVersion } = read;
  const { line, column } = at(base);
  if (read.other !== undefined)
    content.others.push({ kind: read.other, line, column, ...(KEPT.has(read.other) && { object: item }) });
  const found = read.findings.map((finding) => toProblem(finding, read, base, at));
  content.problems.push(...found.sort((a, b) => a.line - b.line || a.column - b.column));
  if (ref === undefined) {
    if (read.other === undefined) content.unreadable = true;
    return;
  }
  const key = manifestKey(ref);
  if (object === undefined) {
    const annotations = ref.kind === 'Ingress' ? annotationsOf(item, base, at) : [];
    content.refused.push({ kind: ref.kind, key, annotations });
  } else content.claims.push({ kind: ref.kind, key, object, document, base, removedVersion, line, column });
}

function annotationsOf(item: unknown, base: FieldPath, at: (field: FieldPath) => Position): WrittenAnnotation[] {
  const metadata = isRecord(item) ? item['metadata'] : undefined;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  return Object.entries(isRecord(annotations) ? annotations : {}).flatMap(([name, value]) => {
    const { line, column } = at([...base, 'metadata', 'annotations', name]);
    return typeof value === 'string' ? [{ name, value, line, column }] : [];
  });
}

function toProblem(
  finding: Finding,
  { ref, removedVersion }: ReadObject,
  base: FieldPath,
  at: (field: FieldPath) => Position,
): ProblemInPiece {
  const { field, value, quoteSource, example, ...rest } = finding;
  const written = [...base, ...(removedVersion ? removedField(field) : field)];
  const { line, column, source: text } = at(written);
  const source = text === undefined ? undefined : withoutPasswords(text);
  const quoted = quoteSource ? JSON.stringify(source ?? String(value)) : example;
  return {
    ...rest,
    ...(ref === undefined ? {} : { object: ref }),
    ...(field.length === 0 ? {} : { field }),
    ...(value === undefined ? {} : { value: quoteSource && source !== undefined ? source : shorten(value) }),
    ...(quoted === undefined ? {} : { example: quoted }),
    line,
    column,
  };
}
