/** Rewrites manifests with removed API versions, as text: the output of `tidegate convert`. */
import type { Problem } from '../../types/problem.ts';
import { convertDocument } from './convert-document.ts';
import { listFiles } from './list-files.ts';
import { listingProblems, loadBytes } from './load.ts';
import { decode, readFileContent } from './read-file.ts';
import { parsePiece, splitDocuments } from './yaml-text.ts';

export interface ConvertedText {
  /** All documents in order, as one stream of YAML documents. JSON documents stay JSON, which is valid YAML. */
  readonly text: string;
  /**
   * Problems found while reading the manifests. The ones with the code `removed-api-version` belong to rewritten
   * objects.
   */
  readonly problems: readonly Problem[];
}

/**
 * Rewrites documents with removed API versions and keeps their comments. All other documents are returned byte for
 * byte, even malformed ones, which have Problems. Unreadable files are left out, with a Problem.
 */
export async function convertManifests(paths: readonly string[]): Promise<ConvertedText> {
  const listed = await listFiles(paths);
  const problems: Problem[] = listingProblems(listed);
  let text = '';
  for (const [file, stats] of listed.files) {
    const bytes = await loadBytes(file, stats);
    if (bytes === 'gone') continue;
    const content = Buffer.isBuffer(bytes) ? await readFileContent(file, bytes) : bytes;
    problems.push(...content.problems);
    if (!Buffer.isBuffer(bytes) || content.hash === '') continue;
    for (const piece of splitDocuments(decode(bytes))) text = join(text, convertPiece(piece.text));
  }
  return { text, problems };
}

function convertPiece(text: string): string {
  // Do not parse text that cannot contain a removed version.
  if (!text.includes('v1beta1')) return text;
  try {
    const { documents } = parsePiece(text);
    if (documents.some((document) => document.errors.length > 0 || document.warnings.length > 0)) return text;
    const converted = documents.map((document) => convertDocument(document));
    if (converted.every((count) => count === 0)) return text;
    const [only] = documents;
    if (documents.length === 1 && only !== undefined && isJson(text))
      return `${JSON.stringify(only.toJS(), null, 2)}\n`;
    const style = { lineWidth: 0, indentSeq: !/^( *)[^\s#-][^\n]*:\n\1- /m.test(text) };
    return documents.map((document) => document.toString(style)).reduce(join, '');
  } catch {
    // The document is nested too deeply; reading the file has already added a Problem about it.
    return text;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Joins two YAML streams so that they remain separate documents. */
function join(before: string, next: string): string {
  if (before === '') return next;
  const ended = before.endsWith('\n') ? before : `${before}\n`;
  if (next === '' || /^---(\s|$)/.test(next)) return ended + next;
  return `${ended}${/^%/m.test(next) ? '...' : '---'}\n${next}`;
}
