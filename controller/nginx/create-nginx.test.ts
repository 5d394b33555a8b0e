import { execa } from 'execa';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { driver, errorLog, page, temporaryRun, untilHolds } from './fixtures/run-folder.ts';
import { backend, backends, useSession } from './fixtures/session.ts';

const session = useSession();

describe('a restarted controller', () => {
  test('adopts the running NGINX, and sends only live data that NGINX does not have', async () => {
    const artifact = session.artifact({ live: backends(3) });
    await session.nginx.start(artifact);
    await session.want(backends(4));
    const before = await session.state();
    await session.nginx.release();
    const file = await stat(join(session.run, 'conf/live.data'));
    await session.restart();
    expect(session.nginx.currentConf()).toBe(artifact.conf);
    expect(await session.want(backends(4))).toEqual({ kind: 'none' });
    expect(await session.state()).toMatchObject({ revision: before.revision, digest: before.digest, generation: 1 });
    expect((await stat(join(session.run, 'conf/live.data'))).mtimeMs).toBe(file.mtimeMs);
    expect(await session.want(backends(5))).toMatchObject({ kind: 'live', set: 1 });
  });

  test('reads the live data from NGINX if live.data is damaged, and rewrites the file', async () => {
    await session.nginx.start(session.artifact({ live: backends(3) }));
    await session.nginx.release();
    await appendFile(join(session.run, 'conf/live.data'), 'begin 1\nset b:cut');
    await session.restart();
    expect(await session.want(new Map([...backends(2), backend(9)]))).toMatchObject({ kind: 'live', set: 1 });
    await untilHolds(
      'the surplus key to be removed',
      async () => (await session.want(new Map([...backends(2), backend(9)]))).kind === 'none',
    );
    await sleep(200);
    await session.restart();
    expect(await session.want(new Map([...backends(2), backend(9)]))).toEqual({ kind: 'none' });
  });

  test('does not treat an nginx.conf that no worker has read as the nginx.conf in force', async () => {
    await session.nginx.start(session.artifact());
    await session.nginx.release();
    await writeFile(join(session.run, 'conf/nginx.conf'), session.artifact({ page: 'never' }).conf);
    await session.restart();
    expect(session.nginx.currentConf()).toBeUndefined();
    expect(await session.nginx.reload(session.artifact({ page: 'new' }))).toMatchObject({ kind: 'reload' });
  });

  test('rewrites comments of the nginx.conf in force without a reload, but not comments of another nginx.conf', async () => {
    const artifact = session.artifact();
    await session.nginx.start(artifact);
    const before = await session.state();
    const commented = { ...artifact, conf: `${artifact.conf}# shop/web\n` };
    await session.nginx.replaceComments(commented);
    const other = session.artifact({ page: 'other' });
    await session.nginx.replaceComments({ ...other, conf: `${other.conf}# shop/other\n` });
    expect(await readFile(join(session.run, 'conf/nginx.conf'), 'utf8')).toBe(commented.conf);
    expect(session.nginx.currentConf()).toBe(commented.conf);
    expect((await session.state()).generation).toBe(before.generation);
    await session.nginx.release();
    await session.restart();
    expect(session.nginx.currentConf()).toBe(commented.conf);
  });

  test('does not share its run directory with a second controller', async () => {
    const second = await driver(session.run);
    await expect(second.open()).rejects.toThrow(`in use by the controller with pid ${process.pid}`);
    expect(await second.start(session.artifact())).toMatchObject({ kind: 'failed' });
  });

  test('finds NGINX still running after the process that started it has ended', async () => {
    const other = await temporaryRun();
    try {
      const script = join(import.meta.dirname, 'fixtures/start-and-leave.ts');
      const ended = await execa(process.execPath, [script, other.run, String(session.port)], {
        timeout: 10_000,
        killSignal: 'SIGKILL',
      });
      expect(ended.stdout).toContain('"started"');
      expect(await page(session.port)).toBe('hello');
    } finally {
      await other.remove();
    }
  });
});

describe('the end of NGINX', () => {
  test('is requested by stop(), which lets requests finish and releases the run directory', async () => {
    await session.nginx.start(session.artifact());
    let exits = 0;
    session.nginx.onExit(() => (exits += 1));
    await session.nginx.stop(3000);
    expect(session.master()).toBeUndefined();
    await expect(page(session.port)).rejects.toThrow(/ECONNREFUSED/);
    expect(await errorLog(session.run)).toContain('signal 3 (SIGQUIT)');
    expect(exits).toBe(0);
    expect(await session.nginx.reload(session.artifact())).toMatchObject({ kind: 'failed' });
    await session.open();
    expect(await session.nginx.start(session.artifact())).toMatchObject({ kind: 'started' });
  });

  test('is requested by stop(), which aborts requests that do not finish in time', async () => {
    await session.nginx.start(session.artifact());
    const client = connect(session.port, '127.0.0.1');
    client.on('error', () => undefined);
    await new Promise((done) => client.write('GET / HTTP/1.1\r\nHost: x\r\n', done));
    await sleep(50);
    await session.nginx.stop(200);
    client.destroy();
    expect(await errorLog(session.run)).toContain('signal 15 (SIGTERM)');
    expect(session.master()).toBeUndefined();
  });

  test.each(['started', 'adopted'])(
    'is reported if the controller had %s NGINX, which can then be started again',
    async (how) => {
      await session.nginx.start(session.artifact());
      if (how === 'adopted') await session.restart();
      const details: string[] = [];
      session.nginx.onExit((detail) => details.push(detail));
      const master = session.master();
      if (master === undefined) throw new Error('no master');
      process.kill(master, 'SIGTERM');
      await untilHolds('the exit', () => details.length === 1);
      expect(details[0]).toContain(`pid ${master}`);
      expect(await session.want(backends(1))).toMatchObject({
        kind: 'failed',
        message: 'NGINX is not running',
      });
      expect(await session.nginx.start(session.artifact({ live: backends(2) }))).toMatchObject({ kind: 'started' });
      expect(await session.want(backends(2))).toEqual({ kind: 'none' });
    },
  );
});
