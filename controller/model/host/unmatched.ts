/** What answers the paths of a host that no rule names. */
import { word } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import type { BackendRef } from '../../types/plan.ts';
import type { Claim } from './paths/claims.ts';
import type { HostInput } from './host-input.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import { type LocationSettings, NO_SETTINGS } from '../features/location-settings.ts';

export interface Unmatched {
  readonly settings: LocationSettings;
  /** Undefined where the answer is nobody's. */
  readonly owner: IngressModel | undefined;
  readonly backend: BackendRef | null;
}

/** The default backend of the oldest Ingress that brings one, else that of the installation. */
export function unmatched(input: HostInput, claims: readonly Claim[]): Unmatched {
  const own = input.models.find((model) => model.defaultBackend !== undefined && bringsDefault(model, input));
  if (own?.defaultBackend !== undefined) {
    return { settings: own.defaultBackend.settings, owner: own, backend: own.defaultBackend.backend };
  }
  const oldest = claims[0]?.path.settings ?? NO_SETTINGS;
  const allRefused = claims.length > 0 && claims.every(({ model }) => model.quarantined);
  // The redirect to HTTPS, and how it is written, is all that an annotation does to a path of nobody.
  const { keepSlash, redirectPort } = oldest.route;
  const route = {
    ...(keepSlash !== undefined && { keepSlash }),
    ...(redirectPort !== undefined && { redirectPort }),
    ...(allRefused && { deny: 503 }),
  };
  const directives = loggedByDefault(input) ? NO_SETTINGS.directives : [directive('access_log', word('off'))];
  const settings = { ...NO_SETTINGS, directives, tlsRedirect: oldest.tlsRedirect, route };
  return { settings, owner: undefined, backend: input.defaultBackend };
}

/** Requests for hosts that nobody names are not noted unless the settings say so. */
function loggedByDefault(input: HostInput): boolean {
  return input.host !== '' || input.settings['enable-access-log-for-default-backend'];
}

/** A default backend counts for the hosts of its Ingress; for every other name only where the Ingress names none. */
function bringsDefault(model: IngressModel, input: HostInput): boolean {
  return input.host !== '' || model.hosts.size === 0 || model.hosts.has('');
}
