/** What a YAML error says to the user. Messages of the parser may quote the text, which may be a Secret's. */
import type { ErrorCode, YAMLError } from 'yaml';

const SENTENCES: { readonly [C in ErrorCode]?: string } = {
  ALIAS_PROPS: 'an alias cannot have a tag or an anchor',
  BAD_ALIAS: 'an alias needs an anchor of that name before it',
  BAD_COLLECTION_TYPE: 'a tag does not fit the value behind it',
  BAD_DIRECTIVE: 'a line that begins with % is not a directive of YAML',
  BAD_DQ_ESCAPE: 'a backslash in double quotes is not followed by a known escape',
  BAD_INDENT: 'the indentation fits neither the line above nor one before it',
  BAD_SCALAR_START: 'a value begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a key and its map or list stand on one line; the map or list belongs on the next',
  BLOCK_IN_FLOW: 'a map or list by indentation cannot stand inside { } or [ ]',
  DUPLICATE_KEY: 'the same key stands twice in one map',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines, or a : is missing behind it',
  RESOURCE_EXHAUSTION: 'nested too deeply to be read',
  TAB_AS_INDENT: 'a tab is used as indentation; YAML allows spaces only',
  TAG_RESOLVE_FAILED: 'the tag is not one that makes JSON',
  UNEXPECTED_TOKEN: 'this does not belong here; a quote, a bracket or an indentation before it may be wrong',
};

/** One sentence without anything of the text in it. */
export function explainYamlError(error: YAMLError): string {
  if (error.code === 'MISSING_CHAR') {
    const quote = /^Missing closing (['"])quote$/.exec(error.message)?.[1];
    return quote === undefined ? lowerFirst(error.message) : `a closing ${quote} is missing`;
  }
  const bracket = /end with a ([\]}])$/.exec(error.message)?.[1];
  if (bracket !== undefined)
    return `a ${bracket === ']' ? '[' : '{'} is not closed: its ${bracket} is missing, or stands on a line that is not indented`;
  return SENTENCES[error.code] ?? `not readable as YAML (${error.code})`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
