/**
 * What a file of settings/keys/ says about itself. Registry, docs and did-you-mean are generated from these values; a
 * new key of the ConfigMap needs this file and a scenario, and a row of types/directive.ts if its directive is new.
 */
import type { Declaration } from '../../types/declaration.ts';
import type { Directive } from '../../types/directive.ts';
import type { Parser } from './parser.ts';
import type { Verdict } from './verdict.ts';

/** Chapters of docs/configmap.md, in its order. */
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
   * For a key that guards access: what is in force, instead of the fallback, if nothing of its value is valid and no
   * last good value is known.
   */
  readonly closed?: T;
  /** `closed` takes precedence over the last good value, which might allow more. */
  readonly closesAtOnce?: true;
  /**
   * `closed` as text, for a key that denies access or is off by default. An NGINX that already runs without the key
   * continues without it; at a first start this text applies, and becomes the last good one.
   */
  readonly shut?: string;
  /** What clients notice of `closed` or `shut`, as the end of a sentence. */
  readonly holds?: string;
  /** It guards access, and stays in force even if NGINX refused other keys and they fall back to their defaults. */
  readonly guards?: true;
  /** The fallback as users write it; absent: its plain text. */
  readonly written?: string;
  /** Problems must not repeat the value. */
  readonly secret?: true;
  /** One paragraph for docs/configmap.md. */
  readonly about: string;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** Absent: the value is in force. */
  readonly verdict?: Verdict<T>;
}

export type SettingKeys = Readonly<Record<string, SettingKey<unknown>>>;
export type SettingValues<Keys extends SettingKeys> = {
  readonly [Name in keyof Keys]: Keys[Name] extends SettingKey<infer T> ? T : never;
};

/** Directives that a file's keys add to nginx.conf. */
export interface SettingContribution {
  readonly main?: readonly Directive[];
  readonly events?: readonly Directive[];
  readonly http?: readonly Directive[];
  readonly declarations?: readonly Declaration[];
}

/** What is used instead of a value, and why: the end of a sentence that begins with the key's name. */
export interface Correction<T> {
  readonly value: T;
  readonly reason: string;
}
export type Corrections<Keys extends SettingKeys> = {
  readonly [Name in keyof Keys]?: Correction<SettingValues<Keys>[Name]>;
};

/** The end of a sentence that begins with the key's name, and a better value. */
export interface Doubt {
  readonly reason: string;
  readonly example: string;
}

export interface SettingFeature<Keys extends SettingKeys = SettingKeys> {
  readonly chapter: Chapter;
  readonly keys: Keys;
  /**
   * Finds values that are valid alone but conflict: nginx would refuse its whole configuration. `made`: variables that
   * the administrator's snippets define.
   */
  readonly reconcile?: (values: SettingValues<Keys>, facts: Facts, made: ReadonlySet<string>) => Corrections<Keys>;
  /** Values that are in force but questionable. */
  readonly doubts?: (values: SettingValues<Keys>) => { readonly [Name in keyof Keys]?: Doubt };
  readonly contribute?: (values: SettingValues<Keys>, facts: Facts) => SettingContribution;
}

/** What the model knows of the machine it plans for; passed in, never looked up. */
export interface Facts {
  /** Processors that NGINX may use. */
  readonly processors: number;
  /** Descriptors that a worker gets by default, and its hard limit. */
  readonly openFiles: { readonly standard: number; readonly most: number };
  /** NGINX's module for brotli is installed. */
  readonly brotli: boolean;
  /** NGINX's module headers-more is installed. */
  readonly headersMore: boolean;
}

export function settings<const Keys extends SettingKeys>(feature: SettingFeature<Keys>): SettingFeature<Keys> {
  return feature;
}
