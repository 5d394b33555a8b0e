/**
 * What a file of annotations/ declares about its annotations. Registry, docs, did-you-mean and the coverage report are
 * generated from these declarations. A new annotation needs only such a file and a scenario, unless it contributes
 * something that no `LocationContribution` or `HostContribution` can express yet.
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
import type { RequestMirror } from './mirror-plan.ts';
import type { Verdict } from '../contract/verdict.ts';

/**
 * `ignored`: an invalid value counts as absent. `denied`: with an invalid value, every location of the Ingress answers
 * 503.
 */
export type OnInvalid = 'ignored' | 'denied';

/** Description of one annotation. Its name, without the prefix, is the key in `AnnotationKeys`. */
export interface AnnotationKey<T> {
  readonly parser: Parser<T>;
  /** Older names, read only if the primary one is absent or empty. */
  readonly aliases?: readonly string[];
  /** The ConfigMap key that supplies the value if the annotation is absent. */
  readonly setting?: keyof Settings;
  readonly onInvalid: OnInvalid;
  /** Used when the value is invalid, because treating it as absent would allow more. */
  readonly instead?: T;
  /**
   * An empty value under the primary name is invalid. An empty value under an alias counts as absent; so does any empty
   * value of an annotation without this flag.
   */
  readonly emptyIsInvalid?: boolean;
  /**
   * An annotation that this one needs: without it, this one has no effect, so an invalid value of this one denies
   * nothing, even with `denied`.
   */
  readonly needs?: string;
  /**
   * What the annotation applies to: each path of the Ingress, or the whole host, including the paths of other
   * Ingresses.
   */
  readonly scope: 'location' | 'host';
  readonly risk: 'low' | 'medium' | 'high' | 'critical';
  /** Changing the annotation needs no reload. */
  readonly live: boolean;
  /** One paragraph for docs/annotations.md. */
  readonly about: string;
  readonly good: readonly string[];
  readonly bad: readonly string[];
  /** Set if a valid value has no effect, or is not supported yet. */
  readonly verdict?: Verdict<T>;
}

export type AnnotationKeys = Readonly<Record<string, AnnotationKey<unknown>>>;
export type AnnotationValues<Keys extends AnnotationKeys> = {
  readonly [Name in keyof Keys]: (Keys[Name] extends AnnotationKey<infer T> ? T : never) | undefined;
};

/** The location that a contribution is for, and what the contribution may depend on. */
export interface LocationContext {
  readonly ingress: ObjectRef;
  /** Path as written, `/` if absent. */
  readonly path: string;
  /** Service port that requests for the path are sent to. */
  readonly backend: BackendRef;
  /**
   * Whether the path is one of `no-auth-locations`. A feature that calls this instead of reading `path` needs to run
   * only once for thousands of paths.
   */
  readonly exemptFromAuth: () => boolean;
  readonly settings: Settings;
  readonly flags: ReadingFlags;
  readonly resources: Resources;
  /** Path of an annotation's field, for Problems; `name` is without the prefix. */
  readonly annotationField: (name: string) => FieldPath;
  /** Reports what the parser cannot know, for instance that a Secret is missing. */
  readonly report: (problem: Omit<Problem, 'object'>) => void;
}

/** TLS to the backend; `files` are the files that the directives refer to. */
export interface BackendTls {
  readonly directives: readonly { readonly suffix: OfTlsPass; readonly values: Directive['args'] }[];
  readonly files: readonly FilePlan[];
}

/** Access rules by client address; the first rule that matches decides. */
export interface AccessRules {
  readonly before: readonly Directive[];
  /** The rules of the settings; they apply only in a location that has no other rules. */
  readonly inherited: readonly Directive[];
  readonly after: readonly Directive[];
}

/** What one feature adds to one location. */
export interface LocationContribution {
  readonly directives?: readonly Directive[];
  /** Directives and headers of this contribution are left out if another feature sets the same ones. */
  readonly yields?: true;
  /** Rules to put before and after those of other features. */
  readonly access?: AccessRules;
  /** Declarations at the http level of nginx.conf that the directives refer to. */
  readonly declarations?: readonly Declaration[];
  /** Annotations that have no effect unless responses are buffered. */
  readonly needsBuffering?: readonly string[];
  /** Directives that each protocol's proxy module has, named without the prefix of the module. */
  readonly pass?: readonly PassDirective[];
  readonly route?: Partial<Pick<LiveRoute, RouteField>>;
  /** Changes to the headers that every backend gets; upstream-headers.ts merges those of several features. */
  readonly upstreamHeaders?: readonly HeaderChange[];
  /** Header changes that the Ingress's owner requests; `upstreamHeaders` override them. */
  readonly requestHeaders?: readonly HeaderChange[];
  readonly rewrite?: LiveRewrite;
  /** X-Forwarded-Prefix for the backend; it has an effect only with a rewrite. */
  readonly forwardedPrefix?: NonNullable<LiveRewrite['forwardedPrefix']>;
  /** Rewritten paths are written to the error log; it has an effect only with a rewrite. */
  readonly rewriteLog?: true;
  /**
   * Service port that gets the requests if the Service of the path has no endpoints, and that serves the error pages of
   * the location.
   */
  readonly fallback?: BackendRef;
  /** A backend serves the error pages of the location. */
  readonly errorPages?: true;
  /** Requests are sent to the Service's own address instead of its endpoints. */
  readonly viaService?: boolean;
  readonly mirror?: RequestMirror;
  /** An authorization subrequest is sent before each request is passed on. */
  readonly externalAuth?: ExternalAuth;
  readonly protocol?: Pass['protocol'];
  readonly backendTls?: BackendTls;
  /** Files that `directives` refer to. */
  readonly files?: readonly FilePlan[];
  readonly tlsRedirect?: { readonly wanted: boolean; readonly forced: boolean };
  /** The host's paths must be regular expressions. */
  readonly regex?: boolean;
}

/** Which requests go to the Services of a canary Ingress instead of the main Ingress. */
export type CanaryRules = Pick<LiveCanary, 'header' | 'cookie' | 'weight' | 'total' | 'legacy'>;

/** How client certificates are verified for a host. */
export interface ClientCertificates {
  readonly mode: 'on' | 'off' | 'optional' | 'optional_no_ca';
  /** Directives that decide whether a certificate is valid. */
  readonly handshake: readonly Directive[];
  readonly files: readonly FilePlan[];
  /** Regular expression (PCRE) that must match somewhere in the subject of the certificate. */
  readonly subject: string | undefined;
  /** The certificate is passed to backends. */
  readonly pass: boolean;
  readonly errorPage: readonly Directive[];
}

/** What a contribution to hosts may depend on. */
export interface HostContext extends Pick<
  LocationContext,
  'ingress' | 'settings' | 'flags' | 'resources' | 'annotationField' | 'report'
> {
  /** Names, without the prefix, of annotations that are present but forbidden or invalid. */
  readonly unusable: ReadonlySet<string>;
}

/** What one feature adds to every host of the Ingress. */
export interface HostContribution {
  readonly aliases?: readonly string[];
  readonly appRoot?: string;
  /** `refused`: client certificates are required but cannot be verified. */
  readonly clientCertificates?: ClientCertificates | 'refused';
  /** Ciphers that clients may use up to TLS 1.2. */
  readonly ciphers?: string;
  /** The server's order of ciphers takes precedence over the client's. */
  readonly preferServerCiphers?: boolean;
  /** Requests for this host with `www.` added, or removed, are redirected to this host. */
  readonly fromWww?: boolean;
  /** TLS connections are passed to the backend of the path `/`, undecrypted. */
  readonly passthrough?: boolean;
  readonly snippet?: Snippet;
}

export interface AnnotationFeature<Keys extends AnnotationKeys = AnnotationKeys> {
  /** Chapter of docs/annotations.md. */
  readonly group: string;
  readonly keys: Keys;
  /** The feature does not apply to the default backend of an Ingress, which has no path to rewrite or redirect. */
  readonly pathsOnly?: boolean;
  readonly location?: (values: AnnotationValues<Keys>, context: LocationContext) => LocationContribution;
  readonly host?: (values: AnnotationValues<Keys>, context: HostContext) => HostContribution;
  /** Makes the Ingress a canary. */
  readonly canary?: (
    values: AnnotationValues<Keys>,
    context: Pick<LocationContext, 'annotationField' | 'report'>,
  ) => CanaryRules | undefined;
  /** `location` describes the Service. On a canary Ingress, only features with this flag contribute to locations. */
  readonly ofService?: true;
}

export function annotations<const Keys extends AnnotationKeys>(
  feature: AnnotationFeature<Keys>,
): AnnotationFeature<Keys> {
  return feature;
}
