/** The verdict on one key, from the Problems that the build reports about it and from docs/differences.md. */
import type { V1Ingress } from '@kubernetes/client-node';
import { formatField, type Locator, type ObjectRef, type Problem, shorten } from '../types/problem.ts';
import { annotationField } from '../model/contract/annotation-field.ts';
import { wordRefusal } from '../model/features/annotation-policy.ts';
import { successorOf } from '../model/features/removed-annotations.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { ofAnnotation, ofInvalid } from './differences/lookup.ts';
import type { JudgedKey, KeyVerdict, Quoted, Reported } from './report.ts';
import { SNIPPETS } from './snippets.ts';
import type { World } from './world.ts';

/** What is requested is not served. */
const CLOSING: ReadonlySet<Problem['effect']> = new Set([
  'object-ignored',
  'path-ignored',
  'denied-location',
  'quarantined',
]);

/**
 * Problems that exist in ingress-nginx, too, with the same result: the path belongs to another Ingress, a canary has no
 * Ingress whose requests it could get, or a second copy of a manifest is left out.
 */
const SAME_RESULT: ReadonlySet<string> = new Set([
  'path-conflict',
  'no-canary',
  'canary-without-primary',
  'duplicate-object',
]);

/** Problems of keys that have no effect in ingress-nginx either: another key is missing, or takes precedence. */
const IDLE_IN_BOTH: ReadonlySet<string> = new Set([
  'superseded-annotation',
  'ssl-passthrough',
  'not-buffered',
  'proxy-ssl-without-secret',
  'auth-tls-without-secret',
  'auth-without-url',
  'auth-without-type',
]);

/** Whether a Problem exists in ingress-nginx, too, with the same result. */
export function isOfBoth({ code }: Pick<Problem, 'code'>): boolean {
  return SAME_RESULT.has(code) || IDLE_IN_BOTH.has(code);
}

/** Effects with which requests are answered differently from what is written. */
const CHANGING: ReadonlySet<Problem['effect']> = new Set(['ignored-key', 'ignored-item', 'corrected-key']);

export function closes({ code, effect }: Problem): boolean {
  return CLOSING.has(effect) && !SAME_RESULT.has(code);
}

export function changes(problem: Problem): boolean {
  return CHANGING.has(problem.effect) && !isOfBoth(problem);
}

export function reported(problem: Problem, locate: Locator): Reported {
  const { code, severity, message, field, example, object } = problem;
  const place = problem.place ?? (object === undefined ? undefined : locate(object, field ?? []));
  return {
    code,
    severity,
    text: message,
    ...(field !== undefined && field.length > 0 && { field: formatField(field) }),
    ...(example !== undefined && { example }),
    ...(place !== undefined && { place }),
    closes: closes(problem),
    changes: changes(problem),
  };
}

const NO_EFFECT: ReadonlySet<string> = new Set(['no-effect-key', 'later-key', 'stream-snippet-later', 'idle-canary']);

function ofProblem(problem: Problem, name: string): KeyVerdict {
  const { code } = problem;
  if (code === 'unknown-annotation') return successorOf(name) === undefined ? 'unknown' : 'replaced';
  if (code === 'unknown-setting' || code === 'foreign-annotation') return 'unknown';
  if (NO_EFFECT.has(code) || IDLE_IN_BOTH.has(code)) return 'no-effect';
  if (closes(problem) || changes(problem)) return 'refused';
  return 'same';
}

/** The worst of several verdicts on one key. */
const RANK: Readonly<Record<KeyVerdict, number>> = {
  refused: 0,
  'no-effect': 1,
  replaced: 2,
  unknown: 3,
  differs: 4,
  same: 5,
};

export function worst(verdicts: readonly KeyVerdict[]): KeyVerdict {
  return [...verdicts].sort((a, b) => RANK[a] - RANK[b])[0] ?? 'same';
}

export function judged(
  problems: readonly Problem[],
  name: string,
  differences: readonly Quoted[],
  invalid: () => readonly Quoted[],
): Pick<JudgedKey, 'verdict' | 'differences'> {
  const verdict = worst([
    ...problems.map((problem) => ofProblem(problem, name)),
    differences.some(({ detail }) => !detail) ? 'differs' : 'same',
  ]);
  return { verdict, differences: verdict === 'refused' ? [...invalid(), ...differences] : differences };
}

/** Words that ingress-nginx recommends to forbid, because attacks contain them. */
const WORDS = (SETTING_KEYS.get('annotation-value-word-blocklist')?.good[0] ?? '').split(',');

/** Characters that end a directive or begin a block or a variable of nginx. */
const SYNTAX = /[{};\r\n]|\$\{/;

/** Why a value looks like an attack; undefined if it does not. Judges only values that are not accepted. */
export function suspicion(name: string, value: string, problems: readonly Problem[]): string | undefined {
  const refused = problems.filter((problem) => closes(problem) || changes(problem));
  if (refused.length === 0) return undefined;
  if (refused.some(({ code }) => code === 'refused-address'))
    return 'it leads to an address to which no backend may lead';
  const word = wordRefusal(value, {
    'allow-snippet-annotations': true,
    'snippet-namespaces': [],
    'annotations-risk-level': 'Critical',
    'annotation-value-word-blocklist': WORDS,
  });
  if (word !== undefined) return `it contains one of the words ${WORDS.join(', ')}`;
  if (/\bunix:/.test(value)) return 'it names a socket of this machine';
  if (!Object.hasOwn(SNIPPETS, name) && name !== 'stream-snippet' && SYNTAX.test(value.trim()))
    return 'it contains characters that end a directive of nginx or begin a block';
  return undefined;
}

/** Judges one annotation of an Ingress; `full` includes the prefix. */
export function judgeAnnotation(
  full: string,
  object: ObjectRef,
  ingress: V1Ingress,
  problems: readonly Problem[],
  { world, locate }: { readonly world: World; readonly locate: Locator },
): JudgedKey {
  const name = full.slice(full.indexOf('/') + 1);
  const written = ingress.metadata?.annotations?.[full];
  const value = written ?? '';
  const differences = full.startsWith(`${world.options.annotationsPrefix}/`) ? ofAnnotation(name, ingress, world) : [];
  const place = locate(object, annotationField(full));
  const suspicious = suspicion(name, value, problems);
  return {
    name: full,
    ...(written !== undefined && { value: shorten(written) }),
    ...judged(problems, name, differences, () => ofInvalid(name)),
    problems: problems.map((problem) => reported(problem, locate)),
    ...(place !== undefined && { place }),
    ...(suspicious !== undefined && { suspicious }),
  };
}
