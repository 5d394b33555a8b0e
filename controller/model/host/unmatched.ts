/** The response to requests for a host that match none of its paths. */
import { word } from '../../types/conf-value.ts';
import { directive } from '../../types/directive.ts';
import type { BackendRef } from '../../types/plan.ts';
import { closed } from '../features/closed.ts';
import type { PathClaim } from './paths/claims.ts';
import type { HostInput } from './host-input.ts';
import { appliesDefaultBackend, type IngressModel } from '../ingress/ingress-model.ts';
import { type LocationSettings, NO_SETTINGS } from '../features/location-settings.ts';

export interface Unmatched {
  readonly settings: LocationSettings;
  /** Undefined if the response belongs to no Ingress. */
  readonly owner: IngressModel | undefined;
  readonly backend: BackendRef | null;
}

/** The default backend of the oldest Ingress that has one, or else the default backend of the installation. */
export function unmatched(input: HostInput, claims: readonly PathClaim[]): Unmatched {
  const own = input.models.find((model) => appliesDefaultBackend(model, input.host));
  if (own?.defaultBackend !== undefined) {
    return { settings: own.defaultBackend.settings, owner: own, backend: own.defaultBackend.backend };
  }
  const oldest = claims[0]?.path.settings ?? NO_SETTINGS;
  const allRefused = claims.length > 0 && claims.every(({ model }) => model.quarantined);
  // No Ingress owns the response, so annotations determine only whether and how requests are redirected to HTTPS.
  const { keepSlash, redirectPort } = oldest.route;
  const route = {
    ...(keepSlash !== undefined && { keepSlash }),
    ...(redirectPort !== undefined && { redirectPort }),
    ...(allRefused && closed('quarantine')),
  };
  const directives = loggedByDefault(input) ? NO_SETTINGS.directives : [directive('access_log', word('off'))];
  const settings = { ...NO_SETTINGS, directives, tlsRedirect: oldest.tlsRedirect, route };
  return { settings, owner: undefined, backend: input.defaultBackend };
}

/** Requests for unknown hosts are logged only if enable-access-log-for-default-backend is set. */
function loggedByDefault(input: HostInput): boolean {
  return input.host !== '' || input.settings['enable-access-log-for-default-backend'];
}
