/** What the server block of one host is planned from. */
import type { BackendRef, ServerName } from '../../types/plan.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { Settings } from '../settings/settings.ts';

export interface HostInput {
  /** `shop.example.com`, `*.example.com`, or empty for every other name. */
  readonly host: string;
  /** Ingresses of the host, oldest first; without its canaries. */
  readonly models: readonly IngressModel[];
  /** Canaries of the host, oldest first. */
  readonly canaries: readonly IngressModel[];
  /** The name that is redirected to this host, if any. */
  readonly www: string | undefined;
  /** Server names in nginx's words, the host's own first. */
  readonly names: readonly ServerName[];
  /** `always`: the host has a certificate; `named`: it has, but some of its names may not. */
  readonly tls: 'none' | 'always' | 'named';
  readonly settings: Settings;
  /** Variables that texts of the settings read. */
  readonly read: ReadonlySet<string>;
  /** Regular expressions reach only the paths that ask for them. */
  readonly strictPaths: boolean;
  /** Namespaces act on hosts and paths of their own only. */
  readonly isolateNamespaces: boolean;
  readonly redirectsToSlash: boolean;
  /** Backend of unmatched paths where no Ingress brings its own. */
  readonly defaultBackend: BackendRef | null;
}
