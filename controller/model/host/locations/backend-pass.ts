/** How requests of a location are passed to its backend: the protocol, and TLS if the protocol uses it. */
import { directive, type Directive, type DirectiveName } from '../../../types/directive.ts';
import type { Pass } from '../../../types/plan.ts';
import { directiveText, fingerprint } from '../../contract/fingerprint.ts';
import type { LocationSettings } from '../../features/location-settings.ts';

const TLS_PROTOCOLS: ReadonlySet<Pass['protocol']> = new Set(['https', 'auto_http', 'grpcs']);

/** Protocol → a pass without TLS settings, which all hosts share. */
const PLAIN_PASSES = new Map<Pass['protocol'], Pass>();

/**
 * How a location passes requests. `tls`: directives for the TLS connection to the backend, with the prefix of the
 * module that passes requests.
 */
export function passToBackend(settings: Pick<LocationSettings, 'protocol' | 'backendTls'>): {
  readonly pass: Pass;
  readonly tls: readonly Directive[];
} {
  const { protocol, backendTls } = settings;
  if (backendTls === undefined || !TLS_PROTOCOLS.has(protocol)) return { pass: plainPass(protocol), tls: [] };
  const prefix = protocol === 'grpcs' ? 'grpc' : 'proxy';
  const tls = backendTls.directives.map(({ suffix, values }) =>
    directive(`${prefix}_${suffix}` satisfies DirectiveName, ...values),
  );
  return { pass: { protocol, tlsId: fingerprint(directiveText(tls)) }, tls };
}

function plainPass(protocol: Pass['protocol']): Pass {
  const pass = PLAIN_PASSES.get(protocol) ?? { protocol, tlsId: '' };
  PLAIN_PASSES.set(protocol, pass);
  return pass;
}
