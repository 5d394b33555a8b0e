import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { podObstacle, podRoots, startPod } from './fixtures/pod.ts';
import type { Pod, PodController } from './fixtures/pod.ts';
import { ADVERTISED } from './fixtures/pod-site.ts';
import type { PodSite } from './fixtures/pod-site.ts';
import { createLiveApi } from './live-api.ts';
import { untilHolds } from './fixtures/run-folder.ts';

const obstacle = podObstacle();
if (obstacle !== undefined) console.warn(`the tests of NGINX in a Pod are skipped: ${obstacle}`);

/** Each backend answers with its name and the request header X-Forwarded-Port. */
const backends: Server[] = [];
beforeAll(async () => {
  for (const name of ['one', 'two']) {
    const server = createServer((incoming, answer) => {
      answer.end(`${name} ${String(incoming.headers['x-forwarded-port'])}`);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    backends.push(server);
  }
});
afterAll(() => {
  for (const server of backends) server.close();
});

function portOf(index: number): number {
  const address = backends[index]?.address();
  if (typeof address !== 'object' || address === null) throw new Error(`backend ${index} does not listen`);
  return address.port;
}
const site = (hosts: readonly string[], index = 0): PodSite => ({ hosts, endpoints: [portOf(index)] });
describe.runIf(obstacle === undefined).each(podRoots())('NGINX in a container of its own, root %s', (root) => {
  let pod: Pod;
  let controller: PodController;

  beforeEach(async () => {
    pod = await startPod(root);
  });
  afterEach(async () => {
    await pod.remove();
  });

  async function serve(): Promise<void> {
    await pod.startNginx();
    controller = await pod.startController();
    expect(await controller.call({ call: 'open' })).toEqual({ kind: 'none' });
    expect(await controller.call({ call: 'start', site: site(['a.test']) })).toMatchObject({ kind: 'started' });
  }

  /** Waits for the response, because old workers still accept connections for a moment after a reload. */
  const answers = (host: string, body: string): Promise<void> =>
    untilHolds(`${host} to answer ${body}`, async () => (await pod.get(host).catch(String)) === body);

  test('waits for its configuration, starts, and reports that it is ready', async () => {
    await pod.startNginx();
    controller = await pod.startController();
    await controller.call({ call: 'open' });
    expect(await controller.call({ call: 'user' })).toBeNull();
    expect(await controller.call({ call: 'check', site: site(['a.test']) })).toMatchObject({ ok: true });
    // `nginx -t` has left neither a socket nor a temporary folder.
    expect(readdirSync(join(pod.volumes, 'run'))).toEqual([]);
    expect(readdirSync(join(pod.volumes, 'controller/check/api'))).toEqual([]);
    await expect(pod.status('/ready')).rejects.toThrow(/ECONNREFUSED/);
    expect(await controller.call({ call: 'start', site: site(['a.test']) })).toMatchObject({
      kind: 'started',
      master: 1,
    });
    expect(await pod.get('a.test')).toBe(`one ${ADVERTISED.http}`);
    expect(await pod.get('b.test')).toBe('404');
    expect(await pod.status('/ready')).toBe('200 ready');
    expect(await pod.status('/healthz')).toBe('200 ok');
    expect(await pod.status('/nginx_status')).toMatch(/^200 Active connections/);
    expect((await pod.status('/other')).slice(0, 3)).toBe('404');
    expect(readFileSync(`/proc/${pod.nginxPid()}/comm`, 'utf8')).toBe('nginx\n');
    expect(() => writeFileSync(`/proc/${pod.nginxPid()}/root/run/tidegate/conf/x`, '')).toThrow(/EROFS/);
    await untilHolds('the access log', () => pod.nginxLog().includes('"GET / HTTP/1.1" 200'));
  });

  test('is not started if its files cannot be written, but a later start succeeds', async () => {
    controller = await pod.startController();
    await controller.call({ call: 'open' });
    const blocked = join(pod.volumes, 'conf/nginx.conf.new');
    mkdirSync(blocked);
    expect(await controller.call({ call: 'start', site: site(['a.test']) })).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/could not be written: .*EISDIR/),
    });
    rmdirSync(blocked);
    await pod.startNginx();
    expect(await controller.call({ call: 'start', site: site(['a.test']) })).toMatchObject({ kind: 'started' });
    await answers('a.test', `one ${ADVERTISED.http}`);
  });

  test('applies changes to live data without a reload', async () => {
    await serve();
    expect(await controller.call({ call: 'want', site: site(['a.test'], 1) })).toMatchObject({ kind: 'live', set: 1 });
    expect(await pod.get('a.test')).toBe(`two ${ADVERTISED.http}`);
    expect((await pod.state()).generation).toBe(1);
  });

  test('reloads repeatedly through the live API', async () => {
    await serve();
    for (const [round, host] of ['b.test', 'c.test'].entries()) {
      expect(await controller.call({ call: 'reload', site: site(['a.test', host], 1) })).toMatchObject({
        kind: 'reload',
        generation: round + 2,
      });
      await answers(host, `two ${ADVERTISED.http}`);
    }
    await answers('b.test', '404');
    expect((await pod.state()).master.pid).toBe(1);
    expect(controller.exits).toEqual([]);
  });

  test('is not reloaded for an nginx.conf other than the intended one', async () => {
    await serve();
    const api = createLiveApi(join(pod.volumes, 'run/api/live.sock'), 2000);
    const { conf } = await pod.state();
    const other = conf.startsWith('0') ? `1${conf.slice(1)}` : `0${conf.slice(1)}`;
    expect(await api.reload(other)).toMatchObject({ ok: false, code: 'mismatch' });
    expect((await pod.state()).generation).toBe(1);
    expect(await api.reload(conf)).toEqual({ ok: true, value: 1 });
    await untilHolds('the second generation', async () => (await pod.state()).generation === 2);
    await api.close();
  });

  test('continues to run with its configuration if nginx -t refuses the new configuration', async () => {
    await serve();
    const broken = { ...site(['a.test']), appended: 'nonsense;' };
    expect(await controller.call({ call: 'reload', site: broken })).toMatchObject({
      kind: 'refused',
      check: { message: 'unknown directive "nonsense"' },
    });
    expect(readdirSync(join(pod.volumes, 'conf')).sort()).toEqual(['files', 'live.data', 'nginx.conf', 'streams']);
    expect((await pod.state()).generation).toBe(1);
  });

  test('runs with the previous nginx.conf if its master abandons a reload after a successful nginx -t', async () => {
    await serve();
    // This file exists only in the controller's container.
    writeFileSync(join(pod.volumes, 'controller/extra.conf'), '# nothing\n');
    const broken = { ...site(['a.test', 'b.test']), appended: 'include /run/tidegate/controller/extra.conf;\n' };
    const outcome = await controller.call({ call: 'reload', site: broken });
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(JSON.stringify(outcome)).toContain('its master is idle, and no new workers have registered');
    expect(readFileSync(join(pod.volumes, 'conf/nginx.conf'), 'utf8')).not.toContain('b.test');
    await answers('a.test', `one ${ADVERTISED.http}`);
    expect(await controller.call({ call: 'reload', site: site(['a.test', 'b.test']) })).toMatchObject({
      kind: 'reload',
    });
  });

  test('after a restart, serves from its files without a reload, and the controller reports the restart', async () => {
    await serve();
    await controller.call({ call: 'want', site: site(['a.test'], 1) });
    const before = await pod.state();
    await untilHolds('live.data', () =>
      readFileSync(join(pod.volumes, 'conf/live.data'), 'utf8').includes(before.digest),
    );
    await pod.killNginx();
    await pod.startNginx();
    await answers('a.test', `two ${ADVERTISED.http}`);
    await untilHolds('the controller to notice', () => controller.exits.length === 1);
    expect(controller.exits[0]).toContain('has replaced it');
    expect(await controller.call({ call: 'start', site: site(['a.test'], 1) })).toMatchObject({ kind: 'started' });
    expect(await pod.state()).toMatchObject({ generation: 1, revision: before.revision, digest: before.digest });
    expect(await controller.call({ call: 'want', site: site(['a.test'], 0) })).toMatchObject({ kind: 'live', set: 1 });
    expect(await pod.get('a.test')).toBe(`one ${ADVERTISED.http}`);
    expect(await controller.call({ call: 'currentConf' })).toContain('a.test');
    expect(controller.exits).toHaveLength(1);
  });

  test.each(['older', 'no'])(
    'receives missing live data without a reload after it was restarted with %s live.data',
    async (kind) => {
      await serve();
      const file = join(pod.volumes, 'conf/live.data');
      copyFileSync(file, `${file}.kept`);
      await controller.call({ call: 'want', site: site(['a.test'], 1) });
      const before = await pod.state();
      await untilHolds('live.data', () => readFileSync(file, 'utf8').includes(before.digest));
      await pod.killNginx();
      if (kind === 'older') copyFileSync(`${file}.kept`, file);
      else writeFileSync(file, '');
      await pod.startNginx();
      // The controller sends the missing live data without a call.
      await answers('a.test', `two ${ADVERTISED.http}`);
      await untilHolds('the same document', async () => (await pod.state()).digest === before.digest);
      expect((await pod.state()).generation).toBe(1);
      await untilHolds('the new live.data', () => readFileSync(file, 'utf8').includes(before.digest));
    },
  );

  test('receives live data that was requested while it was down', async () => {
    await serve();
    await pod.killNginx();
    const pushed = controller.call({ call: 'want', site: site(['a.test'], 1) });
    await pod.startNginx();
    expect(await pushed).toMatchObject({ kind: 'live', set: 1 });
    expect(await pod.get('a.test')).toBe(`two ${ADVERTISED.http}`);
    expect((await pod.state()).generation).toBe(1);
  });

  test('a long outage is reported once; start() waits for NGINX, then applies the newest configuration', async () => {
    await pod.startNginx();
    controller = await pod.startController({ lostMs: 200, startTimeoutMs: 2000 });
    await controller.call({ call: 'open' });
    await controller.call({ call: 'start', site: site(['a.test']) });
    await pod.killNginx();
    await untilHolds('the report', () => controller.exits.length > 0);
    expect(controller.exits).toEqual([expect.stringContaining('has not answered for 200 ms')]);
    expect(await controller.call({ call: 'reload', site: site(['b.test']) })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('NGINX does not answer') as string,
    });
    expect(await controller.call({ call: 'start', site: site(['b.test']) })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('did not start in its container') as string,
    });
    expect(readFileSync(join(pod.volumes, 'conf/nginx.conf'), 'utf8')).toContain('a.test');
    // With the previous nginx.conf, NGINX finds all the files and live data that it needs.
    await pod.startNginx();
    await answers('a.test', `one ${ADVERTISED.http}`);
    // After the failed start, the watch starts over: if NGINX takes longer than 200 ms, the outage is reported again.
    const returns = (): string[] => controller.exits.filter((text) => text.includes('NGINX did not answer'));
    await untilHolds('the report of its return', () => returns().length > 0);
    expect(returns()).toHaveLength(1);
    expect(await controller.call({ call: 'want', site: site(['a.test'], 1) })).toMatchObject({ kind: 'live' });
    await answers('a.test', `two ${ADVERTISED.http}`);
    await pod.killNginx();
    const started = controller.call({ call: 'start', site: site(['b.test'], 1) });
    await pod.startNginx();
    expect(await started).toMatchObject({ kind: 'started' });
    await answers('b.test', `two ${ADVERTISED.http}`);
  });

  test('serves while the controller is killed; the next controller adopts NGINX and sends no live data', async () => {
    await serve();
    const before = await pod.state();
    await controller.kill();
    expect(await pod.get('a.test')).toBe(`one ${ADVERTISED.http}`);
    expect(await pod.status('/ready')).toBe('200 ready');
    controller = await pod.startController();
    expect(await controller.call({ call: 'open' })).toMatchObject({ kind: 'adopted', master: 1 });
    expect(await controller.call({ call: 'currentConf' })).toContain('a.test');
    expect(await controller.call({ call: 'want', site: site(['a.test']) })).toEqual({ kind: 'none' });
    expect(await pod.state()).toMatchObject({ generation: 1, revision: before.revision });
    expect(await controller.call({ call: 'reload', site: site(['b.test']) })).toMatchObject({ generation: 2 });
  });

  test('restarts without a controller after NGINX and the controller were killed, and is adopted later', async () => {
    await serve();
    await controller.kill();
    await pod.killNginx();
    await pod.startNginx();
    await answers('a.test', `one ${ADVERTISED.http}`);
    expect(await pod.status('/ready')).toBe('200 ready');
    controller = await pod.startController();
    expect(await controller.call({ call: 'open' })).toMatchObject({ kind: 'adopted' });
    expect(await controller.call({ call: 'want', site: site(['a.test']) })).toEqual({ kind: 'none' });
  });

  test('does not trust forwarded client addresses on the status port', async () => {
    await pod.startNginx();
    controller = await pod.startController();
    await controller.call({ call: 'open' });
    const settings = {
      'use-forwarded-headers': 'true',
      'proxy-real-ip-cidr': '0.0.0.0/0',
      'denylist-source-range': '9.9.9.9',
    };
    await controller.call({ call: 'start', site: { ...site(['a.test']), settings } });
    for (const path of ['/ready', '/nginx_status']) expect(await pod.status(path, '9.9.9.9')).toMatch(/^200 /);
  });

  test('shows the counters on /nginx_status only to clients in the address ranges of the settings', async () => {
    await pod.startNginx();
    controller = await pod.startController();
    await controller.call({ call: 'open' });
    const named = (settings: Readonly<Record<string, string>>): PodSite => ({ ...site(['a.test']), settings });
    const nobody = named({ 'nginx-status-ipv4-whitelist': 'office', 'nginx-status-ipv6-whitelist': '2001:db8::/32' });
    await controller.call({ call: 'start', site: nobody });
    expect(await pod.status('/nginx_status')).toMatch(/^403 /);
    expect(await pod.status('/ready')).toMatch(/^200 /);
    await controller.call({ call: 'reload', site: named({ 'nginx-status-ipv4-whitelist': '127.0.0.0/8' }) });
    await untilHolds('the counters', async () => (await pod.status('/nginx_status')).startsWith('200 '));
  });

  test('is not reloaded for a configuration that is already in force', async () => {
    await serve();
    expect(await controller.call({ call: 'reload', site: site(['a.test']) })).toEqual({ kind: 'none' });
    await pod.killNginx();
    await pod.startNginx();
    await untilHolds('the controller to notice', () => controller.exits.length === 1);
    await untilHolds('nginx.conf to be known', async () => (await controller.call({ call: 'currentConf' })) !== null);
    expect(await controller.call({ call: 'reload', site: site(['a.test']) })).toEqual({ kind: 'none' });
    expect((await pod.state()).generation).toBe(1);
  });

  test('after drain(), is not ready but still serves, even after a restart; stop() does not end NGINX', async () => {
    await serve();
    await controller.call({ call: 'drain' });
    expect(await pod.status('/ready')).toBe('503 draining');
    expect(await pod.get('a.test')).toBe(`one ${ADVERTISED.http}`);
    await pod.killNginx();
    await pod.startNginx();
    await untilHolds(
      'the drain to be repeated',
      async () => (await pod.status('/ready').catch(String)) === '503 draining',
    );
    await controller.call({ call: 'stop' });
    await controller.kill();
    expect(await pod.get('a.test')).toBe(`one ${ADVERTISED.http}`);
    expect(controller.logs).toEqual([]);
  });

  test('can also be reloaded if a shell is process 1 of the container', async () => {
    await pod.startNginx(['/bin/sh', '-c', '/mnt/nginx/start.sh --wait /run/tidegate & wait']);
    controller = await pod.startController();
    await controller.call({ call: 'open' });
    await controller.call({ call: 'start', site: site(['a.test']) });
    expect((await pod.state()).master.pid).toBeGreaterThan(1);
    expect(await controller.call({ call: 'reload', site: site(['b.test']) })).toMatchObject({ generation: 2 });
  });
});
