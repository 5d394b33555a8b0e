/** ConfigMaps with headers, to which the settings proxy-set-headers and add-headers refer. */
import { isDeepStrictEqual } from 'node:util';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { headerPieces, headerText, notHeaderText } from '../../types/conf-value.ts';
import type { Kept, UseKey } from '../../types/last-good.ts';
import type { ResponseHeader } from '../../types/live.ts';
import { type FieldPath, type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { HeaderChange } from '../../types/upstream-headers.ts';
import { IN_BINARY_DATA } from '../contract/binary-data.ts';
import { headersTooLarge } from '../contract/header-entries.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { NamedObjects } from '../contract/last-good.ts';
import type { Settings } from './settings.ts';
import { mergeHeaderChanges } from './upstream-headers.ts';
import { isRequestHeader, isResponseHeader, MOST_HEADERS } from '../values/header-names.ts';

export interface HeaderConfigMaps {
  /** Request headers for every backend. */
  readonly upstream: readonly HeaderChange[];
  /** Headers of every response; an empty value removes the header. */
  readonly response: readonly ResponseHeader[];
  readonly problems: readonly Problem[];
}

const KEYS = ['proxy-set-headers', 'add-headers'] as const;
type Key = (typeof KEYS)[number];
type Entry = readonly [name: string, value: string];
/**
 * Returns why a header may not be set, as the end of a sentence that begins with the header's name; undefined if it may
 * be set.
 */
type Refusal = (header: string) => string | undefined;

const NOT_A_HEADER = 'is not the name of a header that may be set here';

/** `namespace/name` of the ConfigMaps that the settings name, whether or not they exist. */
export function headerConfigMapKeys(settings: Settings): readonly ObjectKey[] {
  return KEYS.flatMap((key) => settings[key] ?? []);
}

/** Reads the headers from these ConfigMaps. An invalid entry does not affect the other entries. */
export function readHeaderConfigMaps(
  settings: Settings,
  snapshot: Snapshot,
  options: Pick<BuildOptions, 'bounds' | 'configMap'>,
  objects: NamedObjects,
): HeaderConfigMaps {
  const problems: Problem[] = [];
  const [namespace = '', name = ''] = options.configMap.split('/');
  const entriesOf = (key: Key, refusalOf: Refusal) => {
    const reference = settings[key];
    if (reference === undefined) return [];
    const configMap = snapshot.ConfigMap.get(reference);
    const use: UseKey = `${key} ${reference}`;
    const last = objects.lastGood(use);
    const before = last?.metadata?.uid === configMap?.metadata?.uid ? last : undefined;
    const large = configMap === undefined ? undefined : headersTooLarge(configMap.data, options.bounds);
    const lack = configMap === undefined ? 'does not exist' : large;
    const stays = large !== undefined && before !== undefined;
    if (lack !== undefined)
      problems.push(unusable({ kind: 'ConfigMap', namespace, name }, key, reference, lack, stays));
    // `before` contains only valid entries, so reading it reports nothing.
    const read = large === undefined ? configMap : before;
    if (read === undefined) return [];
    const { entries, inForce } = goodEntries(key, read, before, refusalOf, problems);
    objects.inForce(use, inForce);
    return entries;
  };
  const upstream = entriesOf('proxy-set-headers', (header) => (isRequestHeader(header) ? undefined : NOT_A_HEADER));
  const response = entriesOf('add-headers', (header) => {
    if (settings.hsts && header.toLowerCase() === 'strict-transport-security') return 'is set by hsts of the ConfigMap';
    return isResponseHeader(header) ? undefined : NOT_A_HEADER;
  });
  return {
    upstream: mergeHeaderChanges(
      upstream.map(([header, value]) => [header, value === '' ? 'removed' : headerText(value)]),
    ),
    response: unique(response).map(([header, value]) => [header, headerPieces(value)]),
    problems,
  };
}

/** Names that differ only in case are the same header; the last one applies. */
function unique(entries: readonly Entry[]): readonly Entry[] {
  return [...new Map(entries.map((entry) => [entry[0].toLowerCase(), entry])).values()];
}

interface GoodEntries {
  readonly entries: readonly Entry[];
  /** The ConfigMap with only these entries; the ConfigMap object itself if all of its entries are valid. */
  readonly inForce: Kept;
}

/** The valid entries, sorted by name. An invalid entry gets its last good value from `before`, if there is one. */
function goodEntries(
  key: Key,
  configMap: Kept,
  before: Kept | undefined,
  refusalOf: Refusal,
  problems: Problem[],
): GoodEntries {
  const { metadata: { namespace = '', name = '' } = {} } = configMap;
  const object = { kind: 'ConfigMap', namespace, name };
  /** A header in binaryData has no value. */
  const refusalOfValue = (header: string, value: string | undefined) =>
    value === undefined ? IN_BINARY_DATA : (refusalOf(header) ?? notHeaderText(value));
  const entries: Entry[] = [];
  let different = false;
  for (const [index, [header, text]] of writtenEntries(configMap).entries()) {
    const [tooMany, value] = [index >= MOST_HEADERS, text?.trim()];
    const reason = tooMany ? `is beyond the maximum of ${MOST_HEADERS}` : refusalOfValue(header, value);
    if (reason === undefined) {
      entries.push([header, value ?? '']);
      continue;
    }
    different = true;
    const last = tooMany ? undefined : lastText(before, header);
    const stays = last !== undefined && refusalOfValue(header, last) === undefined;
    const field = fieldOf(header, text);
    problems.push({ ...refused(object, key, header, reason, stays), field });
    if (stays) entries.push([header, last]);
  }
  return { entries, inForce: different ? withEntries(configMap, before, entries) : configMap };
}

function lastText(before: Kept | undefined, header: string): string | undefined {
  return before?.data?.[header]?.trim();
}

function fieldOf(header: string, text: string | undefined): FieldPath {
  return [text === undefined ? 'binaryData' : 'data', header];
}

/** The entries of data sorted by name, and those of binaryData without a value. */
function writtenEntries({
  data = {},
  binaryData = {},
}: V1ConfigMap): readonly (readonly [string, string | undefined])[] {
  const binary = Object.keys(binaryData).map((header) => [header, undefined] as const);
  return [...Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)), ...binary];
}

const made = new WeakMap<Kept, { readonly before: Kept | undefined; readonly inForce: Kept }>();

/** The ConfigMap in force, with these entries. The same objects give the same result object. */
function withEntries(configMap: Kept, before: Kept | undefined, entries: readonly Entry[]): Kept {
  const data = Object.fromEntries(entries);
  // If `before` has exactly these entries, it can be used again.
  if (before !== undefined && isDeepStrictEqual(before.data, data)) return before;
  const known = made.get(configMap);
  if (known !== undefined && known.before === before) return known.inForce;
  const inForce = { metadata: configMap.metadata ?? {}, data };
  made.set(configMap, { before, inForce });
  return inForce;
}

function unusable(object: ObjectRef, key: Key, reference: string, lack: string, stays: boolean): Problem {
  return {
    code: 'missing-config-map',
    severity: 'error',
    effect: stays ? 'none' : 'ignored-key',
    object,
    field: ['data', key],
    value: reference,
    message: `ConfigMap ${reference}, which ${key} names, ${lack}; its ${stays ? 'last good headers stay in force' : 'headers are not set'}`,
  };
}

function refused(object: ObjectRef, key: Key, header: string, reason: string, stays: boolean): Problem {
  return {
    code: 'invalid-header',
    severity: 'warning',
    effect: stays ? 'none' : 'ignored-key',
    object,
    field: ['data', header],
    message: `${shorten(header)} ${reason}; ${stays ? 'its last good value stays in force' : `${key} leaves it out`}`,
    example: 'X-Team: blue',
  };
}
