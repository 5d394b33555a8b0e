/** Every Ingress of a Snapshot, read; results of the previous build are reused where they are still valid. */
import type { V1Ingress } from '@kubernetes/client-node';
import { type Fault, faultOf } from '../../types/fault.ts';
import type { InForce } from '../../types/last-good.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { differingKeys } from '../../types/table/diff.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import { chooseIngress } from './ingress-class.ts';
import { closedIngress, forgetModel, type IngressModel, modelIngress, type Reading } from './ingress-model.ts';
import { createdAt, ingressRef, keyOf } from '../contract/object-ref.ts';
import { type BuildOptions, type Quarantine, sameOptions } from '../contract/options.ts';
import { READ_KINDS, type Read, type Sources, stillTrue } from '../contract/resources.ts';
import type { Settings } from '../settings/settings.ts';
import { type Cost, NO_COST } from './cost.ts';
import { NO_ZONES } from './limit-zones.ts';

export interface Entry {
  /** `namespace/name` */
  readonly key: ObjectKey;
  readonly ingress: V1Ingress;
  /** Milliseconds since 1970; 0 if unknown. */
  readonly createdAt: number;
  /** Undefined for an Ingress that this controller does not serve, or that hosts are not planned from (`outlineOf`). */
  readonly model: IngressModel | undefined;
  readonly ours: boolean;
  /** Cost of its model, and the zones in which its limits are counted. */
  readonly cost: Cost;
  readonly zones: ReadonlySet<string>;
  /** Other objects that were read, and those whose content is in force. */
  readonly reads: readonly Read[];
  readonly inForce: InForce;
  /** Hosts that it applies to; the empty string is the catch-all host. */
  readonly hosts: readonly string[];
  /** `namespace/name` of the Secrets that it refers to, whether or not they exist. */
  readonly secrets: readonly ObjectKey[];
  /** `namespace/name` of the ConfigMaps that it refers to, without the main ConfigMap. */
  readonly configMaps: readonly ObjectKey[];
  readonly problems: readonly Problem[];
}

export interface EntryInput {
  readonly snapshot: Snapshot;
  readonly options: BuildOptions;
  readonly settings: Settings;
}

export interface Entries {
  readonly input: EntryInput | undefined;
  /** By `namespace/name`. */
  readonly table: Table<Entry>;
  /** Faults of Ingresses that are missing from the table, because reading them failed. */
  readonly faults: readonly Fault[];
}

export const NO_ENTRIES: Entries = { input: undefined, table: emptyTable(), faults: [] };

/** Oldest first; with equal ages `namespace/name` descending, as in ingress-nginx. */
export function byAge(a: Pick<Entry, 'key' | 'createdAt'>, b: typeof a): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.key < b.key ? 1 : a.key > b.key ? -1 : 0;
}

/** Options that do not affect the reading of an Ingress, or whose relevant parts are remembered with it. */
const READ_OTHERWISE = [
  'quarantine',
  'resolvedNames',
  'intermediates',
  'keptSecrets',
  'lastGood',
  'settingTexts',
  'now',
] as const satisfies readonly (keyof BuildOptions)[];

/** Whether an unchanged Ingress, with unchanged objects, is still read the same way. */
function sameRules(a: EntryInput, b: EntryInput): boolean {
  return (
    a.settings === b.settings &&
    a.snapshot.IngressClass === b.snapshot.IngressClass &&
    sameOptions(a.options, b.options, READ_OTHERWISE)
  );
}

/** Reads all Ingresses; `before` may come from any other Snapshot and options. */
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

/** Keys of Ingresses that may be read differently than before, and of removed ones. */
function* keysToRead(input: EntryInput, { input: before, table, faults }: Entries): Steps<Iterable<ObjectKey>> {
  const { snapshot, options } = input;
  if (before === undefined || !sameRules(before, input)) return new Set([...table.keys(), ...snapshot.Ingress.keys()]);
  const keys = new Set([
    ...differingKeys(before.snapshot.Ingress, snapshot.Ingress),
    ...differingKeys(before.options.quarantine, options.quarantine),
  ]);
  if (faults.length > 0) for (const key of snapshot.Ingress.keys()) if (!table.has(key)) keys.add(key);
  const sources = sourcesOf(input);
  const sameReads =
    READ_KINDS.every((kind) => before.snapshot[kind] === snapshot[kind]) &&
    before.options.lastGood === sources.lastGood;
  if (sameReads) return keys;
  let seen = 0;
  for (const [key, { reads }] of table) {
    if (!stillTrue(reads, sources)) keys.add(key);
    if ((seen += 1) % STRIDE === 0) yield;
  }
  return keys;
}

/** Entries whose reads are checked between two pauses. */
const STRIDE = 128;

/** Undefined if reading it fails, which is our own fault. */
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

function sourcesOf({ snapshot, options }: EntryInput): Sources {
  return { snapshot, lastGood: options.lastGood };
}

/** Whether reading it again gave the same result. */
function isSame(known: Entry | undefined, entry: Entry | undefined): boolean {
  return (
    known?.ingress === entry?.ingress &&
    known?.ours === entry?.ours &&
    known?.model === entry?.model &&
    known?.problems.length === entry?.problems.length &&
    known?.problems.every((problem, index) => problem === entry?.problems[index]) !== false
  );
}

/** One Ingress; cheap if it was read before. */
export function* readEntry(key: ObjectKey, ingress: V1Ingress, input: EntryInput): Steps<Entry> {
  const { snapshot, options } = input;
  const choice = chooseIngress(ingress, snapshot, options);
  const ours = choice.ours && !(options.disableCatchAll && ingress.spec?.defaultBackend !== undefined);
  const problems: Problem[] = choice.problem === undefined ? [] : [choice.problem];
  const model = ours ? yield* modelOf(ingress, input, problems) : undefined;
  return {
    key,
    ingress,
    createdAt: createdAt(ingress),
    model,
    ...(model === undefined
      ? NOT_OURS
      : {
          ours: true,
          cost: model.cost,
          zones: model.zones,
          reads: model.reads,
          inForce: model.inForce,
          hosts: hostsOf(model),
          secrets: secretsOf(model),
          configMaps: readOf(model, 'ConfigMap'),
        }),
    problems: model === undefined ? problems : problems.concat(model.problems),
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
 * An outline of an Ingress from which no host is planned, without the model, which takes most of an entry's memory:
 * reading the Ingress again gives the model back.
 */
export function outlineOf(entry: Entry): Entry {
  forgetModel(entry.ingress);
  return entry.model === undefined ? entry : { ...entry, model: undefined };
}

/** An entry whose paths answer 503 because of that Problem. */
export function* refusedEntry(entry: Entry, input: EntryInput, problem: Problem): Steps<Entry> {
  const model = yield* closedIngress(entry.ingress, sourcesOf(input), readingOf(input));
  return { ...entry, model, hosts: hostsOf(model), problems: [...entry.problems, problem] };
}

const readings = new WeakMap<EntryInput, Reading>();

/** Shared by all Ingresses of a build, each of which remembers it. */
function readingOf(input: EntryInput): Reading {
  const known = readings.get(input);
  if (known !== undefined) return known;
  const { options, settings } = input;
  const { bounds, defaultBackendService, ignoreModsecurity, sslPassthrough } = options;
  const flags = { bounds, defaultBackendService, ignoreModsecurity, sslPassthrough };
  const reading = { settings, flags, prefix: options.annotationsPrefix, quarantined: false };
  readings.set(input, reading);
  return reading;
}

/** The model of an Ingress; of a quarantined one the last good version, a closed model, or nothing. */
function* modelOf(ingress: V1Ingress, input: EntryInput, problems: Problem[]): Steps<IngressModel | undefined> {
  const ref = ingressRef(ingress);
  const [sources, reading] = [sourcesOf(input), readingOf(input)];
  const { options } = input;
  const quarantine = options.quarantine.size === 0 ? undefined : options.quarantine.get(keyOf(ref));
  if (quarantine === undefined || quarantine.refused !== ingress) return yield* modelIngress(ingress, sources, reading);
  // An Ingress that waits for its first test has no message, because the result follows within a moment.
  if (quarantine.message !== '') problems.push(refusal(ref, quarantine));
  if (quarantine.lastGood !== undefined) return yield* modelIngress(quarantine.lastGood, sources, reading);
  return quarantine.absent === true
    ? undefined
    : yield* modelIngress(ingress, sources, { ...reading, quarantined: true });
}

function refusal(object: ObjectRef, { message, lastGood, absent, waiting, fault }: Quarantine): Problem {
  const served =
    lastGood !== undefined
      ? 'its last good version is served'
      : absent === true
        ? 'it is left out'
        : 'its paths answer 503';
  if (fault === true)
    return {
      code: 'internal-fault',
      severity: 'error',
      effect: 'quarantined',
      object,
      message:
        `Tidegate failed while it built the configuration of this Ingress (${message}); ${served}. This is a fault ` +
        'of Tidegate, not of the Ingress: please report it with the stack trace in the log',
    };
  const what =
    waiting === true
      ? `nginx refused this Ingress before (${message}); this version is tested soon, or after a few minutes if the ` +
        'Ingress was refused often'
      : `nginx refuses the configuration of this Ingress: ${message}`;
  return {
    code: 'refused-by-nginx',
    severity: 'error',
    effect: 'quarantined',
    object,
    message: `${what}; ${served}`,
  };
}

function hostsOf(model: IngressModel): readonly string[] {
  return model.hosts.size === 0 && model.defaultBackend !== undefined ? [''] : [...model.hosts.keys()];
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
