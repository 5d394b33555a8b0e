/** What `tidegate migrate` reports, in every format. `-o json` prints this structure. */
import type { ObjectRef, Place, Severity } from '../types/problem.ts';

/**
 * `same`: as in ingress-nginx. `differs`: accepted, but what it does differs. `no-effect`: accepted without an effect.
 * `refused`: the value, or a part of it, is not accepted. `replaced`: the key of an older version, or one that is often
 * written by mistake; another key does what it did. `unknown`: no version had the key, as far as is known.
 */
export const KEY_VERDICTS = ['same', 'differs', 'no-effect', 'refused', 'replaced', 'unknown'] as const;
export type KeyVerdict = (typeof KEY_VERDICTS)[number];

/** `closed`: at least one path of the Ingress is not served, or answers 503 because it cannot be served safely. */
export const INGRESS_VERDICTS = ['same', 'differs', 'closed'] as const;
export type IngressVerdict = (typeof INGRESS_VERDICTS)[number];

/** Sentences of docs/differences.md. */
export interface Quoted {
  readonly text: string;
  /** The part of the page's address after `#`. */
  readonly anchor: string;
  /** Whether an Ingress to which only this applies still counts as the same. */
  readonly detail: boolean;
  /** The name of the condition under which it applies; absent: it applies whenever the key is set. */
  readonly when?: string;
}

/** A Problem of the build. */
export interface Reported {
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
  /** The field, as text: `spec.rules[0].host`. */
  readonly field?: string;
  readonly example?: string;
  readonly place?: Place;
  /** The path, or the whole Ingress, is not served because of it. */
  readonly closes: boolean;
  /** Requests are answered differently from what is written because of it. */
  readonly changes: boolean;
}

/** An annotation, a key of the ConfigMap or a flag. */
export interface JudgedKey {
  /** As written, with the prefix. */
  readonly name: string;
  /** Shortened; absent if it is confidential. */
  readonly value?: string;
  readonly verdict: KeyVerdict;
  readonly problems: readonly Reported[];
  readonly differences: readonly Quoted[];
  readonly place?: Place;
  /** Why the value looks like an attack. */
  readonly suspicious?: string;
}

/** A directive of a snippet. */
export interface JudgedDirective {
  /** The annotation, without the prefix. */
  readonly snippet: string;
  /** The line in the snippet, from 1. */
  readonly line: number;
  readonly directive: string;
  readonly accepted: boolean;
  /** Why it is not accepted. */
  readonly reason?: string;
  /** What has the same effect without a snippet: annotations, keys of the ConfigMap, or fields. */
  readonly instead?: string;
}

export interface ClosedPath {
  readonly host: string;
  readonly path: string;
  /** An annotation, or a word that docs/reasons.md explains. */
  readonly by: string;
}

export interface JudgedIngress {
  readonly object: ObjectRef;
  readonly verdict: IngressVerdict;
  readonly place?: Place;
  readonly keys: readonly JudgedKey[];
  readonly snippets: readonly JudgedDirective[];
  /** Problems that do not concern an annotation. */
  readonly problems: readonly Reported[];
  /** Differences that do not concern an annotation. */
  readonly differences: readonly Quoted[];
  readonly closed: readonly ClosedPath[];
}

/** Ingresses that are closed, or differ, for one reason. */
export interface Cause {
  readonly verdict: Exclude<IngressVerdict, 'same'>;
  /** An annotation without the prefix, or the code of a Problem. */
  readonly name: string;
  /** What it says about the first of the Ingresses. */
  readonly text: string;
  readonly ingresses: readonly ObjectRef[];
}

export type Counts = Readonly<Record<IngressVerdict, number>>;

export interface Summary {
  /** The number of Ingresses of our class. */
  readonly ingresses: number;
  readonly counts: Counts;
  /** Ingresses that belong to other controllers. */
  readonly others: number;
  readonly causes: readonly Cause[];
  readonly namespaces: readonly ({ readonly namespace: string } & Counts)[];
  /** The number of keys with each verdict, over all Ingresses. */
  readonly keys: Readonly<Record<KeyVerdict, number>>;
}

/** A host all of whose paths are regular expressions. */
export interface RegexHost {
  readonly host: string;
  /** The Ingresses that use rewrite-target or use-regex. */
  readonly because: readonly ObjectRef[];
  /** Ingresses whose paths match more than what is written. */
  readonly wider: readonly ObjectRef[];
}

/** A path that several Ingresses have. */
export interface Duplicate {
  readonly host: string;
  readonly path: string;
  readonly winner: ObjectRef;
  readonly loser: ObjectRef;
  readonly text: string;
}

/** The workload of ingress-nginx, and what its flags say. */
export interface OldController {
  readonly object: ObjectRef;
  readonly image: string;
  /** Other workloads that look like ingress-nginx, about which this report is not. */
  readonly others: readonly ObjectRef[];
}

export interface MigrationReport {
  /** Where the objects come from: the URL of an API server, or paths. */
  readonly source: string;
  readonly controller: OldController | null;
  readonly summary: Summary;
  /** Differences that concern every installation. */
  readonly everyone: readonly Quoted[];
  readonly hosts: { readonly regex: readonly RegexHost[]; readonly duplicates: readonly Duplicate[] };
  readonly ingresses: readonly JudgedIngress[];
  /** The ConfigMap of the settings; null if it was not read. */
  readonly configMap: { readonly object: ObjectRef; readonly keys: readonly JudgedKey[] } | null;
  readonly flags: readonly JudgedKey[];
  /** What could not be read, and what this report assumes because of that. */
  readonly notes: readonly string[];
  /** Problems of other objects: Services, Secrets, ConfigMaps of TCP and UDP services, malformed manifests. */
  readonly problems: readonly (Reported & { readonly object?: ObjectRef })[];
}
