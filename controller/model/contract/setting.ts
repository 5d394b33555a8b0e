/**
 * What a file of settings/ says about itself. Registry, docs and did-you-mean are made from these values; nothing
 * else has to be touched for a new key of the ConfigMap.
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
   * Of a key that guards access: what is in force, in place of the fallback, where nothing of its value can be read and no
   * last good value is known.
   */
  readonly closed?: T;
  /** `closed` goes before the last good value, which might allow more. */
  readonly closesAtOnce?: true;
  /**
   * `closed`, for a key that shuts out or is off by default, as one would write it. An NGINX that runs without the key goes
   * on without it; one that starts takes this text, which is then the last good one.
   */
  readonly shut?: string;
  /** With `closed` or `shut`, what clients notice of it: the end of a sentence. */
  readonly holds?: string;
  /** It guards access, and holds also where the other keys are left at their defaults because NGINX refused them. */
  readonly guards?: true;
  /** The fallback as one would write it, where its own text does not say so. */
  readonly written?: string;
  /** Problems do not repeat the value. */
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

/** Directives that the values of a file's keys put into nginx.conf. */
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

/** The end of a sentence that begins with the key's name, and a value that would be better. */
export interface Doubt {
  readonly reason: string;
  readonly example: string;
}

export interface SettingFeature<Keys extends SettingKeys = SettingKeys> {
  readonly chapter: Chapter;
  readonly keys: Keys;
  /** Values that are fine alone and do not go together: nginx would refuse its whole configuration. */
  /** `made`: variables that the administrator's snippets make. */
  readonly reconcile?: (values: SettingValues<Keys>, facts: Facts, made: ReadonlySet<string>) => Corrections<Keys>;
  /** Values that hold, and should be thought about. */
  readonly doubts?: (values: SettingValues<Keys>) => { readonly [Name in keyof Keys]?: Doubt };
  readonly contribute?: (values: SettingValues<Keys>, facts: Facts) => SettingContribution;
}

/** What the model knows of the machine it plans for; handed in, never looked up. */
export interface Facts {
  /** Processors that NGINX may use. */
  readonly processors: number;
  /** Descriptors that a worker has where nobody asks for more, and as many as it can have. */
  readonly openFiles: { readonly standard: number; readonly most: number };
  /** NGINX's module for brotli is installed. */
  readonly brotli: boolean;
  /** NGINX's module headers-more is installed. */
  readonly headersMore: boolean;
}

export function settings<const Keys extends SettingKeys>(feature: SettingFeature<Keys>): SettingFeature<Keys> {
  return feature;
}
