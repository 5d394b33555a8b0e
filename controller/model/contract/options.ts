/** All that a build depends on besides the Snapshot. Plain values, which the commands and the loop fill in. */
import type { AddressRules } from '../../types/addresses.ts';
import type { KnownIntermediates } from '../../types/intermediates.ts';
import type { InForce } from '../../types/last-good.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import type { Bounds } from './bounds.ts';
import type { ModelFlags } from './flags.ts';
import type { SettingTexts } from './setting-texts.ts';

/** `namespace/name` → the Secret as it was when its certificate was last usable. */
export type KeptSecrets = ReadonlyMap<ObjectKey, V1Secret>;

/** The flags, and what the commands find out and the loop knows. */
export interface BuildOptions extends ModelFlags {
  /** `namespace/name` of the ConfigMap with the settings. */
  readonly configMap: ObjectKey;
  /** `namespace/name` of the Service for requests that match no host or path; null for the built-in 404. */
  readonly defaultBackendService: ObjectKey | null;
  /** `namespace/name` of the Secret for TLS names without a certificate; null for the self-signed one. */
  readonly defaultSslCertificate: ObjectKey | null;
  /** PEM pair that is used if `defaultSslCertificate` is not set or unusable. */
  readonly fallbackCertificate: { readonly chain: string; readonly key: string };
  /** If a Prefix path ends in a slash, the path without it is redirected there instead of being served. */
  readonly redirectsToSlash: boolean;
  /** Whether --enable-ssl-passthrough is set. */
  readonly sslPassthrough: boolean;
  /** Which addresses NGINX may connect to. */
  readonly addresses: AddressRules;
  /** ExternalName Services get endpoints. */
  readonly externalNames: boolean;
  /** Port that clients use for HTTPS. */
  readonly httpsPort: number;
  readonly processors: number;
  /** Descriptors that a worker of NGINX gets by default, and its hard limit. */
  readonly openFiles: { readonly standard: number; readonly most: number };
  /** NGINX's module for brotli is installed. */
  readonly brotli: boolean;
  /** NGINX's module headers-more is installed. */
  readonly headersMore: boolean;
  /** How much one object and one namespace may ask for. */
  readonly bounds: Bounds;
  /** Zone of the controller's node, whose endpoints are preferred; undefined: all endpoints are used. */
  readonly zone?: string;
  /** Known addresses of the DNS names of ExternalName Services. */
  readonly resolvedNames: ReadonlyMap<string, readonly string[]>;
  /** Known certificates missing from chains; undefined: chains are served as they are. */
  readonly intermediates?: KnownIntermediates;
  /** Ingresses whose configuration NGINX refused. */
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  /** Last good Secrets of certificates that are unusable now; undefined: none. */
  readonly keptSecrets?: KeptSecrets;
  /** Other objects as they were when they were last usable; undefined: none. */
  readonly lastGood?: InForce;
  /** Milliseconds since 1970 up to which certificates are known to have expired; undefined: expiry is not checked. */
  readonly now?: number;
  /** What is known of the values of the ConfigMap; undefined: nothing. */
  readonly settingTexts?: SettingTexts;
}

/**
 * An Ingress that is left out, because NGINX refused it or building its part failed. It applies only while the cluster
 * still has this version of the Ingress.
 */
export interface Quarantine {
  readonly refused: V1Ingress;
  /** The version that was served before, if this process knows one. */
  readonly lastGood: V1Ingress | undefined;
  /** What nginx said, or what was thrown; empty if nothing is known yet. */
  readonly message: string;
  /** It waits for a test on its own before it is loaded. */
  readonly waiting?: true;
  /** This program failed while building its part; nginx did not refuse it. */
  readonly fault?: true;
  /** Without a last good version it is left out, instead of answering 503 on its paths. */
  readonly absent?: true;
}

/** Whether two builds have the same options, except those in `except`. */
export function sameOptions(a: BuildOptions, b: BuildOptions, except: readonly (keyof BuildOptions)[]): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof BuildOptions)[]);
  return a === b || [...names].every((name) => a[name] === b[name] || except.includes(name));
}

/** Options that reading annotations depends on: if one changes, every Ingress is read again. */
export const READING_FLAGS = ['bounds', 'defaultBackendService', 'ignoreModsecurity', 'sslPassthrough'] as const;
export type ReadingFlags = Pick<BuildOptions, (typeof READING_FLAGS)[number]>;
