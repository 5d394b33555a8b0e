/**
 * How a file of settings/keys/ describes its ConfigMap keys. The registry, the docs and the suggestions for misspelt
 * keys are generated from these descriptions. A new key of the ConfigMap needs a file in settings/keys/ and a scenario,
 * and also a row in types/directive.ts if its directive is new.
 */
import type { Declaration } from '../../types/declaration.ts';
import type { Directive } from '../../types/directive.ts';
import type { Parser } from './parser.ts';
import type { Verdict } from './verdict.ts';

/** Chapters of docs/configmap.md, in the order of that page. */
export const CHAPTERS = [
  'Access',
  'External authentication',
  'Limits',
  'Redirects',
  'Balancing and endpoints',
  'Proxying',
  'Errors',
  'Headers',
  'Client address',
  'Listening',
  'Client connections',
  'TLS',
  'Compression',
  'Logging',
  'Snippets and validation',
  'Workers and tables',
  'Layer 4',
  'Modules',
] as const;
export type Chapter = (typeof CHAPTERS)[number];

/** Description of one key of the ConfigMap. */
export interface SettingKey<T> {
  readonly parser: Parser<T>;
  readonly fallback: T;
  /**
   * For a key that guards access: the value that applies instead of `fallback` if no part of the written value is valid
   * and no last good value is known.
   */
  readonly closed?: T;
  /**
   * An empty value is not the same as an absent key: `closed` applies, and a Problem says so with this clause, which
   * also says how to get the default.
   */
  readonly emptyCloses?: string;
  /** `closed` applies even if a last good value is known, because that value might allow more. */
  readonly closesAtOnce?: true;
  /**
   * `closed` as text, for a key that denies access or is off by default. If NGINX already runs without the key, the key
   * stays absent; at a first start, this value applies, and becomes the last good value.
   */
  readonly shut?: string;
  /** Effect of `closed` or `shut` on clients, as the end of a sentence. */
  readonly holds?: string;
  /** The key guards access: it stays in force even when other keys fall back to defaults because NGINX refused them. */
  readonly guards?: true;
  /** The fallback as users write it; if absent, the docs show `fallback` converted to text. */
  readonly written?: string;
  /** The value is confidential: Problems must not repeat it. */
  readonly secret?: true;
  /** One paragraph for docs/configmap.md. */
  readonly about: string;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** Set for a key without effect; absent: the value is in force. */
  readonly verdict?: Verdict<T>;
}

export type SettingKeys = Readonly<Record<string, SettingKey<unknown>>>;
export type SettingValues<Keys extends SettingKeys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends SettingKey<infer T> ? T : never;
};

/** Directives that the keys of one file add to nginx.conf, grouped by the block into which they are written. */
export interface SettingContribution {
  readonly main?: readonly Directive[];
  readonly events?: readonly Directive[];
  readonly http?: readonly Directive[];
  readonly declarations?: readonly Declaration[];
}

/**
 * A value that is used instead of the written one; `reason` is the end of a sentence that begins with the key's name.
 */
export interface Correction<T> {
  readonly value: T;
  readonly reason: string;
}
export type Corrections<Keys extends SettingKeys> = {
  readonly [Name in keyof Keys]?: Correction<SettingValues<Keys>[Name]>;
};

/** Values on which keys of another file depend. */
export interface OtherValues {
  readonly 'ssl-protocols': readonly string[];
  readonly 'ssl-early-data': boolean;
  readonly 'use-proxy-protocol': boolean;
}

/** Why a value is questionable, as the end of a sentence that begins with the key's name, and a better value. */
export interface Doubt {
  readonly reason: string;
  readonly example: string;
}

export interface SettingFeature<Keys extends SettingKeys = SettingKeys> {
  readonly chapter: Chapter;
  readonly keys: Keys;
  /**
   * Finds values that are valid alone but conflict with each other, so that nginx would refuse the whole configuration.
   * `made`: variables that the administrator's snippets define. `others`: values of keys of other files.
   */
  readonly reconcile?: (
    values: SettingValues<Keys>,
    facts: Facts,
    made: ReadonlySet<string>,
    others: OtherValues,
  ) => Corrections<Keys>;
  /** Finds values that are in force but questionable. */
  readonly doubts?: (values: SettingValues<Keys>) => { readonly [Name in keyof Keys]?: Doubt };
  readonly contribute?: (values: SettingValues<Keys>, facts: Facts) => SettingContribution;
}

/** Facts about the machine on which NGINX runs. They are passed in; the model never looks them up. */
export interface Facts {
  /** Processors that NGINX may use. */
  readonly processors: number;
  /** File descriptors of a worker: the number it gets by default, and its hard limit. */
  readonly openFiles: { readonly standard: number; readonly most: number };
  /** Whether NGINX's module for brotli is installed. */
  readonly brotli: boolean;
  /** Whether NGINX's module headers-more is installed. */
  readonly headersMore: boolean;
  /** What NGINX lacks for HTTP/3, as the end of a sentence that begins with the key's name; null: nothing. */
  readonly http3Obstacle: string | null;
  /** Whether NGINX's stream modules are installed. */
  readonly stream: boolean;
}

export function settings<const Keys extends SettingKeys>(feature: SettingFeature<Keys>): SettingFeature<Keys> {
  return feature;
}
