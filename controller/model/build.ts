/** Snapshot → Plan + Problems: the one door for the loop, the commands and the tests. Pure: same in, same out. */
import type { V1ConfigMap, V1Ingress } from '@kubernetes/client-node';
import type { LiveBackend, LiveRoute } from '../types/live.ts';
import type { BackendRef, BuildResult, HostPlan } from '../types/plan.ts';
import type { FieldPath, ObjectRef, Problem } from '../types/problem.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import { backendKey, resolveBackend } from './backends.ts';
import { certify } from './certificates.ts';
import type { HostOutput } from './host-plan.ts';
import { planHostOnce } from './host-memo.ts';
import { chooseIngress } from './ingress-class.ts';
import { type IngressModel, modelIngress } from './ingress-model.ts';
import { byAge, ingressRef, keyOf } from './object-ref.ts';
import type { BuildOptions } from './options.ts';
import { nameHosts, wildcardOf } from './server-names.ts';
import { readSettings, type Settings } from './settings/settings.ts';
import { planStatic } from './static-plan.ts';
import { hostTls } from './tls.ts';

type SettingsResult = ReturnType<typeof readSettings>;
const settingsMemo = new WeakMap<V1ConfigMap, SettingsResult>();
const DEFAULTS: SettingsResult = readSettings(undefined);

function settingsOf(snapshot: Snapshot, options: BuildOptions): SettingsResult {
  const configMap = options.defaultSettingsOnly ? undefined : snapshot.ConfigMap.get(options.configMap);
  if (configMap === undefined) return DEFAULTS;
  const result = settingsMemo.get(configMap) ?? readSettings(configMap);
  settingsMemo.set(configMap, result);
  return result;
}

/** Our Ingresses, oldest first, each read; a quarantined one in its last good version or as a refusal. */
function modelIngresses(
  snapshot: Snapshot,
  options: BuildOptions,
  settings: Settings,
  problems: Problem[],
): IngressModel[] {
  const models: IngressModel[] = [];
  for (const ingress of [...snapshot.Ingress.values()].sort(byAge)) {
    const choice = chooseIngress(ingress, snapshot, options);
    if (choice.problem !== undefined) problems.push(choice.problem);
    if (!choice.ours || (options.disableCatchAll && ingress.spec?.defaultBackend !== undefined)) continue;
    const model = modelOf(ingress, snapshot, options, settings, problems);
    models.push(model);
    problems.push(...model.problems);
  }
  return models;
}

function modelOf(
  ingress: V1Ingress,
  snapshot: Snapshot,
  options: BuildOptions,
  settings: Settings,
  problems: Problem[],
): IngressModel {
  const ref = ingressRef(ingress);
  const reading = { settings, prefix: options.annotationsPrefix, quarantined: false };
  const quarantine = options.quarantine.get(keyOf(ref));
  if (quarantine === undefined || quarantine.refused !== ingress) return modelIngress(ingress, snapshot, reading);
  const served = quarantine.lastGood === undefined ? 'its paths answer 503' : 'its last good version is served';
  problems.push({
    code: 'refused-by-nginx',
    severity: 'error',
    effect: 'quarantined',
    object: ref,
    message: `nginx refuses the configuration of this Ingress: ${quarantine.message}; ${served}`,
  });
  return quarantine.lastGood === undefined
    ? modelIngress(ingress, snapshot, { ...reading, quarantined: true })
    : modelIngress(quarantine.lastGood, snapshot, reading);
}

/** Host → its Ingresses, oldest first; the empty host is always there. */
function groupByHost(models: readonly IngressModel[]): Map<string, IngressModel[]> {
  const hosts = new Map<string, IngressModel[]>([['', []]]);
  for (const model of models) {
    const named = model.hosts.size === 0 && model.defaultBackend !== undefined ? [''] : [...model.hosts.keys()];
    for (const host of named) {
      const list = hosts.get(host);
      if (list === undefined) hosts.set(host, [model]);
      else list.push(model);
    }
  }
  return hosts;
}

/** First port of the default backend Service. */
function defaultBackend(snapshot: Snapshot, options: BuildOptions, problems: Problem[]): BackendRef | null {
  if (options.defaultBackendService === null) return null;
  const [namespace = '', service = ''] = options.defaultBackendService.split('/');
  const port = snapshot.Service.get(options.defaultBackendService)?.spec?.ports?.[0];
  if (port !== undefined) return { namespace, service, port: port.port };
  problems.push({
    code: 'missing-service',
    severity: 'notice',
    effect: 'default-backend',
    object: { kind: 'Service', namespace, name: service },
    message: 'the default backend Service does not exist or has no port; the built-in 404 answers',
  });
  return null;
}

/** Wildcard servers before those with alias patterns, the default one first of all. */
function byServerOrder(a: HostPlan, b: HostPlan): number {
  const rank = (plan: HostPlan) => {
    const patterns = plan.names.filter((name) => name.kind === 'regex').length;
    if (plan.isDefault) return 0;
    return patterns === 0 ? 3 : plan.names.length === 1 ? 1 : 2;
  };
  const [left, right] = [a.names[0]?.text ?? '', b.names[0]?.text ?? ''];
  return rank(a) - rank(b) || (left < right ? -1 : left > right ? 1 : 0);
}

interface Backends {
  readonly backends: Map<string, LiveBackend>;
  readonly backendsOfService: Map<ObjectKey, BackendRef[]>;
  readonly externalNames: Set<string>;
}

function resolveBackends(
  outputs: readonly HostOutput[],
  snapshot: Snapshot,
  options: BuildOptions,
  problems: Problem[],
): Backends {
  const result: Backends = { backends: new Map(), backendsOfService: new Map(), externalNames: new Set() };
  for (const output of outputs) {
    for (const { ref, model, path } of output.backends) {
      const key = backendKey(ref);
      if (result.backends.has(key)) continue;
      const resolved = resolveBackend(ref, snapshot, options.externalNames ? options.resolvedNames : null);
      result.backends.set(key, resolved.backend);
      const service = `${ref.namespace}/${ref.service}`;
      result.backendsOfService.set(service, [...(result.backendsOfService.get(service) ?? []), ref]);
      if (resolved.externalName !== undefined) result.externalNames.add(resolved.externalName);
      if (resolved.lack !== undefined && model !== undefined)
        problems.push(lackProblem(model.ref, path?.field, ref, resolved.lack));
    }
  }
  return result;
}

function lackProblem(
  object: ObjectRef,
  path: FieldPath | undefined,
  ref: BackendRef,
  lack: { code: string; reason: string },
): Problem {
  return {
    code: lack.code,
    severity: 'notice',
    effect: 'no-endpoints',
    object,
    field: path === undefined ? ['spec', 'defaultBackend'] : [...path, 'backend', 'service'],
    value: `${ref.service}:${ref.port}`,
    message: `${lack.reason}; its paths answer 503`,
  };
}

/** Every Secret that this build looked at, or would have if it existed. */
function referencedSecrets(models: readonly IngressModel[], options: BuildOptions): ReadonlySet<ObjectKey> {
  const secrets = new Set<ObjectKey>(options.defaultSslCertificate === null ? [] : [options.defaultSslCertificate]);
  for (const { ingress, ref, reads } of models) {
    for (const { key } of reads) secrets.add(key);
    for (const { secretName } of ingress.spec?.tls ?? []) if (secretName) secrets.add(`${ref.namespace}/${secretName}`);
  }
  return secrets;
}

/** Builds everything from a Snapshot. Never throws for what a Snapshot can hold. */
export function build(snapshot: Snapshot, options: BuildOptions): BuildResult {
  const problems: Problem[] = [];
  const { settings, problems: settingProblems } = settingsOf(snapshot, options);
  problems.push(...settingProblems);
  const models = modelIngresses(snapshot, options, settings, problems);
  const hosts = groupByHost(models);
  const names = nameHosts(hosts, problems);
  const tlsOf = new Map([...hosts].map(([host, list]) => [host, hostTls(host, list, snapshot, problems)] as const));
  const fallback = defaultBackend(snapshot, options, problems);

  const outputs = [...hosts].map(([host, list]) => {
    const own = names.get(host) ?? { names: [], aliases: [] };
    const hasTls = tlsOf.get(host) !== undefined || tlsOf.get(wildcardOf(host)) !== undefined;
    const output = planHostOnce({
      host,
      models: list,
      names: own.names,
      tls: !hasTls ? 'none' : own.names.length > 1 ? 'named' : 'always',
      settings,
      defaultBackend: fallback,
    });
    problems.push(...output.problems);
    return output;
  });
  const { backends, backendsOfService, externalNames } = resolveBackends(outputs, snapshot, options, problems);
  const { certificates, names: certificateNames } = certify(
    tlsOf,
    (host) => names.get(host)?.aliases ?? [],
    snapshot,
    options,
    problems,
  );
  const plans = outputs.map((output) => output.plan).sort(byServerOrder);
  const routes = new Map<string, LiveRoute>(plans.flatMap((plan) => [...plan.routes]));
  return {
    plan: {
      static: planStatic(
        settings,
        plans,
        outputs.flatMap((output) => output.files),
        options,
      ),
      live: {
        routes,
        backends,
        certificates,
        names: certificateNames,
        settings: {
          httpsPort: options.httpsPort,
          redirectCode: Number(settings['http-redirect-code']),
          forwarded: settings['use-forwarded-headers'],
        },
      },
      backendsOfService,
      ingresses: new Set(models.map(({ ref }) => keyOf(ref))),
      externalNames: [...externalNames].sort(),
      secrets: referencedSecrets(models, options),
    },
    problems,
  };
}
