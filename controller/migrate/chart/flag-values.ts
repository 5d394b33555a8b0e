/** Values for the flags of the controller. */
import type { V1IngressClass } from '@kubernetes/client-node';
import type { Snapshot } from '../../types/snapshot.ts';
import { CONFIDENTIAL, type WrittenFlag } from '../judge-settings.ts';
import { type ChartPart, type ChartValue, filled, type OmittedPart, value } from './chart-value.ts';
import type { OldNames } from './names.ts';
import { withoutGenerated } from './own-metadata.ts';

/** Flags that the chart sets itself, from other values or from names. */
const OF_CHART: ReadonlySet<string> = new Set([
  'configmap',
  'validating-webhook',
  'validating-webhook-certificate',
  'validating-webhook-key',
  'ingress-class',
  'controller-class',
  'publish-service',
  'election-id',
  'tcp-services-configmap',
  'udp-services-configmap',
  'default-backend-service',
  'enable-metrics',
  'watch-namespace',
  'http-port',
  'https-port',
]);

/** Flag → the value of the chart that sets it. */
const VALUES: Readonly<Record<string, string>> = {
  'watch-ingress-without-class': 'controller.watchIngressWithoutClass',
  'ingress-class-by-name': 'controller.ingressClassByName',
  'enable-topology-aware-routing': 'controller.enableTopologyAwareRouting',
  'disable-leader-election': 'controller.disableLeaderElection',
  'report-node-internal-ip-address': 'controller.reportNodeInternalIp',
  'election-ttl': 'controller.electionTTL',
  'watch-namespace-selector': 'controller.scope.namespaceSelector',
  'healthz-host': 'controller.healthCheckHost',
  'health-check-path': 'controller.healthCheckPath',
};
const CONTROLLER_CLASS = 'k8s.io/ingress-nginx';
const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';
const BOOLS: Readonly<Record<string, boolean>> = { true: true, false: false };

type Given = ReadonlyMap<string, string>;

/** The text, unless it is what the chart has without a value. */
function unless(usual: string, text: string): string | undefined {
  return text === usual ? undefined : text;
}

function classValues(given: Given, classes: Snapshot['IngressClass']): readonly ChartValue[] {
  const controller = given.get('controller-class') ?? CONTROLLER_CLASS;
  const legacy = given.get('ingress-class') ?? 'nginx';
  const own: readonly V1IngressClass[] = [...classes.values()].filter((each) => each.spec?.controller === controller);
  const named = own.find(({ metadata }) => metadata?.name === legacy) ?? own[0];
  const name = named?.metadata?.name ?? legacy;
  const { [DEFAULT_CLASS]: standard, ...annotations } = named?.metadata?.annotations ?? {};
  const others = own.flatMap(({ metadata }) => (metadata?.name === name ? [] : (metadata?.name ?? [])));
  return [
    value('controller.ingressClass', unless('nginx', legacy)),
    value('controller.ingressClassResource.name', unless('nginx', name)),
    value('controller.ingressClassResource.controllerValue', unless(CONTROLLER_CLASS, controller)),
    value('controller.ingressClassResource.default', standard === 'true' ? true : undefined),
    value('controller.ingressClassResource.annotations', withoutGenerated(annotations)),
    value('controller.ingressClassResource.parameters', named?.spec?.parameters),
    value('controller.ingressClassResource.aliases', others),
  ];
}

function publishing(given: Given, { key }: OldNames): readonly ChartValue[] {
  const service = given.get('publish-service');
  if (service === undefined)
    return given.has('publish-status-address') ? [] : [value('controller.publishService.enabled', false)];
  return [
    value('controller.publishService.pathOverride', [key, `${key}-internal`].includes(service) ? undefined : service),
  ];
}

function electing(given: Given, { fullname }: OldNames): readonly ChartValue[] {
  const id = given.get('election-id') ?? 'ingress-controller-leader';
  return [
    value(
      'controller.electionID',
      id === `${fullname}-leader` ? undefined : id,
      'Both controllers use the same Lease, so that only one of them writes the status while Pods are replaced.',
    ),
  ];
}

function defaultBackend(given: Given, { namespace, fullname }: OldNames): readonly ChartValue[] {
  const service = given.get('default-backend-service');
  if (service === undefined) return [];
  if (service === `${namespace}/${fullname}-defaultbackend`)
    return [
      value(
        'defaultBackend.enabled',
        true,
        'The old chart made this Service. If its image is not the default one, set defaultBackend.image, too.',
      ),
    ];
  return [value('controller.extraArgs.default-backend-service', service)];
}

function scope(given: Given, { namespace }: OldNames): readonly ChartValue[] {
  const watched = given.get('watch-namespace') ?? '';
  if (watched === '') return [];
  return [
    value('controller.scope.enabled', true),
    value('controller.scope.namespace', watched === namespace ? undefined : watched),
  ];
}

function ports(given: Given): readonly ChartValue[] {
  const of = (name: string, usual: string): number | undefined => {
    const port = given.get(`${name}-port`);
    return port === undefined || port === usual ? undefined : Number(port);
  };
  return [
    value('controller.containerPort.http', of('http', '80')),
    value('controller.containerPort.https', of('https', '443')),
  ];
}

/** A value for a flag that the chart passes on as it is. */
function passedOn({ name, value: text }: WrittenFlag): ChartValue {
  const path = VALUES[name];
  if (path !== undefined) return value(path, BOOLS[text] ?? text);
  return { path: ['controller', 'extraArgs', name], value: BOOLS[text] ?? text };
}

export function flagChartValues(
  flags: readonly WrittenFlag[],
  classes: Snapshot['IngressClass'],
  names: OldNames,
): ChartPart {
  const given: Given = new Map(flags.map(({ name, value: text }) => [name, text]));
  const leftOut = flags.flatMap(({ name, value: text, idle, fault }): OmittedPart[] => {
    const why = fault ?? idle;
    const shown = CONFIDENTIAL.has(name) ? '' : `=${text}`;
    return why === undefined ? [] : [{ what: `--${name}${shown}`, why }];
  });
  const rest = flags.filter(
    ({ name, idle, fault }) => !OF_CHART.has(name) && idle === undefined && fault === undefined,
  );
  const metrics = given.get('enable-metrics');
  const values = [
    ...classValues(given, classes),
    ...publishing(given, names),
    ...electing(given, names),
    ...scope(given, names),
    ...ports(given),
    ...defaultBackend(given, names),
    value('controller.metrics.enabled', metrics === 'false' ? undefined : true),
    value('controller.admissionWebhooks.enabled', given.has('validating-webhook') ? undefined : false),
    ...rest.map(passedOn),
  ];
  return { values: filled(values), leftOut };
}
