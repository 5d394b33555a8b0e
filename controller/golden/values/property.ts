/** nginx accepts every value that the model accepts. Every other value has a Problem, and changes nothing else. */
import type { V1Ingress } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Overrides } from '../../app/build.ts';
import { ANNOTATION_KEYS, DEFAULT_PREFIX, FEATURES } from '../../model/features/annotations.ts';
import { SETTING_KEYS } from '../../model/settings/settings.ts';
import { NATIVE_NAMES } from '../../model/values/snippets/directives.ts';
import type { Problem } from '../../types/problem.ts';
import { parseConf } from '../../types/tokenizer.ts';
import { buildFixed } from '../build-fixed.ts';
import { directiveNames } from '../directive-names.ts';
import { emptyWorld } from '../incremental/world.ts';
import type { Judge } from './nginx.ts';
import { ingressOf, randomAnnotations, randomSettings, snapshotOf, type Values } from './objects.ts';
import { type Random, randomOf } from './random.ts';
import { type Refusal, refusals } from './refusals.ts';

export interface Tally {
  values: number;
  accepted: number;
  /** Number of `nginx -t` runs. */
  tests: number;
  /** nginx's messages, each with the values that it refused. The list is empty unless a parser has a gap. */
  readonly refused: string[];
  /** Rejected values without a Problem. */
  readonly silent: string[];
  /** Directives in the results that valid values do not lead to. */
  readonly unknown: Set<string>;
}

export function newTally(): Tally {
  return { values: 0, accepted: 0, tests: 0, refused: [], silent: [], unknown: new Set() };
}

const UNCHANGED: Overrides = emptyWorld().overrides;
const NEIGHBOURS = [
  ingressOf('plain', {}),
  ingressOf('grpc', { 'backend-protocol': 'GRPC' }),
  ingressOf('php', { 'backend-protocol': 'FCGI' }),
  ingressOf('asked', {
    'auth-url': 'http://auth.example.com/',
    'limit-rps': '5',
    'mirror-target': 'http://a.example.com',
  }),
];

const shown = (values: unknown) => {
  const text = JSON.stringify(values);
  return text.length > 400 ? `${text.slice(0, 300)}…${text.slice(-60)}` : text;
};

/** The values of an Ingress's annotations, by names without the prefix. */
function annotationsOf({ metadata }: V1Ingress): Values {
  const found = Object.entries(metadata?.annotations ?? {});
  return Object.fromEntries(found.map(([name, value]) => [name.slice(DEFAULT_PREFIX.length + 1), value]));
}

/** Whether the Ingress also has another name of the same annotation, which may be read instead. */
function isHidden(name: string, values: Values): boolean {
  return Object.keys(values).some(
    (other) => other !== name && ANNOTATION_KEYS.get(other) === ANNOTATION_KEYS.get(name),
  );
}

function count(
  tally: Tally,
  values: Values,
  parserOf: (name: string) => { readonly parse: (raw: string) => { readonly ok: boolean } } | undefined,
  told: (name: string) => boolean,
): void {
  for (const [name, value] of Object.entries(values)) {
    tally.values += 1;
    if (value.trim() === '') continue;
    if (parserOf(name)?.parse(value.trim()).ok === true) tally.accepted += 1;
    else if (!told(name)) tally.silent.push(`${name}: ${shown(value)}`);
  }
}

function report<T>(tally: Tally, found: readonly Refusal<T>[], valuesOf: (item: T) => unknown): void {
  for (const { items, message } of found)
    tally.refused.push(`${message.slice(0, 200)}: ${shown(items.slice(0, 3).map(valuesOf))}`);
}

/** Tries the random annotations of `size` Ingresses in one nginx.conf. */
export async function tryAnnotations(judge: Judge, seed: number, size: number, tally: Tally): Promise<void> {
  const random = randomOf(seed);
  const ingresses = Array.from({ length: size }, (_, index) => ingressOf(`i${index}`, randomAnnotations(random)));
  const { artifact, problems } = judge.newBuild()(snapshotOf(ingresses), UNCHANGED);
  const fields = new Set(problems.map(({ object, field }) => `${object?.name} ${field?.at(-1)}`));
  for (const each of ingresses) {
    const values = annotationsOf(each);
    const told = (name: string) =>
      isHidden(name, values) || fields.has(`${each.metadata?.name} ${DEFAULT_PREFIX}/${name}`);
    count(tally, values, (name) => ANNOTATION_KEYS.get(name)?.parser, told);
  }
  addUnknown(tally, judge, artifact.conf);
  const found = await refusals(ingresses, async (part) => {
    tally.tests += 1;
    return judge.test(part === ingresses ? artifact : judge.newBuild()(snapshotOf(part), UNCHANGED).artifact);
  });
  report(tally, found, annotationsOf);
}

/** Tries one ConfigMap with about the fraction `part` of all keys. */
export async function trySettings(judge: Judge, seed: number, part: number, tally: Tally): Promise<void> {
  const data = randomSettings(randomOf(seed), part);
  const build = (some: Values) => judge.newBuild()(snapshotOf(NEIGHBOURS, some), UNCHANGED);
  const { artifact, problems } = build(data);
  const fields = new Set(problems.map(({ field }: Problem) => field?.join(' ')));
  count(
    tally,
    data,
    (name) => SETTING_KEYS.get(name)?.parser,
    (name) => fields.has(`data ${name}`),
  );
  addUnknown(tally, judge, artifact.conf);
  const entries = Object.entries(data);
  const found = await refusals(entries, async (some) => {
    tally.tests += 1;
    return judge.test(some === entries ? artifact : build(Object.fromEntries(some)).artifact);
  });
  report(tally, found, (entry) => entry);
}

let pairs: ReadonlySet<string> | undefined;

/** Directives, each with the name of its block. */
function pairsOf(conf: string): readonly string[] {
  return [...directiveNames(parseConf(conf))].map((path) => path.split('/').slice(-2).join('/'));
}

/** Directives that valid values lead to. Each value is tried alone, and all annotations of a feature together. */
function known(judge: Judge): ReadonlySet<string> {
  if (pairs !== undefined) return pairs;
  // More rules than nginx.conf may contain as directives.
  const many = Array.from({ length: 40 }, (_, index) => `10.${index}.0.1`).join(',');
  const alone = [
    ...[...ANNOTATION_KEYS].flatMap(([name, key]) => key.good.map((value) => ({ [name]: value }))),
    { 'allowlist-source-range': many },
  ];
  const together = FEATURES.flatMap(({ keys }) =>
    [0, -1].map((at) => Object.fromEntries(Object.entries(keys).map(([name, { good }]) => [name, good.at(at) ?? '']))),
  );
  const all = [
    ...alone,
    ...['HTTP', 'HTTPS', 'GRPC', 'FCGI'].flatMap((protocol) =>
      together.map((values) => ({ 'auth-url': 'http://a.example/', ...values, 'backend-protocol': protocol })),
    ),
  ].map((values, index) => ingressOf(`g${index}`, values));
  const choices: ((index: number) => number)[] = [() => 0, () => -1, (index) => index % 2, (index) => (index + 1) % 2];
  const settings = choices.map((at) =>
    Object.fromEntries([...SETTING_KEYS].map(([name, { good }], index) => [name, good.at(at(index)) ?? ''])),
  );
  const found = [{}, ...settings].flatMap((data, index) =>
    pairsOf(judge.newBuild()(snapshotOf(index === 0 ? all : NEIGHBOURS, data), UNCHANGED).artifact.conf),
  );
  const ofModules = ['proxy_', 'grpc_', 'fastcgi_'].map((prefix) => (name: string) => name.replace(/^proxy_/, prefix));
  const native = NATIVE_NAMES.flatMap((name) => [
    `server/${name}`,
    ...ofModules.map((rename) => `location/${rename(name)}`),
  ]);
  pairs = new Set([...found, ...native]);
  return pairs;
}

function addUnknown(tally: Tally, judge: Judge, conf: string): void {
  for (const pair of pairsOf(conf)) if (!known(judge).has(pair)) tally.unknown.add(pair);
}

function same(a: ReturnType<typeof buildFixed>, b: ReturnType<typeof buildFixed>, what: string): void {
  const sorted = (live: ReadonlyMap<string, string>) => [...live].sort(([x], [y]) => (x < y ? -1 : 1));
  expect(a.artifact.conf, what).toBe(b.artifact.conf);
  expect(sorted(a.artifact.live), what).toEqual(sorted(b.artifact.live));
}

/** An invalid value that restricts nothing has the same result as an absent one. Returns the number of comparisons. */
export function compareNeighbours(random: Random): number {
  const values = { ...randomAnnotations(random), ...randomAnnotations(random) };
  let compared = 0;
  for (const [name, value] of Object.entries(values)) {
    const key = ANNOTATION_KEYS.get(name);
    const refused = value.trim() !== '' && key?.parser.parse(value.trim()).ok === false;
    if (!refused || key.onInvalid !== 'ignored' || key.instead !== undefined || isHidden(name, values)) continue;
    const { [name]: _, ...others } = values;
    same(
      buildFixed(snapshotOf([ingressOf('a', values)])),
      buildFixed(snapshotOf([ingressOf('a', others)])),
      `${name}: ${shown(value)}`,
    );
    compared += 1;
  }
  const data = randomSettings(random, 0.05);
  for (const [name, key] of SETTING_KEYS) {
    if (key.closed !== undefined) continue;
    const bad = random.pick(key.bad);
    same(
      buildFixed(snapshotOf(NEIGHBOURS, { ...data, [name]: bad })),
      buildFixed(snapshotOf(NEIGHBOURS, { ...data, [name]: '' })),
      `${name}: ${shown(bad)}`,
    );
    compared += 1;
    if (random.chance(0.9)) break;
  }
  return compared;
}
