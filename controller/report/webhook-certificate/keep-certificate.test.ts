/** Keeps certificates on an emulated API server, and connects to TLS servers that use them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { untilTrue } from '../../cluster/fixtures/emulated.ts';
import {
  bundleIn,
  configurationIn,
  emptySecret,
  putWebhooks,
  refusalOf,
  SECRET,
  secretIn,
  serveWith,
  startReplica,
  trustedIn,
  withWebhook,
} from '../testing/webhook-replica.ts';
import { WEBHOOK_NAME } from './webhook-configuration.ts';

/** Making certificates takes seconds on a busy machine. */
const MOST_MS = 20_000;

describe('the certificate of the webhook', () => {
  it('is stored in the Secret, and its CA in caBundle, where nothing else changes', async () => {
    const cluster = await withWebhook();
    const before = configurationIn(cluster).webhooks;
    const one = startReplica(cluster);
    await untilTrue(() => one.current() !== undefined && trustedIn(cluster) === 1, MOST_MS);
    expect(await refusalOf(await serveWith(one), bundleIn(cluster))).toBeUndefined();
    expect(secretIn(cluster)).toMatchObject({ type: 'Opaque', metadata: { labels: { keep: 'this' } } });
    expect(Object.keys(secretIn(cluster).data ?? {}).toSorted()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
    const [other, own] = configurationIn(cluster).webhooks;
    expect(other).toEqual(before[0]);
    expect({ ...own, clientConfig: { service: own?.clientConfig.service } }).toEqual(before[1]);
    expect(configurationIn(cluster).metadata.labels).toEqual({ keep: 'this' });
    expect(one.log.lines.every((line) => line.startsWith('info: '))).toBe(true);
  }, 60_000);

  it('is one certificate for all replicas, even if all of them begin at once and there is no leader yet', async () => {
    const cluster = await withWebhook();
    const replicas = Array.from({ length: 5 }, () => startReplica(cluster, undefined, () => false));
    await untilTrue(() => replicas.every((each) => each.current() !== undefined), MOST_MS);
    await sleep(300);
    expect(new Set(replicas.map((each) => each.current()?.cert)).size).toBe(1);
    expect(trustedIn(cluster)).toBe(1);
    expect(replicas.flatMap((each) => each.warnings())).toEqual([]);
    for (const each of replicas) expect(await refusalOf(await serveWith(each), bundleIn(cluster))).toBeUndefined();
  }, 60_000);

  it('is made again after the Secret was emptied or deleted, while the previous CA stays trusted', async () => {
    const cluster = await withWebhook();
    const slow = startReplica(cluster);
    await untilTrue(() => slow.current() !== undefined && trustedIn(cluster) === 1, MOST_MS);
    // This replica does not hear of the new certificate.
    const behind = { ...slow.current()! };
    const old = bundleIn(cluster);
    const frozen = await serveWith({ ...slow, current: () => behind, onChange: () => undefined });
    cluster.server.put(emptySecret());
    await untilTrue(() => slow.current()?.cert !== behind.cert, MOST_MS);
    expect(bundleIn(cluster)).toContain(old.trim());
    expect(await refusalOf(frozen, bundleIn(cluster))).toBeUndefined();
    expect(await refusalOf(await serveWith(slow), bundleIn(cluster))).toBeUndefined();
    expect(slow.log.lines.some((line) => line.includes('made a new CA, because there is no CA'))).toBe(true);
    const second = slow.current()?.cert;
    cluster.server.remove('Secret', SECRET.namespace, SECRET.name);
    await untilTrue(() => slow.current()?.cert !== second && secretIn(cluster) !== undefined, MOST_MS);
    expect(secretIn(cluster).type).toBe('Opaque');
    expect(await refusalOf(frozen, bundleIn(cluster))).toBeUndefined();
  }, 60_000);

  it('stays in use while the Secret is missing and may not be created, and the log says what to do', async () => {
    const cluster = await withWebhook();
    const one = startReplica(cluster);
    await untilTrue(() => one.current() !== undefined, MOST_MS);
    const { cert } = one.current()!;
    cluster.server.fault({ kind: 'status', code: 403, verb: 'create', resource: 'secrets' });
    cluster.server.remove('Secret', SECRET.namespace, SECRET.name);
    const hint = 'kubectl create secret generic admission-certificate --namespace ingress-nginx';
    await untilTrue(() => one.warnings().some((line) => line.includes(hint)), MOST_MS);
    await sleep(1_500);
    expect(one.warnings()).toHaveLength(1);
    expect(one.current()?.cert).toBe(cert);
  }, 60_000);

  it('gets its caBundle back after somebody removed or replaced it', async () => {
    const cluster = await withWebhook();
    const one = startReplica(cluster);
    await untilTrue(() => trustedIn(cluster) === 1, MOST_MS);
    const whole = bundleIn(cluster);
    for (const caBundle of [undefined, Buffer.from('nonsense').toString('base64')]) {
      const [other, own] = configurationIn(cluster).webhooks;
      const { service } = own!.clientConfig;
      putWebhooks(cluster, [other!, { ...own!, clientConfig: { service, ...(caBundle && { caBundle }) } }]);
      await untilTrue(() => bundleIn(cluster) === whole, MOST_MS);
    }
    expect(one.warnings()).toEqual([]);
  }, 60_000);

  it('is made as soon as the webhook configuration exists, and the log names what is missing', async () => {
    const cluster = await withWebhook();
    const { webhooks } = configurationIn(cluster);
    cluster.server.remove('ValidatingWebhookConfiguration', '', 'admission');
    const one = startReplica(cluster);
    await untilTrue(
      () => one.log.lines.some((line) => line.includes('validatingwebhookconfigurations/admission')),
      MOST_MS,
    );
    expect(one.current()).toBeUndefined();
    putWebhooks(cluster, webhooks.slice(0, 1));
    await untilTrue(() => one.log.lines.some((line) => line.includes(`none with name: ${WEBHOOK_NAME}`)), MOST_MS);
    putWebhooks(cluster, webhooks);
    await untilTrue(() => one.current() !== undefined, MOST_MS);
  }, 60_000);
});
