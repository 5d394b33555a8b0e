/** With a preset, every line of the access log is valid UTF-8 and one JSON object, whatever bytes a client sends. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Backends, startBackends } from '../backends/start.ts';
import { type Instance, startInstance, until } from '../runner/instance.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

let backends: Backends;
let instance: Instance;

function settings(preset: string) {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'log-format-preset': preset } }];
}

beforeAll(async () => {
  backends = await startBackends();
  const pods = takeAddresses(1);
  instance = await startInstance({
    'settings.yaml': settings('json'),
    'web.yaml': [ingressOf('web'), ...podsOf('web', pods, backends.ports.http)],
  });
  await untilServed(instance, 'web', pods);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** Sends requests with these bytes in their path and headers, one after another. */
async function send(texts: readonly Buffer[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    const user = Buffer.concat([text, Buffer.from(':x')]).toString('base64');
    const head = ` HTTP/1.1\r\nHost: ${hostOf('web')}\r\nConnection: close\r\nAuthorization: Basic ${user}\r\n`;
    const headers = ['User-Agent', 'Referer', 'X-Forwarded-For', 'X-Request-ID'];
    const parts = headers.flatMap((name) => [Buffer.from(`${name}: `), text, Buffer.from('\r\n')]);
    const socket = connect({ host: '127.0.0.1', port: instance.httpPort });
    socket.write(
      Buffer.concat([Buffer.from(`GET /${index}/`), text, Buffer.from(head), ...parts, Buffer.from('\r\n')]),
    );
    await once(socket.resume(), 'end');
  }
}

/** The entries of the log for the requests of `send`, in their order. Throws if a line is not UTF-8 or not JSON. */
async function entries(count: number, field: string): Promise<readonly Record<string, unknown>[]> {
  const file = join(instance.runDir, 'run/access.log');
  const strict = new TextDecoder('utf-8', { fatal: true });
  const read = () =>
    strict
      .decode(readFileSync(file))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((entry) => /^\/\d+\//.test(String(entry[field])));
  await until('the requests are logged', () => read().length >= count);
  return read().slice(-count);
}

const [VALID, FIXED] = [Buffer.from('é-世-😀'), Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe4, 0xb8, 0x62])];

it.each([
  ['json', 'uri', ['user_agent', 'referer', 'x_forwarded_for', 'request_id', 'remote_user']],
  ['ecs', 'url.original', ['user_agent.original', 'http.request.referrer', 'http.request.id', 'user.name']],
] as const)(
  '%s',
  async (preset, uri, others) => {
    const from = instance.lines.length;
    instance.write('settings.yaml', settings(preset));
    if (preset !== 'json') {
      await instance.line(/\breload: /, from);
      // The workers from before the reload accept connections for about 100 ms longer.
      await sleep(500);
    }
    const random = Array.from({ length: 60 }, (_, index) =>
      Buffer.from([...randomBytes(1 + (index % 12))].map((byte) => (byte < 0x80 ? 0x80 | byte : byte))),
    );
    await send([VALID, FIXED, Buffer.from('plain'), ...random]);
    const logged = await entries(3 + random.length, uri);
    const texts = logged.map((entry) => others.map((name) => entry[name]));
    expect(texts[0]).toEqual(others.map(() => 'é-世-😀'));
    expect(texts[1]).toEqual(others.map(() => 'a\ufffd\ufffd(\ufffd\ufffdb'));
    expect(texts[2]).toEqual(others.map(() => 'plain'));
    expect(logged[1]?.[uri]).toBe('/1/a\ufffd\ufffd(\ufffd\ufffdb');
  },
  30_000,
);
