/**
 * Runs the image as a Pod does: NGINX and the controller run as the image's user, each in its own PID and mount
 * namespaces, with a read-only root and a shared network. All scenarios that can share an instance, and their controls,
 * run on the image's NGINX.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../behaviour/site.ts';
import { requestOnce } from '../client/connection.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { makePair, prove } from '../runner/prove.ts';
import type { Pair } from '../runner/prove.ts';
import { runVariant } from '../runner/run.ts';
import { isPlain, readScenarios } from '../runner/scenario.ts';
import { startContainer } from './container.ts';
import type { Container } from './container.ts';
import { buildImage } from './image.ts';
import { readPrivileges, unprivileged } from './privileges.ts';

const image = buildImage();
const unavailable = typeof image === 'string' ? image : undefined;
if (unavailable !== undefined) console.warn(`the image is not tested on this machine: ${unavailable}`);

const RUN = '/run/tidegate';
const START = ['/opt/tidegate/nginx/start.sh', '--wait', RUN];
const scenarios = readScenarios().filter(isPlain);

describe.skipIf(unavailable !== undefined)('the image', () => {
  const { rootfs, config, uid } = image as Exclude<typeof image, string>;
  /** The folder of the Pod's volumes, which are in memory. */
  const volumes = mkdtempSync('/dev/shm/tidegate-split-');
  const pairs = new Map<string, Pair>();
  const containers: Container[] = [];
  let backends: Backends;
  let ports: { httpPort: number; httpsPort: number };
  let alone: Container;
  let nginx: Container;

  function write(name: string, objects: readonly object[]): void {
    const documents = objects.map((object) => stringify(object, { aliasDuplicateObjects: false, version: '1.1' }));
    writeFileSync(join(volumes, 'manifests', `${name}.yaml`), documents.join('---\n'));
  }
  async function start(command: readonly string[], mounts: Parameters<typeof startContainer>[0]['mounts']) {
    const container = await startContainer({ rootfs, uid, mounts, command });
    containers.push(container);
    return container;
  }
  const startNginx = () =>
    start(START, [
      { mode: 'ro', from: join(volumes, 'pod/conf'), to: `${RUN}/conf` },
      { mode: 'rw', from: join(volumes, 'pod/run'), to: `${RUN}/run` },
    ]);
  const statusOf = async (host: string, path = '/') => {
    const exchange = await requestOnce({ port: ports.httpPort, host, path });
    return exchange.kind === 'answer' ? exchange.answer.status : exchange.detail;
  };
  const untilAnswers = () =>
    until('NGINX responds', async () => (await statusOf('nobody.example.test')) === 404, 20_000);

  beforeAll(async () => {
    chmodSync(volumes, 0o755);
    backends = await startBackends();
    ports = { httpPort: await freePort(), httpsPort: await freePort() };
    mkdirSync(join(volumes, 'manifests'));
    mkdirSync(join(volumes, 'pod'));
    chownSync(join(volumes, 'pod'), uid, uid);
    write('site', [ingressOf('site'), ...podsOf('site', takeAddresses(1), backends.ports.http)]);
    for (const [i, scenario] of scenarios.entries()) {
      const pair = await makePair(scenario, `s${i}`, backends);
      pairs.set(scenario.name, pair);
      write(`s${i}a`, pair.written.objects);
      write(`s${i}b`, pair.control.objects);
    }
  }, 60_000);

  afterAll(async () => {
    for (const container of containers) await container.dispose();
    await backends?.stop();
    rmSync(volumes, { recursive: true, force: true });
  }, 60_000);

  describe('the content of the image', () => {
    it('has an unprivileged user, SIGQUIT as its stop signal, and the ports 8080 and 8443', () => {
      expect(config.User).toBe('101:101');
      expect(config.StopSignal).toBe('SIGQUIT');
      expect(Object.keys(config.ExposedPorts).sort()).toEqual(['8080/tcp', '8443/tcp']);
      expect(config.Labels['org.opencontainers.image.version']).toBe(
        (JSON.parse(readFileSync(join(rootfs, 'opt/tidegate/package.json'), 'utf8')) as { version: string }).version,
      );
    });

    it('has less than 300 MB, without setuid programs, package lists and world-writable files', () => {
      const found = (...test: string[]) =>
        execFileSync('find', [rootfs, ...test], { encoding: 'utf8', maxBuffer: 1e8 })
          .split('\n')
          .filter(Boolean);
      expect(found('-name', 'nginx', '-type', 'f', '-perm', '-755')).toContain(join(rootfs, 'usr/sbin/nginx'));
      expect(found('-type', 'f', '-perm', '/6000')).toEqual([]);
      expect(found('-name', 'node_modules', '-o', '-name', '*_Packages*')).toEqual([]);
      expect(found('-type', 'f,d', '-perm', '-o+w', '!', '-perm', '-1000')).toEqual([]);
      const bytes = Number(execFileSync('du', ['-sb', rootfs], { encoding: 'utf8' }).split('\t')[0]);
      console.log(`the image's files: ${(bytes / 1e6).toFixed(0)} MB`);
      expect(bytes).toBeGreaterThan(100e6);
      expect(bytes).toBeLessThan(300e6);
    });

    it('can run tidegate and nginx, and contains neither a compiler nor npm', async () => {
      const shell = await start(['sleep', '60'], []);
      for (const program of ['gcc', 'cc', 'tcc', 'clang', 'make', 'ld', 'npm', 'npx', 'curl', 'git'])
        expect([program, shell.look(`command -v ${program}`).code]).toEqual([program, 127]);
      expect(shell.look('tidegate --version').text).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(shell.look('nginx -v').text).toContain('nginx/1.26');
      await shell.dispose();
    });
  });

  describe('NGINX and the controller in one container', () => {
    it('serve manifests as an unprivileged user on a read-only root file system', async () => {
      const flags = ['--http-port', String(ports.httpPort), '--https-port', String(ports.httpsPort), '--run-dir', RUN];
      alone = await start(
        ['tidegate', 'up', '--manifests', '/manifests', ...flags],
        [
          { mode: 'ro', from: join(volumes, 'manifests'), to: '/manifests' },
          { mode: 'rw', from: join(volumes, 'pod'), to: RUN },
        ],
      );
      await alone.line(/^ready/, 60_000);
      for (const pid of alone.processes()) expect(readPrivileges(pid)).toEqual(unprivileged(uid));
    }, 90_000);

    it.each(scenarios)('$file: $name', async (scenario) => {
      const instance = { ...ports, runDir: join(volumes, 'pod'), lines: alone.lines };
      await prove(scenario, pairs.get(scenario.name) as Pair, { instance, from: 0 });
    });
  });

  describe('NGINX in a separate container', () => {
    it('serves the configuration that a killed controller wrote, with a read-only conf volume', async () => {
      await alone.end('SIGKILL');
      // The kubelet creates volumes that are owned by root and world-writable.
      for (const name of ['conf', 'run']) {
        chownSync(join(volumes, 'pod', name), 0, 0);
        chmodSync(join(volumes, 'pod', name), 0o777);
      }
      nginx = await startNginx();
      await untilAnswers();
      expect(nginx.look('cat /proc/1/comm').text).toBe('nginx\n');
      const processes = nginx.processes();
      expect(processes.length).toBeGreaterThan(1);
      for (const pid of processes) expect(readPrivileges(pid)).toEqual(unprivileged(uid));
    }, 60_000);

    it('can write only to its run volume, even as root', () => {
      for (const folder of [
        '/',
        '/etc/nginx',
        '/opt/tidegate/nginx/lua',
        '/tmp',
        '/var/lib/nginx',
        RUN,
        `${RUN}/conf`,
      ]) {
        expect(nginx.look(`touch ${folder}/written`).text).toContain('Read-only file system');
      }
      expect(nginx.look(`touch ${RUN}/run/written && rm ${RUN}/run/written`)).toEqual({ code: 0, text: '' });
    });

    it('has access neither to a token nor to processes of other containers', () => {
      expect(nginx.look('ls /var/run/secrets /run/secrets /run/tidegate/controller/*').text).not.toMatch(
        /token|kubeconfig/,
      );
      const seen = nginx.look('cat /proc/[0-9]*/comm').text.trim().split('\n');
      expect(seen.filter((name) => !['nginx', 'sh', 'cat'].includes(name))).toEqual([]);
      expect(nginx.look('cut -d " " -f 2 /proc/mounts').text).not.toMatch(/controller|secrets/);
    });

    it.each(scenarios)('$file: $name', async ({ name }) => {
      expect(await runVariant((pairs.get(name) as Pair).written, ports, 'all')).toEqual([]);
    });

    it('serves the same configuration after it was killed and restarted', async () => {
      expect(await statusOf(hostOf('site'))).toBe(200);
      expect(await nginx.end('SIGKILL')).toBeDefined();
      nginx = await startNginx();
      await untilAnswers();
      expect(await statusOf(hostOf('site'))).toBe(200);
    }, 60_000);

    it('finishes an open request after the stop signal of the image', async () => {
      const headers = { 'echo-delay': '1500' };
      const slow = requestOnce({ port: ports.httpPort, host: hostOf('site'), path: '/', headers });
      await sleep(300);
      const end = nginx.end(config.StopSignal as NodeJS.Signals);
      const exchange = await slow;
      expect(exchange.kind === 'answer' && exchange.answer.status).toBe(200);
      expect(await end).toBe(0);
    }, 60_000);

    it('waits for the nginx.conf of a controller that starts later, and exits on SIGQUIT while it waits', async () => {
      const conf = join(volumes, 'pod/conf');
      nginx = await start(START, []);
      await nginx.line(/waiting until the controller/);
      expect(await nginx.end('SIGQUIT', 3000)).toBe(0);
      const text = readFileSync(join(conf, 'nginx.conf'));
      rmSync(join(conf, 'nginx.conf'));
      nginx = await startNginx();
      await nginx.line(/waiting until the controller/);
      writeFileSync(join(conf, 'nginx.conf'), text, { mode: 0o644 });
      await untilAnswers();
    }, 60_000);
  });
});
