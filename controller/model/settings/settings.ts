/** Reads the ConfigMap: typed values of every key, including defaults. */
import { isDeepStrictEqual } from 'node:util';
import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import { shorten } from '../../types/problem.ts';
import type {
  Correction,
  Doubt,
  Facts,
  OtherValues,
  SettingContribution,
  SettingFeature,
  SettingKey,
  SettingValues,
} from '../contract/setting.ts';
import { didYouMean } from '../contract/did-you-mean.ts';
import { variablesMade } from '../values/variables-made.ts';
import { refusedValue } from '../contract/refused-value.ts';
import { replacedBy, type Replacement, type Replacements, settingText } from '../contract/setting-texts.ts';
import { judgeValue } from '../contract/verdict.ts';
import { isClosed } from './snippet-guards.ts';
import { SETTING_FEATURES } from './keys/registry.gen.ts';

type Feature = (typeof SETTING_FEATURES)[number];
type ValuesOf<F> = F extends SettingFeature<infer Keys> ? SettingValues<Keys> : never;
type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

/** Every key of the ConfigMap with its value in force. */
export type Settings = Intersection<ValuesOf<Feature>>;

/** Name of every key → its description. */
export const SETTING_KEYS: ReadonlyMap<string, SettingKey<unknown>> = new Map(
  SETTING_FEATURES.flatMap((feature) => Object.entries<SettingKey<unknown>>(feature.keys)),
);

const SNIPPETS = ['main-snippet', 'http-snippet', 'server-snippet', 'location-snippet'] as const;
const NONE: Replacements = new Map();

/**
 * Whether the value of a key may be replaced when nginx refuses it. The value of a key that guards access may be
 * replaced only if another value that guards access is known.
 */
export function mayFall(name: string, good: ReadonlyMap<string, string>): boolean {
  const key = SETTING_KEYS.get(name);
  if (key === undefined) return false;
  return key.guards !== true || key.closed !== undefined || good.has(name) || name.endsWith('-snippet');
}

/** Facts about a typical machine, for callers that do not know the real ones. */
const TYPICAL: Facts = {
  processors: 1,
  openFiles: { standard: 65_536, most: 1_048_576 },
  brotli: true,
  headersMore: true,
  http3Obstacle: null,
  stream: true,
};

export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly Problem[];
  /** Key → text of the value in force. Keys whose default is in force are absent. */
  readonly texts: ReadonlyMap<string, string>;
  /** Key that fell back to its default because its value conflicts with other keys → the reason. */
  readonly fallen: ReadonlyMap<string, string>;
}

/**
 * Determines the values in force, and reports each key that is unknown or invalid. Instead of an invalid value, the
 * value in `replaced` is in force, or else the default.
 */
export function readSettings(
  configMap: V1ConfigMap | undefined,
  facts: Facts = TYPICAL,
  replaced: Replacements = NONE,
): ReadSettings {
  const { data = {}, metadata: { namespace = '', name: named = '' } = {} } = configMap ?? {};
  const object: ObjectRef = { kind: 'ConfigMap', namespace, name: named };
  const values: Record<string, unknown> = {};
  const texts = new Map<string, string>();
  const problems: Problem[] = [
    ...unknownSettings(data, 'data', object),
    ...unknownSettings(configMap?.binaryData ?? {}, 'binaryData', object),
  ];
  for (const [name, key] of SETTING_KEYS)
    readKey(name, key, replaced.get(name), { data, object, values, texts, problems });
  const fallen = correct({ data, object, values, texts, problems }, facts);
  for (const [name, { reason, example }] of doubts(values as unknown as Settings))
    problems.push({
      code: 'doubtful-setting',
      severity: 'warning',
      effect: 'none',
      object,
      field: ['data', name],
      message: `${name} ${reason}`,
      example,
    });
  // Each value results from the parser, default or correction of its own key, so it has the type that Settings
  // requires.
  return { settings: values as unknown as Settings, problems, texts, fallen };
}

/** The state of reading a ConfigMap; `values`, `texts` and `problems` are filled key by key. */
interface Reading {
  readonly data: Readonly<Record<string, string>>;
  readonly object: ObjectRef;
  readonly values: Record<string, unknown>;
  readonly texts: Map<string, string>;
  readonly problems: Problem[];
}

function unknownSettings(data: Reading['data'], part: 'data' | 'binaryData', object: ObjectRef): Problem[] {
  return Object.keys(data)
    .filter((name) => !SETTING_KEYS.has(name))
    .map((name) => ({
      code: 'unknown-setting',
      severity: 'warning',
      effect: 'ignored-key',
      object,
      field: [part, name],
      ...(part === 'data' && { value: shorten(data[name]) }),
      message: `${name} is not a setting of this version${didYouMean(name, [...SETTING_KEYS.keys()])}`,
    }));
}

function readKey(name: string, key: SettingKey<unknown>, other: Replacement | undefined, reading: Reading): void {
  const { data, object, values, texts, problems } = reading;
  const written = settingText(data, name);
  const about = aboutValue(name, written, key, other, object);
  const { field } = about;
  values[name] = key.fallback;
  if (other !== undefined) {
    if (other.good === undefined && key.closed !== undefined) values[name] = key.closed;
    problems.push(replacedProblem(name, key, other, written === '', about));
  }
  const raw = other === undefined ? written : (other.good ?? '');
  if (raw === '') return other === undefined ? readEmpty(name, key, about, reading) : undefined;
  const parsed = key.parser.parse(raw);
  if (parsed.ok) {
    values[name] = parsed.value;
    texts.set(name, raw);
    if (!isDeepStrictEqual(parsed.value, key.fallback)) {
      const judged = judgeValue(name, parsed.value, key.verdict);
      if (judged !== undefined) problems.push({ ...judged, object, field, value: shorten(raw) });
    }
  } else if (key.closed !== undefined) values[name] = key.closed;
  if (other === undefined) problems.push(...refusedParts(name, key, parsed, about));
}

/** Applies the strictest value if the key exists, but is empty, and that does not mean the default. */
function readEmpty(name: string, key: SettingKey<unknown>, about: About, { data, values, problems }: Reading): void {
  if (key.emptyCloses === undefined || data[name] === undefined) return;
  values[name] = key.closed;
  problems.push({ ...emptyProblem(name, key), ...about });
}

function emptyProblem(name: string, key: SettingKey<unknown>): Omit<Problem, 'object'> {
  return {
    code: 'invalid-setting',
    severity: 'error',
    effect: closing(key),
    message: `${name} is empty: ${key.emptyCloses ?? ''}`,
    ...exampleOf(key),
  };
}

function aboutValue(
  name: string,
  written: string,
  { secret }: SettingKey<unknown>,
  other: Replacement | undefined,
  object: ObjectRef,
): About & Required<Pick<Problem, 'field'>> {
  const field = [other?.binary === true ? 'binaryData' : 'data', name];
  return { object, field, ...(secret === true || written === '' ? {} : { value: shorten(written) }) };
}

type About = Pick<Problem, 'object' | 'field' | 'value'>;

function exampleOf({ good: [example] }: SettingKey<unknown>): Pick<Problem, 'example'> {
  return example === undefined ? {} : { example };
}

function replacedProblem(
  name: string,
  key: SettingKey<unknown>,
  other: Replacement,
  takenAway: boolean,
  about: About,
): Problem {
  const closes = other.shuts === true || isClosed(name, other.good);
  return {
    code: other.byNginx ? 'refused-by-nginx' : 'invalid-setting',
    severity: 'error',
    effect: closes ? 'denied-location' : other.good ? 'none' : 'ignored-key',
    ...about,
    message: `${takenAway && other.binary !== true ? `the removal of ${name}` : name} ${other.why}; ${other.holds ?? replacedBy(other, key)}`,
    ...exampleOf(key),
  };
}

/** The Problem of an invalid value, or of a list some items of which were dropped. */
function refusedParts(
  name: string,
  key: SettingKey<unknown>,
  parsed: ReturnType<SettingKey<unknown>['parser']['parse']>,
  about: About,
): Problem[] {
  const reason = parsed.ok ? parsed.dropped : parsed.reason;
  if (reason === undefined) return [];
  const without = key.closed === undefined ? 'ignored-key' : closing(key);
  return [
    {
      code: 'invalid-setting',
      severity: key.guards === true ? 'error' : 'warning',
      effect: parsed.ok ? 'ignored-item' : without,
      ...about,
      message: refusedValue(name, reason, key.parser.accepts, parsed.ok ? '' : withoutGood(key)),
      ...exampleOf(key),
    },
  ];
}

/** Corrects conflicting values. Returns the keys that fell back to their default, with the reasons. */
function correct({ data, object, values, texts, problems }: Reading, facts: Facts): Map<string, string> {
  const fallen = new Map<string, string>();
  for (const [name, { value, reason }] of corrections(values as unknown as Settings, facts)) {
    values[name] = value;
    texts.delete(name);
    const isDefault = isDeepStrictEqual(value, SETTING_KEYS.get(name)?.fallback);
    if (isDefault) fallen.set(name, reason);
    problems.push({
      code: 'inconsistent-setting',
      severity: 'warning',
      effect: isDefault ? 'ignored-key' : 'corrected-key',
      object,
      field: ['data', name],
      value: shorten(data[name] ?? ''),
      message: `${name} ${reason}`,
    });
  }
  return fallen;
}

/** Effect on requests if the strictest value of a key is in force: whether some are denied. */
function closing({ holds = '' }: SettingKey<unknown>): 'denied-location' | 'none' {
  return /\b(?:403|503)\b/.test(holds) ? 'denied-location' : 'none';
}

/** What is in force for an invalid key that guards access if no good value is known, as the end of a message. */
function withoutGood({ guards, holds, fallback }: SettingKey<unknown>): string {
  if (guards !== true) return '';
  return `; ${holds ?? (fallback === '' ? 'it is left out' : 'its default is used')}`;
}

type Reconcile = (
  values: Settings,
  facts: Facts,
  made: ReadonlySet<string>,
  others: OtherValues,
) => Record<string, Correction<unknown>>;

function corrections(settings: Settings, facts: Facts): [string, Correction<unknown>][] {
  const made = variablesMade(SNIPPETS.map((name) => settings[name]));
  return SETTING_FEATURES.flatMap((feature) => {
    const { reconcile }: { reconcile?: Reconcile } = feature;
    return Object.entries(reconcile?.(settings, facts, made, settings) ?? {});
  });
}

function doubts(settings: Settings): [string, Doubt][] {
  return SETTING_FEATURES.flatMap((feature) => {
    const { doubts: of }: { doubts?: (values: Settings) => Record<string, Doubt> } = feature;
    return Object.entries(of?.(settings) ?? {});
  });
}

/** Directives and declarations that the keys add to nginx.conf, in the order of the registry. */
export function contributeSettings(settings: Settings, facts: Facts): Required<SettingContribution> {
  const contributions = SETTING_FEATURES.map((feature): SettingContribution => {
    const { contribute }: { contribute?: (values: Settings, facts: Facts) => SettingContribution } = feature;
    return contribute?.(settings, facts) ?? {};
  });
  return {
    main: contributions.flatMap((contribution) => contribution.main ?? []),
    events: contributions.flatMap((contribution) => contribution.events ?? []),
    http: contributions.flatMap((contribution) => contribution.http ?? []),
    declarations: contributions.flatMap((contribution) => contribution.declarations ?? []),
  };
}
