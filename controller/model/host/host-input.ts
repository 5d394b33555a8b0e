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
  /** The name that is redirected to this host, if any. */
  readonly www: string | undefined;
  /** Server names in nginx's syntax, the host's own first. */
  readonly names: readonly ServerName[];
  /** `always`: the host has a certificate; `named`: it has one, but some of its names may not. */
  readonly tls: 'none' | 'always' | 'named';
  readonly settings: Settings;
  /** Variables that texts of the settings read. */
  readonly read: ReadonlySet<string>;
  /** Only paths that ask for it are regular expressions. */
  readonly strictPaths: boolean;
  /** An Ingress acts only on hosts and paths of its own namespace. */
  readonly isolateNamespaces: boolean;
  readonly redirectsToSlash: boolean;
  /** Backend of unmatched paths, if no Ingress has its own. */
  readonly defaultBackend: BackendRef | null;
}
