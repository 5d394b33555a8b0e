/** Runs the scripts of snippets: see nginx/lua/tidegate/request/snippet.lua. Strings are byte strings. */
import type { LiveScript, LiveSnippetRewrite, LiveStep, LiveTest, LiveText } from '../types/live-snippet.ts';
import { judgeSource } from './address-rules.ts';
import { percentEncode, toBytes } from './bytes.ts';
import type { NginxAnswer } from './course.ts';
import { matchPcre, type PcreMatch } from './pcre.ts';
import { originOf } from './redirects.ts';
import type { SeenRequest } from './request.ts';
import { hasDotSegments } from './rewrite-target.ts';
import { type VariablePlace, variableOf } from './variables.ts';

/** The state of the scripts of one request; it is changed while they run. */
export interface ScriptState {
  request: SeenRequest;
  /** Variables of the snippets. */
  readonly own: Map<string, string>;
  captures: PcreMatch;
  /** Whether the captures are parts of text that NGINX has decoded. */
  decoded: boolean;
  /** Names of variables that were read although their values are not known. */
  readonly unknown: Set<string>;
  readonly place: VariablePlace;
}

export function scriptState(request: SeenRequest, place: VariablePlace): ScriptState {
  return { request, own: new Map(), captures: [], decoded: false, unknown: new Set(), place };
}

const DECODED = new Set(['$uri', '$document_uri', '$remote_user']);
const NOT_IN_URL = /[\0-\x20"#%<>?\\\x7f-\xff]/g;
const NOT_IN_HEADER = /[\0-\x20"<>\\\x7f-\xff]/g;
const CAPTURE = /^\$[1-9]$/;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The value of a piece. A variable with an unknown value is recorded and counts as empty. */
function valueOf(piece: string, state: ScriptState): string {
  if (!piece.startsWith('$')) return toBytes(piece);
  if (CAPTURE.test(piece)) return state.captures[Number(piece[1])] ?? '';
  const name = piece.replace(/^\$@?/, '');
  const own = piece.startsWith('$@') ? state.own.get(name) : undefined;
  const value = own ?? variableOf(name, state.request, state.place);
  if (value === undefined) state.unknown.add(name);
  return value ?? '';
}

function expand(text: LiveText, state: ScriptState): string {
  return text.map((piece) => valueOf(piece, state)).join('');
}

function expandUrl(text: LiveText, state: ScriptState): string {
  const escaped = (piece: string): string => {
    if (!piece.startsWith('$')) return toBytes(piece);
    const decoded = DECODED.has(piece) || (CAPTURE.test(piece) && state.decoded);
    return percentEncode(valueOf(piece, state), decoded ? NOT_IN_URL : NOT_IN_HEADER);
  };
  return text.map(escaped).join('');
}

function matches(subject: string, pattern: string, caseless: boolean, state: ScriptState, decoded: boolean): boolean {
  const found = matchPcre(toBytes(pattern), subject, { caseless, dotAll: true });
  if (found === null) return false;
  [state.captures, state.decoded] = [found, decoded];
  return true;
}

function passes(test: LiveTest, state: ScriptState): boolean {
  const value = expand(test.of, state);
  const [first = ''] = test.of;
  const decoded = DECODED.has(first) || CAPTURE.test(first);
  switch (test.is) {
    case 'filled':
      return value !== '' && value !== '0';
    case 'equal':
      return value === expand(test.value ?? [], state);
    case 'prefix':
      return value.startsWith(expand(test.value ?? [], state));
    case 'match':
    case 'imatch':
      return matches(value, test.pattern ?? '', test.is === 'imatch', state, decoded);
    case 'refused':
      return test.sources !== undefined && judgeSource(test.sources, value) === 'd';
  }
}

function redirectTo(url: string, status: number, { request }: ScriptState): NginxAnswer {
  return { status, location: url.startsWith('/') ? `${originOf(request)}${url}` : url };
}

/** Runs a rewrite; returns an answer, or whether the path was changed. */
function rewrite(step: LiveSnippetRewrite, state: ScriptState): NginxAnswer | boolean {
  const { request } = state;
  if (!matches(request.path, step.rewrite, false, state, true)) return false;
  const written = step.query === undefined ? '' : expandUrl(step.query, state);
  const own = step.keepsArguments === true ? (request.args ?? '') : '';
  const query = [written, own].filter((each) => each !== '').join('&');
  if (step.code !== undefined) {
    const url = expandUrl(step.to, state);
    return redirectTo(query === '' ? url : `${url}?${query}`, step.code, state);
  }
  const text = expand(step.to, state);
  const path = text.startsWith('/') ? text : `/${text}`;
  if (hasDotSegments(path)) return { status: 400, reason: 'dot-segments' };
  state.request = { ...request, path, args: query, rewritten: true };
  return true;
}

function answer({ return: status, text }: Extract<LiveStep, { return: number }>, state: ScriptState): NginxAnswer {
  if (REDIRECTS.has(status)) return redirectTo(expandUrl(text ?? [], state), status, state);
  return text === undefined ? { status } : { status, written: true };
}

/** Runs steps; returns an answer, or whether one of them ended the script. */
function run(steps: readonly LiveStep[], state: ScriptState): NginxAnswer | boolean {
  for (const step of steps) {
    const ended = runStep(step, state);
    if (ended !== false) return ended;
  }
  return false;
}

function runStep(step: LiveStep, state: ScriptState): NginxAnswer | boolean {
  if ('set' in step) {
    state.own.set(step.set, expand(step.to, state));
    return false;
  }
  if ('if' in step) {
    if (passes(step.if, state) === (step.if.not === true)) return false;
    return run(step.steps ?? [], state);
  }
  if ('return' in step) return answer(step, state);
  return 'rewrite' in step ? rewrite(step, state) : true;
}

/** Runs a script; returns the answer with which it ends the request, or undefined. */
export function runScript(script: LiveScript | undefined, state: ScriptState): NginxAnswer | undefined {
  for (const steps of [script?.steps ?? [], script?.last ?? []]) {
    const ended = run(steps, state);
    if (typeof ended !== 'boolean') return ended;
  }
  return undefined;
}
