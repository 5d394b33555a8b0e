import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { page } from './fixtures/run-folder.ts';
import { backends, useSession } from './fixtures/session.ts';
import { EXTRA_LINE } from './fixtures/test-conf.ts';

const session = useSession();

describe('start', () => {
  test('loads live data from live.data, so that no live data has to be sent', async () => {
    expect(session.nginx.currentConf()).toBeUndefined();
    const artifact = session.artifact({ live: backends(3) });
    expect(await session.nginx.start(artifact)).toMatchObject({ kind: 'started', master: session.master() });
    expect(await page(session.port)).toBe('hello');
    expect(session.nginx.currentConf()).toBe(artifact.conf);
    expect(await session.want(backends(3))).toEqual({ kind: 'none' });
    expect((await session.state()).revision).toBe(1);
    expect(await session.nginx.start(artifact)).toMatchObject({ kind: 'failed', message: 'NGINX is already running' });
  });

  test('an entry of the live data that is too large is left out, and the other entries are applied', async () => {
    await session.nginx.release();
    const said: string[] = [];
    await session.open({ log: (problem) => said.push(problem) });
    const large = JSON.stringify({ chain: 'x'.repeat(1024 * 1024), key: '' });
    const live = new Map([...backends(3), ['c:shop/large', large] as const]);
    expect(await session.nginx.start(session.artifact({ live }))).toMatchObject({ kind: 'started' });
    expect(await page(session.port)).toBe('hello');
    expect(said).toEqual([expect.stringContaining('live key c:shop/large: ')]);
    expect(await session.want(live)).toEqual({ kind: 'none' });
    expect(await session.nginx.reload(session.artifact({ live, page: 'anew' }))).toMatchObject({ kind: 'reload' });
  });

  test('fails immediately if a port is in use, and leaves no process running', async () => {
    const holder = createServer().listen(session.port, '127.0.0.1');
    try {
      const outcome = await session.nginx.start(session.artifact());
      expect(outcome).toMatchObject({
        kind: 'failed',
        message: expect.stringContaining('exited with code 1') as string,
      });
      if (outcome.kind !== 'failed') return;
      expect(outcome.errorLog.join('\n')).toMatch(/bind\(\) to 127.0.0.1:[0-9]+ failed \(98: Address already in use\)/);
      expect(outcome.ms).toBeLessThan(6000);
      expect(session.master()).toBeUndefined();
      expect(session.nginx.currentConf()).toBeUndefined();
      expect(await session.want(backends(1))).toMatchObject({
        kind: 'failed',
        message: 'NGINX is not running',
      });
    } finally {
      holder.close();
    }
    expect(await session.nginx.start(session.artifact())).toMatchObject({ kind: 'started' });
  });

  test('an NGINX whose workers do not register is stopped again', async () => {
    await session.nginx.release();
    await session.open({ startTimeoutMs: 700 });
    const outcome = await session.nginx.start(session.artifact({ reported: '0000000000000000' }));
    expect(outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('0000000000000000') as string });
    expect(session.master()).toBeUndefined();
    await expect(page(session.port)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('fails if the start command cannot be run', async () => {
    await session.nginx.release();
    await session.open({ startCommand: '/nonexistent/start.sh' });
    const outcome = await session.nginx.start(session.artifact());
    expect(outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('ENOENT') as string });
  });

  test('a configuration that nginx -t refuses is not started, and the owner of its line is reported', async () => {
    const owner = { kind: 'Ingress', namespace: 'shop', name: 'web' };
    const outcome = await session.nginx.start(session.artifact({ extra: 'nonsense;', owner }));
    expect(outcome).toMatchObject({
      kind: 'refused',
      owners: [owner],
      check: { line: EXTRA_LINE, message: 'unknown directive "nonsense"' },
    });
    expect(await readdir(join(session.run, 'conf'))).toEqual(['files', 'streams']);
  });
});
