/**
 * What a file of annotations/ says about itself. Registry, docs, did-you-mean and the coverage report are made from
 * these values; nothing else has to be touched for a new annotation that contributes what others do, too.
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
  /** Older names, read only where the primary one is absent or empty. */
  readonly aliases?: readonly string[];
  /** The ConfigMap key that supplies the value where the annotation is absent. */
  readonly setting?: keyof Settings;
  readonly onInvalid: OnInvalid;
  /** In force in the place of a value that is not accepted: what is as good as none would allow more. */
  readonly instead?: T;
  /** An empty value under this name is invalid; under an alias, and of every other key, it is as good as absent. */
  readonly emptyIsInvalid?: boolean;
  /** The key without which this one means nothing, whatever its value: an invalid value then closes nothing. */
  readonly needs?: string;
  /** What it reaches: each path of the Ingress, or the whole host, other Ingresses included. */
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

/** Where a contribution goes, and what it may read. */
export interface LocationContext {
  readonly ingress: ObjectRef;
  /** Path as written, `/` where it is absent. */
  readonly path: string;
  /** Service port that the path leads to. */
  readonly backend: BackendRef;
  /** The path is one of `no-auth-locations`. What looks at this, and not at `path`, is asked once for thousands of paths. */
  readonly exemptFromAuth: () => boolean;
  readonly settings: Settings;
  readonly flags: ReadingFlags;
  readonly resources: Resources;
  /** Path of an annotation of ours, for Problems; the name without the prefix. */
  readonly annotationField: (name: string) => FieldPath;
  /** Reports something that the parser could not know: a Secret that is missing. */
  readonly report: (problem: Omit<Problem, 'object'>) => void;
}

/** TLS towards the backend. File names are those of `files`. */
export interface BackendTls {
  readonly directives: readonly { readonly suffix: OfTlsPass; readonly values: Directive['args'] }[];
  readonly files: readonly FilePlan[];
}

/** Rules of access by address; the first that fits counts. */
export interface AccessRules {
  readonly before: readonly Directive[];
  /** Those of the settings, for a location without other rules of its own. */
  readonly inherited: readonly Directive[];
  readonly after: readonly Directive[];
}

/** What one feature adds to one location. */
export interface LocationContribution {
  readonly directives?: readonly Directive[];
  /** Its directives and headers are left out where another feature says the same. */
  readonly yields?: true;
  /** Around the rules of other features. */
  readonly access?: AccessRules;
  /** What the directives refer to at the http level of nginx.conf. */
  readonly declarations?: readonly Declaration[];
  /** Annotations that mean nothing where answers are not buffered. */
  readonly needsBuffering?: readonly string[];
  /** How requests are passed on, in the words of the module that does it. */
  readonly pass?: readonly PassDirective[];
  readonly route?: Partial<Pick<LiveRoute, RouteField>>;
  /** Headers for the backend otherwise than all get them; of several features, see upstream-headers.ts. */
  readonly upstreamHeaders?: readonly HeaderChange[];
  /** The same by wish of the Ingress; goes beneath `upstreamHeaders`. */
  readonly requestHeaders?: readonly HeaderChange[];
  readonly rewrite?: LiveRewrite;
  /** Goes with a rewrite, and nowhere where there is none. */
  readonly forwardedPrefix?: NonNullable<LiveRewrite['forwardedPrefix']>;
  /** The same. */
  readonly rewriteLog?: true;
  /** Service port that answers where that of the path has no endpoints, and the errors of the location. */
  readonly fallback?: BackendRef;
  /** The location has errors answered by a backend. */
  readonly errorPages?: true;
  /** The backend is the Service's own address. */
  readonly viaService?: boolean;
  readonly mirror?: Mirror;
  /** A service is asked before each request. */
  readonly externalAuth?: ExternalAuth;
  readonly protocol?: Pass['protocol'];
  readonly backendTls?: BackendTls;
  /** Files that `directives` name. */
  readonly files?: readonly FilePlan[];
  readonly tlsRedirect?: { readonly wanted: boolean; readonly forced: boolean };
  /** The host's paths are regular expressions. */
  readonly regex?: boolean;
}

/** When a request goes to the Services of a canary Ingress instead of those of the Ingress that owns the path. */
export type CanaryRules = Pick<LiveCanary, 'header' | 'cookie' | 'weight' | 'total' | 'legacy'>;

/** How the clients of a host are known. */
export interface ClientCertificates {
  readonly mode: 'on' | 'off' | 'optional' | 'optional_no_ca';
  /** What decides whether a certificate holds. */
  readonly handshake: readonly Directive[];
  readonly files: readonly FilePlan[];
  /** PCRE, looked for in the subject of the certificate. */
  readonly subject: string | undefined;
  /** Backends get the certificate. */
  readonly pass: boolean;
  readonly errorPage: readonly Directive[];
}

/** What a contribution to hosts may read. */
export interface HostContext extends Pick<
  LocationContext,
  'ingress' | 'settings' | 'flags' | 'resources' | 'annotationField' | 'report'
> {
  /** Names, without the prefix, of annotations that are there and cannot be used. */
  readonly unusable: ReadonlySet<string>;
}

/** What one feature adds to every host of the Ingress. */
export interface HostContribution {
  readonly aliases?: readonly string[];
  readonly appRoot?: string;
  /** Clients present certificates; `refused`: it is wanted, and cannot be done. */
  readonly clientCertificates?: ClientCertificates | 'refused';
  /** Ciphers that clients may use up to TLS 1.2. */
  readonly ciphers?: string;
  /** NGINX's order of ciphers goes before that of the client. */
  readonly preferServerCiphers?: boolean;
  /** The host with `www.` in front, or without it, is sent here. */
  readonly fromWww?: boolean;
  readonly snippet?: Snippet;
}

export interface AnnotationFeature<Keys extends AnnotationKeys = AnnotationKeys> {
  /** Chapter of docs/annotations.md. */
  readonly group: string;
  readonly keys: Keys;
  /** Left out where an Ingress's own default backend is served: there is no path to rewrite or redirect. */
  readonly pathsOnly?: boolean;
  readonly location?: (values: AnnotationValues<Keys>, context: LocationContext) => LocationContribution;
  readonly host?: (values: AnnotationValues<Keys>, context: HostContext) => HostContribution;
  /** Makes the Ingress a canary where it answers rules. */
  readonly canary?: (
    values: AnnotationValues<Keys>,
    context: Pick<LocationContext, 'annotationField' | 'report'>,
  ) => CanaryRules | undefined;
  /** `location` belongs to the Service: it is asked on a canary Ingress too, where nothing else is. */
  readonly ofService?: true;
}

export function annotations<const Keys extends AnnotationKeys>(
  feature: AnnotationFeature<Keys>,
): AnnotationFeature<Keys> {
  return feature;
}
