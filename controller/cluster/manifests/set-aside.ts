/**
 * Decides which parts of a repository's files are not manifests. `tidegate check` skips these and counts them. What is
 * recognised as a Kubernetes object is never skipped because it is broken. Pure.
 */
import { KIND_NAMES } from './kinds.ts';
import type { PieceContent } from './read-piece.ts';

/**
 * Why something is skipped. `foreign`: it is not a Kubernetes object. `template`: text that Helm, Flux or another program
 * has yet to replace. `patch`: a part of an object that kustomize merges into another one.
 */
export type SetAside = 'foreign' | 'template' | 'patch';

function hasKey(text: string, key: string, value = ''): boolean {
  const yaml = new RegExp(`^(?:- )?["']?${key}["']?[ \\t]*:[ \\t]*${value}`, 'm');
  return yaml.test(text) || (/^\s*[{[]/.test(text) && new RegExp(`"${key}"\\s*:\\s*${value}`).test(text));
}

const READ_KIND = `["']?(?:${KIND_NAMES.join('|')})\\b`;

/** Whether the text is, or was meant to be, a Kubernetes object. It need not be valid YAML. */
export function looksLikeObject(text: string): boolean {
  const [version, kind] = [hasKey(text, 'apiVersion'), hasKey(text, 'kind')];
  if (version && kind) return true;
  // One of the two was forgotten. Chart.yaml, for example, has an apiVersion, but no metadata.
  return hasKey(text, 'metadata') && (version || hasKey(text, 'kind', READ_KIND));
}

/** The text without comments and without the values of a ConfigMap or Secret, which may contain anything. */
function structure(text: string): string {
  let inData = false;
  const kept = text.split('\n').filter((line) => {
    if (/^\S/.test(line)) inData = /^(?:data|stringData|binaryData):/.test(line);
    return !inData && !/^\s*#/.test(line);
  });
  return kept.join('\n');
}

/** Actions of Helm, and of other templates with the same brackets. */
const ACTION = /\{\{[^{}]*\}\}/;
/** A variable that Flux or envsubst replaces. Variables of NGINX, which annotations contain, are in lower case. */
const VARIABLE = /\$\{[A-Z_][A-Z0-9_]*(?:[:=?+-][^}]*)?\}/;
/** Values of these fields never contain `$` once variables are replaced. */
const VARIABLE_NAME = /^[\s-]*(?:host|name|namespace|secretName|ingressClassName):[^#]*\$\{\w/m;

function isTemplate(text: string): boolean {
  if (!text.includes('{{') && !text.includes('${')) return false;
  const written = structure(text);
  return ACTION.test(written) || VARIABLE.test(written) || VARIABLE_NAME.test(written);
}

function isNoObject({ code, field, object }: PieceContent['problems'][number]): boolean {
  if (code === 'not-an-object') return true;
  const missing = field?.length === 1 && (field[0] === 'kind' || field[0] === 'apiVersion');
  return code === 'required-field' && object === undefined && missing;
}

/** Why a piece of a file is skipped; undefined: it is read, and all its Problems are reported. */
export function setAsidePiece(text: string, content: PieceContent): SetAside | undefined {
  const { claims, refused, problems, unreadable } = content;
  if ((problems.some(isNoObject) || unreadable) && !looksLikeObject(text)) return 'foreign';
  const concerns = claims.length > 0 || refused.length > 0 || problems.some(({ severity }) => severity === 'error');
  return concerns && isTemplate(text) ? 'template' : undefined;
}
