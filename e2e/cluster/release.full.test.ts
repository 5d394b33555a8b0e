/**
 * A release of the ingress-nginx chart is upgraded to Tidegate's chart, rolled back, and upgraded again, following
 * docs/migrating.md and docs/install.md, with helm and a real API server. By default a reduced copy of the
 * ingress-nginx chart is used; TIDEGATE_OLD_CHART may name a folder with the real one.
 */
import type {
  V1ConfigMap,
  V1Deployment,
  V1Job,
  V1Service,
  V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CHART, helm as binary } from '../../charts/helm.ts';
import { findAssets } from '../apiserver/assets.ts';
import { fileArgument, kubectlFor } from '../apiserver/kubectl.ts';
import type { Kubectl } from '../apiserver/kubectl.ts';
import { startRealServer } from '../apiserver/real.ts';
import type { RealServer } from '../apiserver/real.ts';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import { createPodOfDeployment, writeOwnKubeconfig } from './deployed.ts';
import { helmFor } from './helm.ts';
import type { Helm } from './helm.ts';
import { runHooks } from './hooks.ts';
import type { Hooks } from './hooks.ts';
import { createOldWebhook } from './old-webhook.ts';
import type { OldWebhook } from './old-webhook.ts';
import { ownAddress } from './own-address.ts';
import { POD_NAMESPACE, startPod } from './pod.ts';
import type { Pod } from './pod.ts';
import { createProgram } from './program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RELEASE = ['ingress-nginx', '--namespace', POD_NAMESPACE];
const CONFIGURATION = 'ingress-nginx-admission';
const ADDRESS = '192.0.2.10';
const POD = 'ingress-nginx-controller-0';
const assets = findAssets();
const unfit = 'missing' in assets || ownAddress() === undefined || binary === undefined;
if (unfit)
  console.error(
    'NOT RUN: tests of releases need kube-apiserver, helm, and the network namespace of scripts/test-full.sh',
  );

/** The arguments of the kubectl command in docs/migrating.md that begins with `start`. */
function documented(start: string): readonly string[] {
  const docs = readFileSync(join(ROOT, 'docs/migrating.md'), 'utf8');
  const line = docs.split('\n').find((text) => text.startsWith(`kubectl ${start}`));
  if (line === undefined) throw new Error(`docs/migrating.md has no line kubectl ${start}…`);
  return line.slice('kubectl '.length).replaceAll("'", '').split(' ');
}

const PROBE = documented('create ingress probe');
const DELETE_WEBHOOK = documented('delete validatingwebhookconfiguration');
const ADMITTED = /created \(server dry run\)/;
const REFUSED = /failed calling webhook "validate.nginx.ingress.kubernetes.io"/;

describe.skipIf(unfit)('a helm release', () => {
  let folder: string;
  let oldChart: string;
  let server: RealServer;
  let kubectl: Kubectl;
  let helm: Helm;
  let webhook: OldWebhook;
  let hooks: Hooks;
  let pod: Pod | undefined;

  /** The output of the command by which docs/migrating.md checks the webhook, or its error. */
  const probe = (...more: readonly string[]) => kubectl.run([...PROBE, ...more]).catch(String);
  const configuration = () => find<V1ValidatingWebhookConfiguration>('validatingwebhookconfiguration', CONFIGURATION);
  const find = async <T>(...what: readonly string[]): Promise<T> =>
    JSON.parse(await kubectl.run(['get', '--namespace', POD_NAMESPACE, ...what, '-o', 'json'])) as T;
  const addressOf = async (site: string): Promise<string> =>
    kubectl.run(['get', 'ingress', '-n', NAMESPACE, site, '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}']);

  async function succeed(...args: readonly string[]): Promise<string> {
    const { failed, stdout, stderr } = await helm(...args);
    if (failed) throw new Error(`helm ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
  /** Runs `clear-status` as its Job would, with the permissions of the Job's ServiceAccount. */
  async function clearStatus({ spec }: V1Job): Promise<void> {
    expect(spec?.template.spec?.serviceAccountName).toBe('ingress-nginx');
    expect(await addressOf('here')).toBe(ADDRESS);
    const kubeconfig = join(folder, 'clear-status');
    await writeOwnKubeconfig(kubectl, server, kubeconfig);
    const args = (spec?.template.spec?.containers[0]?.args ?? []).map((arg) =>
      arg.replaceAll('$(POD_NAMESPACE)', POD_NAMESPACE),
    );
    const program = createProgram(process.execPath, ['bin/tidegate.js', ...args, `--kubeconfig=${kubeconfig}`], {
      cwd: ROOT,
      env: { POD_NAME: 'ingress-nginx-clear-status-x', POD_NAMESPACE },
    });
    program.start();
    await until('clear-status ends', () => !program.running(), 90_000);
    if ((await program.end('SIGCONT')) !== 0) throw new Error(program.lines.join('\n'));
  }
  async function runJob(job: V1Job): Promise<void> {
    const name = job.metadata?.name ?? '';
    if (name.endsWith('-create')) await webhook.create();
    else if (name.endsWith('-patch')) await webhook.patch();
    else await clearStatus(job);
  }
  function givenValues(): string {
    const values = {
      controller: {
        image: { digest: '' },
        config: { 'proxy-body-size': '9m' },
        service: { annotations: { 'example.com/size': 'small' } },
      },
    };
    return stringify(values);
  }

  beforeAll(async () => {
    if ('missing' in assets || binary === undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'tidegate-release-'));
    oldChart = process.env['TIDEGATE_OLD_CHART'] ?? join(folder, 'old-chart');
    if (process.env['TIDEGATE_OLD_CHART'] === undefined) {
      cpSync(join(ROOT, 'charts/fixtures/old-chart'), oldChart, { recursive: true });
      cpSync(join(ROOT, 'charts/fixtures/ingress-nginx-defaults.yaml'), join(oldChart, 'values.yaml'));
    }
    server = await startRealServer(assets.folder);
    server.writeKubeconfig(join(folder, 'admin'));
    kubectl = kubectlFor(join(folder, 'admin'));
    helm = helmFor(binary, join(folder, 'admin'), folder);
    await kubectl.run(['create', '--validate=false', '-f', '-'], stringify(namespace(NAMESPACE)));
    await kubectl.run(['create', '--validate=false', '-f', '-'], stringify(namespace(POD_NAMESPACE)));
    webhook = createOldWebhook(kubectl, POD_NAMESPACE);
    hooks = runHooks(kubectl, POD_NAMESPACE, runJob);
    writeFileSync(join(folder, 'given.yaml'), givenValues());
    await succeed('install', ...RELEASE, oldChart, '--values', join(folder, 'given.yaml'));
  }, 180_000);

  afterAll(async () => {
    await pod?.dispose();
    await hooks?.stop();
    await webhook?.stop();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('of the ingress-nginx chart has a webhook that the API server calls', async () => {
    expect(await probe()).toMatch(ADMITTED);
    expect(webhook.asked).toBeGreaterThan(0);
  });

  it('cannot be upgraded to this chart with --reuse-values, and the error says what to do', async () => {
    const { failed, stderr } = await helm('upgrade', ...RELEASE, CHART, '--reuse-values');
    expect(failed).toBe(true);
    expect(stderr).toContain('--reset-then-reuse-values');
    expect(JSON.parse(await succeed('history', ...RELEASE, '--output', 'json'))).toHaveLength(1);
  });

  it('can be upgraded to this chart: it keeps its values and its Service, and its webhook becomes ours', async () => {
    const before = await find<V1Service>('service', 'ingress-nginx-controller');
    const asked = webhook.asked;
    const { webhooks: [old] = [] } = await configuration();
    const values = join(folder, 'values.yaml');
    // These are steps 1 and 3 of docs/install.md.
    const kept = parse(await succeed('get', 'values', ...RELEASE)) as { controller: { image?: object } };
    delete kept.controller.image;
    writeFileSync(values, stringify(kept));
    expect(await succeed('template', ...RELEASE, CHART, '--values', values)).toContain('kind: Deployment');
    const notes = await succeed('upgrade', ...RELEASE, CHART, '--values', values);
    expect(notes).toContain(`kubectl ${PROBE.slice(0, 3).join(' ')}`);
    await webhook.stop();
    const after = await find<V1Service>('service', 'ingress-nginx-controller');
    expect(after.metadata?.uid).toBe(before.metadata?.uid);
    expect(after.spec?.clusterIP).toBe(before.spec?.clusterIP);
    expect(after.metadata?.annotations).toMatchObject({ 'example.com/size': 'small' });
    const settings = await find<V1ConfigMap>('configmap', 'ingress-nginx-controller');
    expect(settings.data).toMatchObject({ 'proxy-body-size': '9m' });
    // The API server can call the old Pods until Tidegate adds its CA. It calls the webhook only for Ingresses of
    // Tidegate's class.
    const { webhooks: [own] = [] } = await configuration();
    expect(own?.matchConditions).toHaveLength(1);
    expect(own?.clientConfig.caBundle).toMatch(/./);
    expect(own?.clientConfig).toEqual(old?.clientConfig);
    expect(await probe()).toMatch(ADMITTED);
    expect(webhook.asked).toBe(asked);
    expect(await probe('--class=nginx')).toMatch(REFUSED);
  }, 60_000);

  it('rejects every Ingress after a rollback, until the command in docs/migrating.md removes the webhook', async () => {
    await succeed('rollback', ...RELEASE, '1');
    expect(await probe()).toMatch(REFUSED);
    await kubectl.run(DELETE_WEBHOOK);
    expect(await probe()).toMatch(ADMITTED);
  }, 60_000);

  it('has a working webhook again after an upgrade to the ingress-nginx chart', async () => {
    const asked = webhook.asked;
    await succeed('upgrade', ...RELEASE, oldChart, '--values', join(folder, 'given.yaml'));
    expect(await probe()).toMatch(ADMITTED);
    expect(webhook.asked).toBeGreaterThan(asked);
  }, 60_000);

  it('can be upgraded to this chart with --reset-then-reuse-values, and later with --reuse-values', async () => {
    const image = '--set=controller.image=null';
    await succeed('upgrade', ...RELEASE, CHART, '--reset-then-reuse-values', image);
    await webhook.stop();
    const size = async () =>
      (await find<V1ConfigMap>('configmap', 'ingress-nginx-controller')).data?.['proxy-body-size'];
    expect(await size()).toBe('9m');
    // The generation changes with the template of the Pods, which are then replaced.
    const generation = async () =>
      (await find<V1Deployment>('deployment', 'ingress-nginx-controller')).metadata?.generation;
    const before = await generation();
    await succeed('upgrade', ...RELEASE, CHART, '--reuse-values', '--set=controller.config.proxy-body-size=10m');
    expect([await size(), await generation()]).toEqual(['10m', before]);
    await succeed('rollback', ...RELEASE);
    expect([await size(), await generation()]).toEqual(['9m', before]);
    await succeed('upgrade', ...RELEASE, CHART, '--reuse-values', '--set=controller.extraArgs.v=2');
    expect(await generation()).toBeGreaterThan(before ?? Infinity);
    expect(await probe()).toMatch(ADMITTED);
  }, 60_000);

  it('publishes addresses in the status of Ingresses, which an uninstallation removes permanently', async () => {
    const status = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } } });
    const service = ['service', '-n', POD_NAMESPACE, 'ingress-nginx-controller'];
    await kubectl.run(['patch', ...service, '--subresource=status', '--type=merge', '--patch', status]);
    await createPodOfDeployment(kubectl, POD);
    const kubeconfig = join(folder, 'controller');
    await writeOwnKubeconfig(kubectl, server, kubeconfig);
    await kubectl.run(['apply', '-f', '-'], JSON.stringify(ingressOf('here')));
    const args = ['--election-id=ingress-nginx-leader', '--status-update-interval=5'];
    pod = await startPod({ kubeconfig, name: POD, args });
    await pod.ready();
    await until('the status is written', async () => (await addressOf('here')) === ADDRESS, 30_000);
    const ran = hooks.ran.length;
    await succeed('uninstall', ...RELEASE);
    expect(hooks.ran.slice(ran)).toEqual(['ingress-nginx-clear-status']);
    expect(await addressOf('here')).toBe('');
    // The controller still runs, without permissions. Status is written every 5 s.
    await sleep(7_000);
    expect(await addressOf('here')).toBe('');
    const left = ['get', 'deployment,service,configmap,job,serviceaccount', '-n', POD_NAMESPACE, '-o', 'name'];
    expect((await kubectl.run(left)).match(/.*(nginx|tidegate).*/g)).toBeNull();
    expect(await kubectl.run(['get', 'validatingwebhookconfigurations', '-o', 'name'])).toBe('');
    expect(await kubectl.run(['get', 'secrets', '-n', POD_NAMESPACE, '-o', 'name'])).toBe('');
  }, 180_000);

  it('from static manifests gets the new webhook in place of the old one', async () => {
    const manifests = await succeed('template', ...RELEASE, oldChart, '--no-hooks');
    await kubectl.run(['apply', '-n', POD_NAMESPACE, '-f', '-'], manifests);
    await webhook.patch();
    expect(await probe()).toMatch(ADMITTED);
    const { webhooks: [old] = [] } = await configuration();
    // The Service's target ports are names in both charts, so that requests never go to a port without a listener.
    const targets = async () =>
      (await find<V1Service>('service', 'ingress-nginx-controller')).spec?.ports?.map(({ targetPort }) => targetPort);
    expect(await targets()).toEqual(['http', 'https']);
    await kubectl.run(['apply', '-f', fileArgument(join(ROOT, 'deploy/cloud.yaml'))]);
    expect(await targets()).toEqual(['http', 'https']);
    await webhook.stop();
    expect((await configuration()).webhooks?.map(({ clientConfig }) => clientConfig)).toEqual([old?.clientConfig]);
    expect(await probe()).toMatch(ADMITTED);
    expect(await probe('--class=nginx')).toMatch(REFUSED);
    // deploy/namespace.yaml has no webhook.
    await kubectl.run(DELETE_WEBHOOK);
    expect(await probe('--class=nginx')).toMatch(ADMITTED);
  }, 60_000);
});

function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
