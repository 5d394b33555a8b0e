/**
 * What a file of annotations/ says about itself. Registry, docs, did-you-mean and the coverage report are generated
 * from these values; a new annotation needs this file and a scenario, unless it contributes something that no other does.
 */
import type { Declaration } from '../../types/declaration.ts';
import type { Directive, OfTlsPass } from '../../types/directive.ts';
import type { LiveCanary, LiveRewrite } from '../../types/live.ts';
import type { LiveRoute, RouteField } from '../../types/live-route.ts';
import type { BackendRef, FilePlan, Pass } from '../../types/plan.ts';
import type { FieldPath, ObjectRef, Problem } from '../../types/problem.ts';
import type { HeaderChange } from '../../types/upstream-headers.ts';
import type { ReadingFlags } from '../contract/options.ts';
import type { ExternalAuth } from './external-auth/external-auth.ts';
import type { Parser } from '../contract/parser.ts';
import type { PassDirective } from '../contract/pass-directives.ts';
import type { Resources } from '../contract/resources.ts';
import type { Settings } from '../settings/settings.ts';
import type { Snippet } from '../values/snippets/compile.ts';
import type { Mirror } from './mirror-plan.ts';
import type { Verdict } from '../contract/verdict.ts';

/** `ignored`: as if the annotation were absent. `denied`: every location of the Ingress answers 503. */
export type OnInvalid = 'ignored' | 'denied';

/** Description of one annotation (without the prefix). */
export interface AnnotationKey<T> {
  readonly parser: Parser<T>;
  /** Older names, read only if the primary one is absent or empty. */
  readonly aliases?: readonly string[];
  /** The ConfigMap key that supplies the value if the annotation is absent. */
  readonly setting?: keyof Settings;
  readonly onInvalid: OnInvalid;
  /** Used when the value is invalid, because treating it as absent would allow more. */
  readonly instead?: T;
  /** An empty value under this name is invalid; under an alias, and for every other key, it counts as absent. */
  readonly emptyIsInvalid?: boolean;
  /** The key without which this one has no effect: an invalid value then closes nothing. */
  readonly needs?: string;
  /** What it applies to: each path of the Ingress, or the whole host, other Ingresses included. */
  readonly scope: 'location' | 'host';
  readonly risk: 'low' | 'medium' | 'high' | 'critical';
  /** A change needs no reload. */
  readonly live: boolean;
  /** One paragraph for docs/annotations.md. */
  readonly about: string;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** Absent: the value is in force. */
  readonly verdict?: Verdict<T>;
}

export type AnnotationKeys = Readonly<Record<string, AnnotationKey<unknown>>>;
export type AnnotationValues<Keys extends AnnotationKeys> = {
  readonly [Name in keyof Keys]: (Keys[Name] extends AnnotationKey<infer T> ? T : never) | undefined;
};

/** Where a contribution goes, and what it may depend on. */
export interface LocationContext {
  readonly ingress: ObjectRef;
  /** Path as written, `/` if absent. */
  readonly path: string;
  /** Service port that the path leads to. */
  readonly backend: BackendRef;
  /**
   * Whether the path is one of `no-auth-locations`. A feature that reads this, and not `path`, runs once for thousands
   * of paths.
   */
  readonly exemptFromAuth: () => boolean;
  readonly settings: Settings;
  readonly flags: ReadingFlags;
  readonly resources: Resources;
  /** Path of one of our annotations, for Problems; `name` is without the prefix. */
  readonly annotationField: (name: string) => FieldPath;
  /** Reports what the parser could not know: a missing Secret. */
  readonly report: (problem: Omit<Problem, 'object'>) => void;
}

/** TLS towards the backend. `files` lists the files that the directives name. */
export interface BackendTls {
  readonly directives: readonly { readonly suffix: OfTlsPass; readonly values: Directive['args'] }[];
  readonly files: readonly FilePlan[];
}

/** Access rules by address; the first match counts. */
export interface AccessRules {
  readonly before: readonly Directive[];
  /** The rules of the settings, for a location without other rules of its own. */
  readonly inherited: readonly Directive[];
  readonly after: readonly Directive[];
}

/** What one feature adds to one location. */
export interface LocationContribution {
  readonly directives?: readonly Directive[];
  /** Its directives and headers are left out if another feature sets the same. */
  readonly yields?: true;
  /** Wrapped around the rules of other features. */
  readonly access?: AccessRules;
  /** What the directives refer to at the http level of nginx.conf. */
  readonly declarations?: readonly Declaration[];
  /** Annotations that have no effect unless responses are buffered. */
  readonly needsBuffering?: readonly string[];
  /** Proxy directives, whichever module they are for. */
  readonly pass?: readonly PassDirective[];
  readonly route?: Partial<Pick<LiveRoute, RouteField>>;
  /** Headers for the backend that differ from the common ones; upstream-headers.ts merges those of several features. */
  readonly upstreamHeaders?: readonly HeaderChange[];
  /** Headers for the backend that the Ingress asks for; `upstreamHeaders` override them. */
  readonly requestHeaders?: readonly HeaderChange[];
  readonly rewrite?: LiveRewrite;
  /** Applies only with a rewrite. */
  readonly forwardedPrefix?: NonNullable<LiveRewrite['forwardedPrefix']>;
  /** Applies only with a rewrite. */
  readonly rewriteLog?: true;
  /** Service port that answers if the path's has no endpoints, and that answers the errors of the location. */
  readonly fallback?: BackendRef;
  /** A backend answers errors of the location. */
  readonly errorPages?: true;
  /** The backend is the Service's own address. */
  readonly viaService?: boolean;
  readonly mirror?: Mirror;
  /** An authorization subrequest comes before each request. */
  readonly externalAuth?: ExternalAuth;
  readonly protocol?: Pass['protocol'];
  readonly backendTls?: BackendTls;
  /** Files that `directives` name. */
  readonly files?: readonly FilePlan[];
  readonly tlsRedirect?: { readonly wanted: boolean; readonly forced: boolean };
  /** The host's paths are regular expressions. */
  readonly regex?: boolean;
}

/** When a request goes to the Services of a canary Ingress instead of the main Ingress. */
export type CanaryRules = Pick<LiveCanary, 'header' | 'cookie' | 'weight' | 'total' | 'legacy'>;

/** Client certificates of a host. */
export interface ClientCertificates {
  readonly mode: 'on' | 'off' | 'optional' | 'optional_no_ca';
  /** What decides whether a certificate is valid. */
  readonly handshake: readonly Directive[];
  readonly files: readonly FilePlan[];
  /** PCRE, matched anywhere in the subject of the certificate. */
  readonly subject: string | undefined;
  /** Backends get the certificate. */
  readonly pass: boolean;
  readonly errorPage: readonly Directive[];
}

/** What a contribution to hosts may depend on. */
export interface HostContext extends Pick<
  LocationContext,
  'ingress' | 'settings' | 'flags' | 'resources' | 'annotationField' | 'report'
> {
  /** Names, without the prefix, of annotations that are present and unusable. */
  readonly unusable: ReadonlySet<string>;
}

/** What one feature adds to every host of the Ingress. */
export interface HostContribution {
  readonly aliases?: readonly string[];
  readonly appRoot?: string;
  /** `refused`: client certificates are wanted but cannot be verified. */
  readonly clientCertificates?: ClientCertificates | 'refused';
  /** Ciphers that clients may use up to TLS 1.2. */
  readonly ciphers?: string;
  /** The server's order of ciphers takes precedence over the client's. */
  readonly preferServerCiphers?: boolean;
  /** The host with `www.` in front, or without it, is redirected here. */
  readonly fromWww?: boolean;
  readonly snippet?: Snippet;
}

export interface AnnotationFeature<Keys extends AnnotationKeys = AnnotationKeys> {
  /** Chapter of docs/annotations.md. */
  readonly group: string;
  readonly keys: Keys;
  /** Left out for an Ingress's own default backend, which has no path to rewrite or redirect. */
  readonly pathsOnly?: boolean;
  readonly location?: (values: AnnotationValues<Keys>, context: LocationContext) => LocationContribution;
  readonly host?: (values: AnnotationValues<Keys>, context: HostContext) => HostContribution;
  /** Makes the Ingress a canary. */
  readonly canary?: (
    values: AnnotationValues<Keys>,
    context: Pick<LocationContext, 'annotationField' | 'report'>,
  ) => CanaryRules | undefined;
  /** `location` belongs to the Service: it is the only contribution that counts on a canary Ingress. */
  readonly ofService?: true;
}

export function annotations<const Keys extends AnnotationKeys>(
  feature: AnnotationFeature<Keys>,
): AnnotationFeature<Keys> {
  return feature;
}
