/** A change to the ConfigMap reloads NGINX only if bytes of nginx.conf change. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchGenerations } from '../runner/generations.ts';
import { startOneApp } from './one-app.ts';
import type { OneApp } from './one-app.ts';
import { untilServed } from './served.ts';

let app: OneApp;

/**
 * Writes the ConfigMap and waits until log lines and a response show that it was read. Returns how many reloads there
 * were, and whether nginx.conf is still the same.
 */
async function changeOf(
  data: Readonly<Record<string, string>>,
  proofs: readonly RegExp[],
  served?: string,
): Promise<{ readonly reloads: number; readonly sameBytes: boolean }> {
  const { instance } = app;
  const conf = () => readFileSync(`${instance.runDir}/conf/nginx.conf`, 'utf8');
  const [before, from] = [conf(), instance.lines.length];
  const generations = watchGenerations(instance.runDir);
  try {
    const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
    instance.write('settings.yaml', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }]);
    for (const proof of proofs) await instance.line(proof, from);
    if (served !== undefined) await untilServed(instance, 'app', [served]);
    // An unnecessary reload would begin within this time.
    await sleep(500);
    return { reloads: generations.reloads(), sameBytes: conf() === before };
  } finally {
    generations.stop();
  }
}

const NOTHING = { reloads: 0, sameBytes: true };
const ONE_RELOAD = { reloads: 1, sameBytes: false };

beforeAll(async () => {
  app = await startOneApp();
}, 60_000);

afterAll(async () => {
  await app?.stop();
});

it('a ConfigMap key whose value is live data needs no reload', async () => {
  expect(await changeOf({ 'force-ssl-redirect': 'true' }, [], '308')).toEqual(NOTHING);
  expect(await changeOf({ 'force-ssl-redirect': 'true', 'http-redirect-code': '301' }, [], '301')).toEqual(NOTHING);
}, 30_000);

it('ConfigMap keys that have no effect, are unknown, or have an invalid value need no reload', async () => {
  const data = { 'use-geoip2': 'true', 'no-such-key': 'yes', 'keep-alive': 'long' };
  expect(await changeOf(data, [/use-geoip2/, /no-such-key/, /keep-alive\S* must be/])).toEqual(NOTHING);
}, 30_000);

it('a ConfigMap key with its default value, and a key of a disabled feature, need no reload', async () => {
  const data = { 'keep-alive': '75', 'gzip-level': '9', 'geoip2-autoreload-in-minutes': '5' };
  expect(await changeOf(data, [/geoip2-autoreload-in-minutes/])).toEqual(NOTHING);
}, 30_000);

it('several ConfigMap keys need one reload together, and other notations of their values need no reload', async () => {
  const data = { 'keep-alive': '30', 'use-gzip': 'true', 'client-header-buffer-size': '2k' };
  expect(await changeOf(data, [/\breload: /])).toEqual(ONE_RELOAD);
  const otherwise = {
    'keep-alive': ' 030',
    'use-gzip': 'T',
    'client-header-buffer-size': '2048',
    'http2-max-requests': '9',
  };
  expect(await changeOf(otherwise, [/http2-max-requests/])).toEqual(NOTHING);
}, 30_000);

it('removing all ConfigMap keys, so that the defaults apply again, needs one reload', async () => {
  expect(await changeOf({}, [/\breload: /])).toEqual(ONE_RELOAD);
}, 30_000);
