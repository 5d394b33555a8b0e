/**
 * Keeps the CA and the serving certificate of the admission webhook: in a Secret, which all replicas read and only the
 * leader replaces, and in the `caBundle` of the webhook configuration.
 *
 * Order of the writes: a new CA is stored in the Secret, then added to `caBundle`, and then signs a certificate; it leaves
 * the Secret before it leaves `caBundle`. Every write fails if the object has changed since it was read, so two replicas
 * that write at the same time need no lock.
 */
import type { V1Secret } from '@kubernetes/client-node';
import { createAlarm } from '../../time/alarm.ts';
import { backOffMs, halfRandom } from '../../time/back-off.ts';
import { pause } from '../../time/pause.ts';
import type { ApiClient, SecretListener, SecretVersion } from '../../types/api.ts';
import type { Changing, TlsPair } from '../../types/changing.ts';
import type { ApiServerFailure } from '../api-answer.ts';
import type { Log } from '../logger.ts';
import { createCertificateSecret, type SecretName, writeCertificateSecret } from './certificate-secret.ts';
import { bundleOf, NO_MATERIAL, readMaterial, type WebhookMaterial } from './material.ts';
import { rotate, type RotationStep } from './rotate.ts';
import { servingFault } from './rotation.ts';
import { CERTIFICATE_TIMES, type CertificateTimes } from './times.ts';
import { type ConfiguredWebhook, readConfiguredWebhook, writeBundle } from './webhook-configuration.ts';

export interface KeepCertificateOptions {
  readonly api: ApiClient;
  readonly secret: SecretName;
  /** Name of the ValidatingWebhookConfiguration. */
  readonly configuration: string;
  /** Starts to watch the Secret. */
  readonly watch: (listener: SecretListener) => { readonly close: () => void };
  /**
   * Whether this replica replaces certificates. If a Secret has no usable certificate, every replica may write: the API
   * server accepts only the first write, and a new installation need not wait for its leader.
   */
  readonly leads: () => boolean;
  readonly log: Log;
  readonly times?: CertificateTimes;
}

/** The pair to serve: undefined until there is one, and after that the last usable one. */
export interface KeptCertificate extends Changing<TlsPair> {
  /** Call it when this replica has become the leader. */
  readonly wake: () => void;
  readonly close: () => Promise<void>;
}

/** The pauses between attempts that fail double up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 60_000;

export function keepCertificate(options: KeepCertificateOptions): KeptCertificate {
  const { api, secret, configuration, leads, log, times = CERTIFICATE_TIMES } = options;
  const named = `Secret ${secret.namespace}/${secret.name}`;
  const notCreated = `. The Secret does not exist, and this controller may not create it: kubectl create secret generic ${secret.name} --namespace ${secret.namespace}`;
  const ending = new AbortController();
  const { signal } = ending;
  const listeners: (() => void)[] = [];
  let served: TlsPair | undefined;
  let seen: { readonly version: string | undefined; readonly material: WebhookMaterial } | undefined;
  let failures = 0;
  let said = '';
  let working: Promise<void> | undefined;
  let again = false;
  const alarm = createAlarm(act);

  /** Logs a failure once, until another one or success follows. */
  function fail(message: string): void {
    if (message !== said && !signal.aborted) log.warn(`admission certificate: ${message}; will be retried`);
    said = message;
  }

  /** A conflict is not logged: another replica was faster, and the next attempt sees what it wrote. */
  function refused({ status, message }: ApiServerFailure, hint = ''): false {
    if (status !== 409) fail(message + hint);
    return false;
  }

  function read(found: SecretVersion | undefined): void {
    const material = found === undefined ? NO_MATERIAL : readMaterial(found.secret.data ?? {});
    seen = { version: found?.resourceVersion, material };
    const { serving } = material;
    if (serving !== undefined && servingFault(material, [], Date.now()) === undefined) serve(serving.pem, serving.key);
    act();
  }

  function serve(cert: string, key: string): void {
    if (served?.cert === cert && served.key === key) return;
    served = { cert, key };
    for (const listener of listeners) listener();
  }

  async function trust(webhook: ConfiguredWebhook, bundle: string): Promise<boolean> {
    if (webhook.bundle === bundle) return true;
    const written = await writeBundle(api, webhook, bundle, signal);
    return written.ok || refused(written);
  }

  /** Publishes the CAs of a step beside those that are trusted now. */
  async function publish(step: RotationStep): Promise<boolean> {
    const webhook = await readConfiguredWebhook(api, configuration, signal);
    if (!webhook.ok) return refused(webhook);
    const trusted = new Set(webhook.value.trusted.map(({ pem }) => pem));
    const missing = step.authorities.filter(({ pem }) => !trusted.has(pem));
    if (missing.length > 0 && !(await trust(webhook.value, bundleOf([...missing, ...webhook.value.trusted]))))
      return false;
    // Another replica may just have published the CA.
    if (missing.length > 0 || step.urgent) await pause(times.settleMs, signal);
    return !signal.aborted;
  }

  /** Creates the Secret that somebody has deleted, without content; the next attempt fills it. */
  async function recreate(): Promise<boolean> {
    const created = await createCertificateSecret(api, secret, signal);
    if (!created.ok) return refused(created, created.status === 403 ? notCreated : '');
    log.warn(`admission certificate: ${named} did not exist and was created`);
    read(versionOf(created.value));
    return true;
  }

  async function store(step: RotationStep, data: Readonly<Record<string, string>>, resourceVersion: string) {
    if (step.signs && !(await publish(step))) return false;
    const written = await writeCertificateSecret(api, secret, data, resourceVersion, signal);
    if (!written.ok) return refused(written);
    for (const each of step.done) log.info(`admission certificate: ${each} (${named})`);
    read(versionOf(written.value));
    return true;
  }

  /** Returns when to look again, in ms since 1970, or undefined after a failure. */
  async function attempt(): Promise<number | undefined> {
    if (seen === undefined) return Infinity;
    const { material, version } = seen;
    const usable = servingFault(material, [], Date.now()) === undefined;
    if (usable && !leads()) return material.serving?.ends ?? Infinity;
    if (version === undefined) return (await recreate()) ? Date.now() : undefined;
    const webhook = await readConfiguredWebhook(api, configuration, signal);
    if (!webhook.ok) {
      refused(webhook);
      return undefined;
    }
    const { names, trusted } = webhook.value;
    const step = await rotate(material, trusted, names, times, Date.now());
    if (step.data !== undefined) {
      // The new Secret leads to the next attempt, which removes CAs that the Secret no longer contains.
      return (await store(step, step.data, version)) ? Date.now() + times.checkMs : undefined;
    }
    const trustedOnly = await trust(webhook.value, bundleOf(step.authorities));
    return trustedOnly ? Math.min(step.next, Date.now() + times.checkMs) : undefined;
  }

  async function work(): Promise<void> {
    do {
      again = false;
      const next = await attempt().catch((error: unknown) => {
        fail(String(error));
        return undefined;
      });
      if (signal.aborted) return;
      failures = next === undefined ? failures + 1 : 0;
      if (next !== undefined) said = '';
      alarm.set(next ?? Date.now() + halfRandom(backOffMs(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS)));
    } while (again);
  }

  function act(): void {
    again = true;
    if (working !== undefined || signal.aborted) return;
    working = work().finally(() => {
      working = undefined;
      if (again) act();
    });
  }

  const watching = options.watch({
    onSecret: read,
    onFailure: (message) => {
      if (message === undefined) log.info(`admission certificate: ${named} can be read again`);
      else log.warn(`admission certificate: ${named} cannot be read: ${message}`);
    },
  });
  return {
    current: () => served,
    onChange: (listener) => void listeners.push(listener),
    wake: act,
    close: async () => {
      ending.abort();
      alarm.close();
      watching.close();
      await working;
    },
  };
}

function versionOf(secret: V1Secret): SecretVersion {
  return { secret, resourceVersion: secret.metadata?.resourceVersion ?? '' };
}
