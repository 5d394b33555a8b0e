/** Everything besides the Snapshot that a build depends on. Plain values: the commands and the loop fill them in. */
import type { AddressRules } from '../../types/addresses.ts';
import type { KnownIntermediates } from '../../types/intermediates.ts';
import type { InForce } from '../../types/last-good.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import type { Bounds } from './bounds.ts';
import type { ModelFlags } from './flags.ts';
import type { SettingTexts } from './setting-texts.ts';

/** `namespace/name` → the Secret as it was when its certificate could be used last. */
export type KeptSecrets = ReadonlyMap<ObjectKey, V1Secret>;

/** Beside the flags: what the commands find out, and what the loop knows. */
export interface BuildOptions extends ModelFlags {
  /** `namespace/name` of the ConfigMap with the settings. */
  readonly configMap: ObjectKey;
  /** `namespace/name` of the Service for requests that match nothing; null for the built-in 404. */
  readonly defaultBackendService: ObjectKey | null;
  /** `namespace/name` of the Secret for TLS names without a certificate; null for the self-signed one. */
  readonly defaultSslCertificate: ObjectKey | null;
  /** PEM pair that is used where `defaultSslCertificate` is not set or cannot be used. */
  readonly fallbackCertificate: { readonly chain: string; readonly key: string };
  /** Where a Prefix path ends in a slash, the path without it is redirected there, and not served. */
  readonly redirectsToSlash: boolean;
  /** TLS passthrough is wanted where an Ingress asks for it. */
  readonly sslPassthrough: boolean;
  /** Which addresses are connected to. */
  readonly addresses: AddressRules;
  /** ExternalName Services get endpoints. */
  readonly externalNames: boolean;
  /** Port that clients use for HTTPS. */
  readonly httpsPort: number;
  readonly processors: number;
  /** Descriptors that a worker of NGINX has where the settings say nothing, and as many as it can have. */
  readonly openFiles: { readonly standard: number; readonly most: number };
  /** NGINX's module for brotli is installed. */
  readonly brotli: boolean;
  /** NGINX's module headers-more is installed. */
  readonly headersMore: boolean;
  /** How much one object and one namespace may ask for. */
  readonly bounds: Bounds;
  /** Zone of the own node where endpoints meant for it are preferred; undefined: all endpoints are used. */
  readonly zone?: string;
  /** Addresses of the DNS names of ExternalName Services, as far as they are known. */
  readonly resolvedNames: ReadonlyMap<string, readonly string[]>;
  /** What is missing from the chains of certificates, as far as it is known; undefined: chains are served as they are. */
  readonly intermediates?: KnownIntermediates;
  /** Ingresses whose configuration NGINX refused. */
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  /** Last good Secrets of those whose certificates cannot be used now; undefined: none. */
  readonly keptSecrets?: KeptSecrets;
  /** Other objects as they were when they could be used last; undefined: none. */
  readonly lastGood?: InForce;
  /** Milliseconds since 1970 up to which certificates are known to have expired; undefined: nobody asked. */
  readonly now?: number;
  /** What is known of the values of the ConfigMap; undefined: nothing. */
  readonly settingTexts?: SettingTexts;
}

/** An Ingress that is left out, because NGINX refused it or building its part failed. It counts only while the cluster still has this very version of it. */
export interface Quarantine {
  readonly refused: V1Ingress;
  /** The version that served before, if this process knows one. */
  readonly lastGood: V1Ingress | undefined;
  /** What nginx said, or what was thrown; empty where nothing is known yet. */
  readonly message: string;
  /** It is tested by itself before it is loaded. */
  readonly waiting?: true;
  /** Not nginx refused it: this program failed while it built its part. */
  readonly fault?: true;
  /** Without a last good version it is left out, in place of the 503 that its paths answer otherwise. */
  readonly absent?: true;
}

/** Whether two builds have the same options, those in `except` apart. */
export function sameOptions(a: BuildOptions, b: BuildOptions, except: readonly (keyof BuildOptions)[]): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof BuildOptions)[]);
  return a === b || [...names].every((name) => a[name] === b[name] || except.includes(name));
}

/** Options that annotations are read by: an Ingress is read anew where one of them changes. */
export const READING_FLAGS = ['bounds', 'defaultBackendService', 'ignoreModsecurity', 'sslPassthrough'] as const;
export type ReadingFlags = Pick<BuildOptions, (typeof READING_FLAGS)[number]>;
