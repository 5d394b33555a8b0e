/** Input for planning the server block of one host. */
import type { BackendRef, ServerName } from '../../types/plan.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { Settings } from '../settings/settings.ts';

export interface HostInput {
  /** `shop.example.com`, `*.example.com`, or empty for the catch-all host. */
  readonly host: string;
  /** Ingresses of the host except canaries, oldest first. */
  readonly models: readonly IngressModel[];
  /** Canaries of the host, oldest first. */
  readonly canaries: readonly IngressModel[];
  /** The name that from-to-www-redirect redirects to this host, if any. */
  readonly www: string | undefined;
  /** Server names in nginx's syntax; the first is that of the host itself. */
  readonly names: readonly ServerName[];
  /** `always`: the host has a certificate; `named`: it has one, but it may not cover the host's additional names. */
  readonly tls: 'none' | 'always' | 'named';
  readonly settings: Settings;
  /** Variables that are used in settings and header ConfigMaps. */
  readonly read: ReadonlySet<string>;
  /** Only the paths of Ingresses with rewrite-target or use-regex are regular expressions. */
  readonly strictPaths: boolean;
  /** An Ingress affects only hosts and paths of its own namespace. */
  readonly isolateNamespaces: boolean;
  /** If a Prefix path ends in a slash, the path without the slash is redirected to it. */
  readonly redirectsToSlash: boolean;
  /** Backend of unmatched paths, if no Ingress of the host has a default backend. */
  readonly defaultBackend: BackendRef | null;
}
