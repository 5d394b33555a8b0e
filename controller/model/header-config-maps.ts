/** ConfigMaps of headers that the settings name: proxy-set-headers and add-headers. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { headerPieces, headerText, notHeaderText } from '../types/conf-value.ts';
import type { ResponseHeader } from '../types/live.ts';
import { type ObjectRef, type Problem, shorten } from '../types/problem.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { HeaderChange } from '../types/upstream-headers.ts';
import { tooLarge } from './bounds/header-entries.ts';
import type { BuildOptions } from './options.ts';
import type { Settings } from './settings/settings.ts';
import { mergeHeaderChanges } from './upstream-headers.ts';
import { isRequestHeader, isResponseHeader, MOST_HEADERS } from './values/header-names.ts';

export interface HeaderConfigMaps {
  /** For every backend. */
  readonly upstream: readonly HeaderChange[];
  /** For every answer; an empty value takes the header out. */
  readonly response: readonly ResponseHeader[];
  readonly problems: readonly Problem[];
}

const KEYS = ['proxy-set-headers', 'add-headers'] as const;
type Key = (typeof KEYS)[number];
type Entry = readonly [name: string, value: string];
/** Why a header may not be set, as the end of a sentence. */
type Refusal = (header: string) => string | undefined;

const NOT_A_HEADER = 'is not the name of a header that may be set here';

/** `namespace/name` of those that the settings name, whether they exist or not. */
export function headerConfigMapKeys(settings: Settings): readonly ObjectKey[] {
  return KEYS.flatMap((key) => settings[key] ?? []);
}

/** What their entries add; nothing that one of them lacks keeps the others from it. */
export function readHeaderConfigMaps(
  settings: Settings,
  snapshot: Snapshot,
  options: Pick<BuildOptions, 'bounds' | 'configMap'>,
): HeaderConfigMaps {
  const problems: Problem[] = [];
  const [namespace = '', name = ''] = options.configMap.split('/');
  const entriesOf = (key: Key, refusalOf: Refusal) => {
    const reference = settings[key];
    if (reference === undefined) return [];
    const configMap = snapshot.ConfigMap.get(reference);
    const object = { kind: 'ConfigMap', namespace, name };
    const lack = configMap === undefined ? 'does not exist' : tooLarge(configMap.data, options.bounds);
    if (lack !== undefined) problems.push(unusable(object, key, reference, lack));
    return configMap === undefined || lack !== undefined ? [] : goodEntries(key, configMap, refusalOf, problems);
  };
  const upstream = entriesOf('proxy-set-headers', (header) => (isRequestHeader(header) ? undefined : NOT_A_HEADER));
  const response = entriesOf('add-headers', (header) => {
    if (settings.hsts && header.toLowerCase() === 'strict-transport-security')
      return 'is what hsts of the settings sets';
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

/** Names that differ in case alone are one; the last holds. */
function unique(entries: readonly Entry[]): readonly Entry[] {
  return [...new Map(entries.map((entry) => [entry[0].toLowerCase(), entry])).values()];
}

/** Entries that may be headers, sorted by their names. */
function goodEntries(
  key: Key,
  { metadata, data = {} }: V1ConfigMap,
  refusalOf: Refusal,
  problems: Problem[],
): readonly Entry[] {
  const object = { kind: 'ConfigMap', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
  return Object.entries(data)
    .map(([header, value]) => [header, value.trim()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([header, value], index) => {
      const reason =
        index < MOST_HEADERS ? (refusalOf(header) ?? notHeaderText(value)) : `is one of more than ${MOST_HEADERS}`;
      if (reason !== undefined) problems.push(refused(object, key, header, reason));
      return reason === undefined;
    });
}

function unusable(object: ObjectRef, key: Key, reference: string, lack: string): Problem {
  return {
    code: 'missing-config-map',
    severity: 'error',
    effect: 'ignored-key',
    object,
    field: ['data', key],
    value: reference,
    message: `ConfigMap ${reference}, which ${key} names, ${lack}; its headers are not set`,
  };
}

function refused(object: ObjectRef, key: Key, header: string, reason: string): Problem {
  return {
    code: 'invalid-header',
    severity: 'warning',
    effect: 'ignored-key',
    object,
    field: ['data', header],
    message: `${shorten(header)} ${reason}; ${key} leaves it out`,
    example: 'X-Team: blue',
  };
}
