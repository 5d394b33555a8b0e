/**
 * Messages for YAML errors. The parser's own messages are not used, because they may quote the text, which may contain
 * a Secret.
 */
import type { ErrorCode, YAMLError } from 'yaml';

const SENTENCES: { readonly [C in ErrorCode]?: string } = {
  ALIAS_PROPS: 'an alias cannot have a tag or an anchor',
  BAD_ALIAS: 'an alias needs an anchor of that name before it',
  BAD_COLLECTION_TYPE: 'a tag does not fit the value after it',
  BAD_DIRECTIVE: 'a line that begins with % is not a YAML directive',
  BAD_DQ_ESCAPE: 'a backslash in double quotes is not followed by a known escape',
  BAD_INDENT: 'the indentation does not match any line above',
  BAD_SCALAR_START: 'a value begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'two keys are on one line: a value that contains a colon and a space, or ends in a colon, needs quotes; a map or ' +
    'list belongs on the next line',
  BLOCK_IN_FLOW:
    'an indented map or list cannot be inside { } or [ ]; a value that contains a colon and a space, or ends in a ' +
    'colon, needs quotes',
  DUPLICATE_KEY: 'the same key appears twice in one map',
  MULTILINE_IMPLICIT_KEY: 'a key spans several lines, or the : after it is missing',
  RESOURCE_EXHAUSTION: 'nested too deeply to be read',
  TAB_AS_INDENT: 'a tab is used as indentation; YAML allows spaces only',
  TAG_RESOLVE_FAILED: 'the tag has no equivalent in JSON',
  UNEXPECTED_TOKEN: 'unexpected text; a quote, a bracket or the indentation before it may be wrong',
};

/** Explains an error in one sentence that quotes nothing from the text. */
export function explainYamlError(error: YAMLError): string {
  if (error.code === 'MISSING_CHAR') {
    const quote = /^Missing closing (['"])quote$/.exec(error.message)?.[1];
    return quote === undefined ? lowerFirst(error.message) : `a closing ${quote} is missing`;
  }
  const bracket = /end with a ([\]}])$/.exec(error.message)?.[1];
  if (bracket !== undefined)
    return `a ${bracket === ']' ? '[' : '{'} is not closed: its ${bracket} is missing, or is on a line that is not indented`;
  return SENTENCES[error.code] ?? `not readable as YAML (${error.code})`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
