/** Reads every Ingress of a Snapshot; results of the previous build are reused where they are still valid. */
import type { V1Ingress } from '@kubernetes/client-node';
import { type Fault, faultOf } from '../../types/fault.ts';
import type { InForce } from '../../types/last-good.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { differingKeys } from '../../types/table/diff.ts';
import { createFindReferrers } from '../../types/table/referrers.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import { chooseIngress } from './ingress-class.ts';
import { closedIngress, forgetModel, type IngressModel, modelIngress, type Reading } from './ingress-model.ts';
import type { HostOwners } from '../contract/host-owners.ts';
import { createdAt, ingressRef, keyOf } from '../contract/object-ref.ts';
import { type BuildOptions, sameFixedOptions } from '../contract/options.ts';
import { READ_KINDS, type Read, type Sources, stillTrue } from '../contract/resources.ts';
import type { Settings } from '../settings/settings.ts';
import { type Cost, NO_COST } from './cost.ts';
import { NO_ZONES } from './limit-zones.ts';
import { hostsAsked, withOwnedHosts } from './owned-hosts.ts';
import { quarantineProblem } from './quarantine-problem.ts';

export interface Entry {
  /** `namespace/name` */
  readonly key: ObjectKey;
  readonly ingress: V1Ingress;
  /** Milliseconds since 1970; 0 if unknown. */
  readonly createdAt: number;
  /** Undefined if this controller does not serve the Ingress, or if the entry is an outline (`outlineOf`). */
  readonly model: IngressModel | undefined;
  /** Whether this controller serves the Ingress. */
  readonly ours: boolean;
  /** Cost of the model. */
  readonly cost: Cost;
  /** Keys of the zones in which NGINX counts clients for the Ingress's limits. */
  readonly zones: ReadonlySet<string>;
  /** Look-ups of other objects while the Ingress was read. */
  readonly reads: readonly Read[];
  /** Secrets and ConfigMaps whose content is in force, in the version that is used. */
  readonly inForce: InForce;
  /** Hosts to which the Ingress applies; the empty string is the catch-all host. */
  readonly hosts: readonly string[];
  /** `namespace/name` of the Secrets to which the Ingress refers, whether or not they exist. */
  readonly secrets: readonly ObjectKey[];
  /** `namespace/name` of the ConfigMaps to which the Ingress refers. */
  readonly configMaps: readonly ObjectKey[];
  readonly problems: readonly Problem[];
}

export interface EntryInput {
  readonly snapshot: Snapshot;
  readonly options: BuildOptions;
  readonly settings: Settings;
  readonly owners: HostOwners;
}

export interface Entries {
  /** What the entries were read from. */
  readonly input: EntryInput | undefined;
  /** Entries by `namespace/name`. */
  readonly table: Table<Entry>;
  /** Exceptions thrown while Ingresses were read; these Ingresses are missing from the table. */
  readonly faults: readonly Fault[];
}

export const NO_ENTRIES: Entries = { input: undefined, table: emptyTable(), faults: [] };

/**
 * Orders Ingresses by age, oldest first; Ingresses of equal age by `namespace/name` descending, as in ingress-nginx.
 */
export function byAge(a: Pick<Entry, 'key' | 'createdAt'>, b: typeof a): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.key < b.key ? 1 : a.key > b.key ? -1 : 0;
}

/**
 * Whether reading an unchanged Ingress, with unchanged objects, gives the same result with both inputs. An option that
 * changes while the controller runs either does not affect reading, or `keysToRead` finds the Ingresses that it
 * affects.
 */
function sameRules(a: EntryInput, b: EntryInput): boolean {
  return (
    a.settings === b.settings &&
    a.snapshot.IngressClass === b.snapshot.IngressClass &&
    a.owners.unknown === b.owners.unknown &&
    a.owners.doubt === b.owners.doubt &&
    sameFixedOptions(a.options, b.options)
  );
}

/** Reads all Ingresses. `before` may result from any other Snapshot and options. */
export function* readEntries(input: EntryInput, before: Entries): Steps<Entries> {
  const { Ingress } = input.snapshot;
  const faults: Fault[] = [];
  const draft = draftOf(before.table);
  for (const key of yield* keysToRead(input, before)) {
    const [ingress, known] = [Ingress.get(key), before.table.get(key)];
    const entry = ingress === undefined ? undefined : yield* readOrFail(key, ingress, input, faults);
    if (!isSame(known, entry)) draft.set(key, entry);
    yield;
  }
  return { input, table: yield* draft.freeze(), faults };
}

/** Keys of the Ingresses whose reading may give a new result, and of removed Ingresses. */
function* keysToRead(input: EntryInput, { input: before, table, faults }: Entries): Steps<Iterable<ObjectKey>> {
  const { snapshot, options } = input;
  if (before === undefined || !sameRules(before, input)) return new Set([...table.keys(), ...snapshot.Ingress.keys()]);
  const keys = new Set([
    ...differingKeys(before.snapshot.Ingress, snapshot.Ingress),
    ...differingKeys(before.options.quarantine, options.quarantine),
  ]);
  if (faults.length > 0) for (const key of snapshot.Ingress.keys()) if (!table.has(key)) keys.add(key);
  const sources = sourcesOf(input);
  for (const key of yield* findReferrers(table, changedReads(before, input))) {
    if (!stillTrue(table.get(key)?.reads ?? [], sources)) keys.add(key);
    yield;
  }
  return keys;
}

/** Keys of look-ups whose results may differ from before. */
function changedReads(before: EntryInput, now: EntryInput): ReadonlySet<string> {
  const { lastGood: goodBefore = NO_OBJECTS } = before.options;
  const { lastGood: goodNow = NO_OBJECTS } = now.options;
  return new Set([
    ...differingKeys(goodBefore, goodNow),
    ...READ_KINDS.flatMap((kind) => [...differingKeys<unknown>(before.snapshot[kind], now.snapshot[kind])]),
    ...differingKeys(before.owners.claims, now.owners.claims),
    ...differingKeys(before.owners.index, now.owners.index),
  ]);
}

const NO_OBJECTS: InForce = new Map();
const findReferrers = createFindReferrers(({ reads }: Entry) => reads.map(({ key }) => key));

/** The entry of an Ingress; undefined if reading throws an exception, which is a bug of ours. */
function* readOrFail(key: ObjectKey, ingress: V1Ingress, input: EntryInput, faults: Fault[]): Steps<Entry | undefined> {
  try {
    const entry = yield* readEntry(key, ingress, input);
    yield;
    return entry;
  } catch (error) {
    faults.push(faultOf(error, [ingressRef(ingress)]));
    return undefined;
  }
}

function sourcesOf({ snapshot, options, owners }: EntryInput): Sources {
  return { snapshot, lastGood: options.lastGood, owners };
}

/** Whether reading an Ingress again gave the same result. */
function isSame(known: Entry | undefined, entry: Entry | undefined): boolean {
  return (
    known?.ingress === entry?.ingress &&
    known?.ours === entry?.ours &&
    known?.model === entry?.model &&
    known?.problems.length === entry?.problems.length &&
    known?.problems.every((problem, index) => problem === entry?.problems[index]) !== false
  );
}

/** Reads one Ingress; this is cheap if it was read before. */
export function* readEntry(key: ObjectKey, ingress: V1Ingress, input: EntryInput): Steps<Entry> {
  const { snapshot, options } = input;
  const choice = chooseIngress(ingress, snapshot, options);
  const catchAll = choice.ours && options.disableCatchAll && ingress.spec?.defaultBackend !== undefined;
  const ours = choice.ours && !catchAll;
  const problems: Problem[] = choice.problem === undefined ? [] : [choice.problem];
  if (catchAll) problems.push(catchAllDisabled(ingressRef(ingress)));
  const read = ours ? yield* modelOf(ingress, input, problems) : undefined;
  const found = { key, ingress, createdAt: createdAt(ingress) };
  if (read === undefined) return { ...found, model: undefined, ...NOT_OURS, problems };
  const { model, reads, problems: refused } = withOwnedHosts(read, input.owners);
  return {
    ...found,
    model,
    ours: true,
    cost: model.cost,
    zones: model.zones,
    reads: reads.length === 0 ? model.reads : [...model.reads, ...reads],
    inForce: model.inForce,
    hosts: hostsAsked(model),
    secrets: secretsOf(model),
    configMaps: readOf(model, 'ConfigMap'),
    problems: problems.concat(model.problems, refused),
  };
}

function catchAllDisabled(object: ObjectRef): Problem {
  return {
    code: 'catch-all-disabled',
    severity: 'error',
    effect: 'object-ignored',
    object,
    field: ['spec', 'defaultBackend'],
    message: '--disable-catch-all is set, so an Ingress with a default backend is left out',
    example: 'a rule with the path / instead of spec.defaultBackend',
  };
}

const NOT_OURS: Omit<Entry, 'key' | 'ingress' | 'createdAt' | 'model' | 'problems'> = {
  ours: false,
  cost: NO_COST,
  zones: NO_ZONES,
  reads: [],
  inForce: new Map(),
  hosts: [],
  secrets: [],
  configMaps: [],
};

/**
 * The outline of a refused Ingress: its entry without the model, which takes most of the entry's memory. If the model
 * is needed again, the Ingress is read again.
 */
export function outlineOf(entry: Entry): Entry {
  forgetModel(entry.ingress);
  return entry.model === undefined ? entry : { ...entry, model: undefined };
}

/** The entry of an Ingress whose paths answer 503 because of `problem`. */
export function* refusedEntry(entry: Entry, input: EntryInput, problem: Problem): Steps<Entry> {
  const closed = yield* closedIngress(entry.ingress, sourcesOf(input), readingOf(input));
  const { model } = withOwnedHosts(closed, input.owners);
  return { ...entry, model, hosts: hostsAsked(model), problems: [...entry.problems, problem] };
}

const readings = new WeakMap<EntryInput, Reading>();

/** One `Reading` object for all Ingresses of a build: it is remembered with each model. */
function readingOf(input: EntryInput): Reading {
  const known = readings.get(input);
  if (known !== undefined) return known;
  const { options, settings } = input;
  const { bounds, defaultBackendService, ignoreModsecurity, sslPassthrough } = options;
  const flags = { bounds, defaultBackendService, ignoreModsecurity, sslPassthrough };
  const reading = { settings, flags, prefix: options.annotationsPrefix, closedBy: undefined };
  readings.set(input, reading);
  return reading;
}

/**
 * The model of an Ingress. For a quarantined Ingress: the model of its last good version; if there is none, a model
 * whose paths answer 503, or undefined.
 */
function* modelOf(ingress: V1Ingress, input: EntryInput, problems: Problem[]): Steps<IngressModel | undefined> {
  const ref = ingressRef(ingress);
  const [sources, reading] = [sourcesOf(input), readingOf(input)];
  const { options } = input;
  const quarantine = options.quarantine.size === 0 ? undefined : options.quarantine.get(keyOf(ref));
  if (quarantine === undefined || quarantine.refused !== ingress) return yield* modelIngress(ingress, sources, reading);
  // An Ingress that waits for its first test by nginx has no message and no Problem: the result follows in a moment.
  if (quarantine.message !== '') problems.push(quarantineProblem(ref, quarantine));
  if (quarantine.lastGood !== undefined) return yield* modelIngress(quarantine.lastGood, sources, reading);
  return quarantine.absent === true
    ? undefined
    : yield* modelIngress(ingress, sources, { ...reading, closedBy: 'quarantine' });
}

function readOf({ reads }: IngressModel, kind: Read['kind']): readonly ObjectKey[] {
  return reads.filter((read) => read.kind === kind).map(({ key }) => key);
}

function secretsOf(model: IngressModel): readonly ObjectKey[] {
  const { ingress, ref, canary } = model;
  const tls = (canary === undefined ? (ingress.spec?.tls ?? []) : []).flatMap(({ secretName }) =>
    secretName === undefined || secretName === '' ? [] : [`${ref.namespace}/${secretName}`],
  );
  return [...readOf(model, 'Secret'), ...tls];
}
