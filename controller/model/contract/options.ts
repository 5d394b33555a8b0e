/** Everything that a build depends on besides the Snapshot: plain values, which the commands and the loop fill in. */
import type { AddressRules } from '../../types/addresses.ts';
import type { KnownIntermediates } from '../../types/intermediates.ts';
import type { InForce } from '../../types/last-good.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { V1Ingress, V1Secret } from '@kubernetes/client-node';
import type { Bounds } from './bounds.ts';
import type { ModelFlags } from './flags.ts';
import type { SettingTexts } from './setting-texts.ts';

/** Key of a Secret → the Secret as it was when its certificate was last usable. */
export type KeptSecrets = ReadonlyMap<ObjectKey, V1Secret>;

/** The Pod of this process, and the ports on which NGINX and the controller listen. */
export interface ListeningPod {
  readonly namespace: string;
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  /** Ports that no client uses: status, health, metrics, admission. They are also among `ports`. */
  readonly innerPorts: readonly number[];
}

/** TCP and UDP services. */
export interface StreamOptions {
  /** `namespace/name` of the ConfigMaps with the entries; null if the flag is not set. */
  readonly tcp: ObjectKey | null;
  readonly udp: ObjectKey | null;
  /** Whether NGINX's stream modules are installed. */
  readonly installed: boolean;
  /** Ports on which NGINX or the controller itself listens (`TCP 8080`) → the flags that name them. */
  readonly reserved: ReadonlyMap<string, string>;
}

/** Flags, facts that the commands find out about the machine, and the loop's memory of earlier builds. */
export interface BuildOptions extends ModelFlags {
  /** `namespace/name` of the ConfigMap with the settings. */
  readonly configMap: ObjectKey;
  /** `namespace/name` of the ConfigMap that says which namespaces own which hosts, for --host-ownership=configmap. */
  readonly hostPolicyConfigMap: ObjectKey | null;
  /** `namespace/name` of the Service for requests that match no host or path; null for the built-in 404. */
  readonly defaultBackendService: ObjectKey | null;
  /** `namespace/name` of the Secret for TLS names without a certificate; null for `fallbackCertificate`. */
  readonly defaultSslCertificate: ObjectKey | null;
  /** Self-signed certificate and its key, in PEM, used if `defaultSslCertificate` is not set or unusable. */
  readonly fallbackCertificate: { readonly chain: string; readonly key: string };
  /** Whether, for a Prefix path that ends in a slash, the path without the slash is redirected to it. */
  readonly redirectsToSlash: boolean;
  /** Whether --enable-ssl-passthrough is set. */
  readonly sslPassthrough: boolean;
  /**
   * The rules about which addresses NGINX may connect to, except the rules that depend on the cluster
   * (`endpointRules`).
   */
  readonly addresses: AddressRules;
  /** This Pod; undefined if NGINX does not run in a Pod. */
  readonly ownPod?: ListeningPod;
  /** Absent: there are no TCP and UDP services. */
  readonly streams?: StreamOptions;
  /** Whether ExternalName Services get endpoints. */
  readonly externalNames: boolean;
  /** Port that clients use for HTTPS. */
  readonly httpsPort: number;
  /** Number of processors that NGINX may use. */
  readonly processors: number;
  /** File descriptors of an NGINX worker: the number it gets by default, and its hard limit. */
  readonly openFiles: { readonly standard: number; readonly most: number };
  /** Whether NGINX's module for brotli is installed. */
  readonly brotli: boolean;
  /** Whether NGINX's module headers-more is installed. */
  readonly headersMore: boolean;
  /** What NGINX lacks for HTTP/3, as the end of a sentence that begins with `use-http3`; null: nothing. */
  readonly http3Obstacle: string | null;
  /** How much one object and one namespace may ask for. */
  readonly bounds: Bounds;
  /** Zone of the controller's node, whose endpoints are preferred; undefined: all endpoints are used. */
  readonly zone?: string;
  /** Known addresses of the DNS names of ExternalName Services. */
  readonly resolvedNames: ReadonlyMap<string, readonly string[]>;
  /** Fetched intermediate certificates that chains lack; undefined: chains are served unchanged. */
  readonly intermediates?: KnownIntermediates;
  /**
   * Port of a TCP or UDP service (`TCP 5432`) → why NGINX cannot listen on it; empty if it can. A port that is absent
   * has not been tried yet and is not served. Undefined: every port can be used.
   */
  readonly streamPorts?: ReadonlyMap<string, string>;
  /** Ingresses whose configuration NGINX refused, or whose configuration could not be built. */
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  /** Last good Secrets of certificates that are unusable now; undefined: there are none. */
  readonly keptSecrets?: KeptSecrets;
  /** Objects other than certificates as they were when they were last usable; undefined: there are none. */
  readonly lastGood?: InForce;
  /**
   * Certificates valid until this time (ms since 1970) or an earlier one count as expired; undefined: expiry is not
   * checked.
   */
  readonly now?: number;
  /** The values of the ConfigMap with which NGINX runs, and those that it refused; undefined: nothing is known. */
  readonly settingTexts?: SettingTexts;
}

/**
 * An Ingress whose current version is not served, because NGINX refused its configuration or building the configuration
 * failed. A quarantine applies only while the cluster still has the `refused` version of the Ingress.
 */
export interface Quarantine {
  readonly refused: V1Ingress;
  /** The version that was served before; undefined if this process does not know one. */
  readonly lastGood: V1Ingress | undefined;
  /** Error message of nginx, or of the exception; empty if the reason is not known yet. */
  readonly message: string;
  /** The Ingress is not loaded until nginx has tested its configuration separately from that of other Ingresses. */
  readonly waiting?: true;
  /** This program threw an exception while building the Ingress's configuration; nginx did not refuse it. */
  readonly fault?: true;
  /** If there is no last good version, the Ingress is left out, instead of answering 503 on its paths. */
  readonly absent?: true;
}

/** Options that change while the controller runs. */
export const CHANGING_OPTIONS = [
  'quarantine',
  'resolvedNames',
  'streamPorts',
  'intermediates',
  'keptSecrets',
  'lastGood',
  'settingTexts',
  'now',
] as const satisfies readonly (keyof BuildOptions)[];
export type ChangingOption = (typeof CHANGING_OPTIONS)[number];

const CHANGING: ReadonlySet<string> = new Set(CHANGING_OPTIONS);

/** Whether two builds have the same options, except those that change while the controller runs. */
export function sameFixedOptions(a: BuildOptions, b: BuildOptions): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)] as (keyof BuildOptions)[]);
  return a === b || [...names].every((name) => a[name] === b[name] || CHANGING.has(name));
}

/** Options that the reading of annotations depends on: if one of them changes, every Ingress is read again. */
export const READING_FLAGS = ['bounds', 'defaultBackendService', 'ignoreModsecurity', 'sslPassthrough'] as const;
export type ReadingFlags = Pick<BuildOptions, (typeof READING_FLAGS)[number]>;
