/** Flags of `tidegate controller` → what the stages take. */
import { boundsFrom } from '../../model/bounds/bounds.ts';
import type { ModelArguments } from '../arguments.ts';
import type { OwnPod } from '../../report/own-pod.ts';
import type { ParsedFlags } from '../flag-parser.ts';

/** Ports of NGINX and the controller. */
const OWN_PORTS = [
  'http-port',
  'https-port',
  'http-listen-port',
  'https-listen-port',
  'status-port',
  'healthz-port',
] as const;

/** Options of model and templates; `processors` are those of the nginx container, `zone` is the own one. */
export function modelArguments(
  flags: ParsedFlags,
  processors: number,
  pod: Pick<OwnPod, 'addresses'> | undefined,
  zone?: string,
): ModelArguments {
  const optional = (name: string) => (flags.text(name) === '' ? undefined : flags.text(name));
  const [backend, certificate, templates] = [
    optional('default-backend-service'),
    optional('default-ssl-certificate'),
    optional('template-dir'),
  ];
  return {
    httpPort: flags.number('http-port'),
    httpsPort: flags.number('https-port'),
    ingressClass: flags.text('ingress-class'),
    controllerClass: flags.text('controller-class'),
    ingressClassByName: flags.bool('ingress-class-by-name'),
    watchIngressWithoutClass: flags.bool('watch-ingress-without-class'),
    configmap: flags.text('configmap'),
    annotationsPrefix: flags.text('annotations-prefix').replace(/\/$/, ''),
    disableCatchAll: flags.bool('disable-catch-all'),
    strictPaths: flags.bool('strict-paths'),
    isolateNamespaces: flags.bool('isolate-namespaces'),
    redirectTrailingSlash: flags.bool('redirect-trailing-slash'),
    strictAccess: flags.bool('strict-access'),
    ignoreModsecurity: flags.bool('ignore-modsecurity'),
    enableSslPassthrough: flags.bool('enable-ssl-passthrough'),
    allowAddresses: flags.text('allow-addresses'),
    own: { addresses: pod?.addresses ?? [], ports: OWN_PORTS.map((name) => flags.number(name)) },
    disableSvcExternalName: flags.bool('disable-svc-external-name'),
    bounds: boundsFrom((flag) => flags.number(flag)),
    processors,
    ...(backend !== undefined && { defaultBackendService: backend }),
    ...(certificate !== undefined && { defaultSslCertificate: certificate }),
    ...(templates !== undefined && { templateDir: templates }),
    ...(zone !== undefined && { zone }),
  };
}

/** Milliseconds between reloads for `--sync-rate-limit`; 0 means no spacing. */
export function spacingMs(flags: ParsedFlags): number {
  const perSecond = flags.number('sync-rate-limit');
  return perSecond <= 0 ? 0 : Math.round(1000 / perSecond);
}
