/**
 * Client certificates of a host. nginx requests a certificate before it knows the path, so one Ingress decides for the
 * whole host: the oldest one with auth-tls-secret. If certificates cannot be verified as an Ingress demands, its paths
 * answer 503.
 */
import { variable } from '../../types/conf-value.ts';
import type { Directive } from '../../types/directive.ts';
import type { FilePlan } from '../../types/plan.ts';
import { formatObject, type Problem } from '../../types/problem.ts';
import type { HeaderChange } from '../../types/upstream-headers.ts';
import type { ClientCertificates } from '../features/annotation.ts';
import { closed } from '../features/closed.ts';
import { annotationOf } from '../contract/annotation-field.ts';
import { isExempt } from '../settings/exempt-paths.ts';
import { directiveText } from '../contract/fingerprint.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import type { LocationSettings } from '../features/location-settings.ts';
import type { ServerTlsInput } from './server-tls.ts';

export interface ClientGuard {
  /** Directives of the server block. */
  readonly directives: readonly Directive[];
  readonly files: readonly FilePlan[];
  /**
   * Adds the guard to the settings of a location; `model`: Ingress of the location, `path`: the location's path as
   * written in that Ingress.
   */
  readonly around: (settings: LocationSettings, model: IngressModel | undefined, path: string) => LocationSettings;
}

const OPEN: ClientGuard = { directives: [], files: [], around: (settings) => settings };

/** The settings of a location that answers 503, because the certificates of its clients cannot be verified. */
function unverified(settings: LocationSettings): LocationSettings {
  return { ...settings, route: { ...settings.route, ...closed('auth-tls-secret') } };
}

function directivesOf({ handshake, mode, errorPage }: ClientCertificates): readonly Directive[] {
  return mode === 'off' ? handshake : [...handshake, ...errorPage];
}

/**
 * The guard of a host. Its effect on Ingresses that did not ask for client certificates is reported. If Ingresses ask
 * for client certificates but none of them may decide for the host (`hasSay`), their paths answer 503, because their
 * clients cannot be verified.
 */
export function guardClients(
  { host, models, settings }: ServerTlsInput,
  hasSay: (model: IngressModel) => boolean,
  problems: Problem[],
): ClientGuard {
  const asking = models.filter((model) => model.host.clientCertificates !== undefined);
  const first = asking.find(hasSay);
  const closesAsking: ClientGuard['around'] = (own, model) =>
    model !== undefined && asking.includes(model) ? unverified(own) : own;
  if (asking.length === 0) return OPEN;
  const tell = (
    model: IngressModel,
    code: string,
    message: string,
    denied = true,
    more: Pick<Problem, 'elsewhere'> = {},
  ): void => {
    const [severity, effect] = denied ? (['error', 'denied-location'] as const) : (['notice', 'none'] as const);
    problems.push({
      code,
      severity,
      effect,
      object: model.ref,
      ...(asking.includes(model) && annotationOf(model, 'auth-tls-secret')),
      message,
      ...more,
    });
  };
  if (host === '') {
    for (const model of asking)
      tell(
        model,
        'auth-tls-without-host',
        'auth-tls-secret needs a host: rules without a host share the TLS settings of all hosts',
      );
    return { ...OPEN, around: closesAsking };
  }
  if (first === undefined) return { ...OPEN, around: closesAsking };
  const decides = first.host.clientCertificates;
  if (decides === undefined || decides === 'refused') {
    for (const model of models)
      if (model.host.clientCertificates !== 'refused')
        tell(
          model,
          'auth-tls-host-closed',
          `${host} is not served: ${formatObject(first.ref)} requires client certificates, which cannot be verified`,
          true,
          { elsewhere: true },
        );
    return { ...OPEN, around: unverified };
  }
  const shut = new Set<IngressModel>();
  for (const model of models) {
    const own = model.host.clientCertificates;
    if (own === 'refused') shut.add(model);
    else if (own === undefined && decides.mode !== 'off')
      tell(
        model,
        'auth-tls-of-host',
        `clients of ${host} must present certificates for the paths of this Ingress, too, because ` +
          `${formatObject(first.ref)} requires them`,
        false,
      );
    else if (own !== undefined && directiveText(own.handshake) !== directiveText(decides.handshake)) {
      shut.add(model);
      tell(
        model,
        'auth-tls-conflict',
        `client certificates of ${host} are verified with the settings of the older ${formatObject(first.ref)}, ` +
          'which differ from those of this Ingress',
      );
    }
  }
  const usual = new Map<
    LocationSettings,
    { readonly own: typeof first.host.clientCertificates; readonly settings: LocationSettings }
  >();
  return {
    directives: directivesOf(decides),
    files: decides.files,
    around: (given, model, path) => {
      if (model !== undefined && shut.has(model)) return unverified(given);
      const own = model?.host.clientCertificates;
      const exempt = isExempt(path, settings, 'no-tls-redirect-locations');
      // Thousands of paths share one settings object; they share the result, too.
      const known = exempt ? undefined : usual.get(given);
      if (known !== undefined && known.own === own) return known.settings;
      const made =
        decides.mode === 'off'
          ? withHeaders(given, [VERIFY])
          : guarded(given, decides, own === 'refused' ? undefined : own, exempt);
      if (!exempt) usual.set(given, { own, settings: made });
      return made;
    },
  };
}

/** Header for the backend with nginx's result of the verification: `NONE` if the client presented no certificate. */
const VERIFY: HeaderChange = ['ssl-client-verify', variable('ssl_client_verify')];

function withHeaders(settings: LocationSettings, headers: readonly HeaderChange[]): LocationSettings {
  return { ...settings, upstreamHeaders: [...(settings.upstreamHeaders ?? []), ...headers] };
}

function guarded(
  settings: LocationSettings,
  decides: ClientCertificates,
  own: ClientCertificates | undefined,
  exempt: boolean,
): LocationSettings {
  const subjects = [...new Set([decides.subject, own?.subject])].filter((subject) => subject !== undefined);
  // An ACME client renews the certificate of the host over plain HTTP, with a separate Ingress.
  const plain = own === undefined && exempt ? true : decides.mode !== 'on' && subjects.length === 0;
  const headers: HeaderChange[] = [
    VERIFY,
    ['ssl-client-subject-dn', variable('ssl_client_s_dn')],
    ['ssl-client-issuer-dn', variable('ssl_client_i_dn')],
  ];
  if ((own ?? decides).pass) headers.push(['ssl-client-cert', variable('ssl_client_escaped_cert')]);
  const clientCertificate = { ...(plain && { plain: true as const }), ...(subjects.length > 0 && { subjects }) };
  return withHeaders({ ...settings, route: { ...settings.route, clientCertificate } }, headers);
}
