import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../e2e/runner/port.ts';
import type { Artifact } from '../types/artifact.ts';
import type { Outcome } from '../types/outcome.ts';
import { page, untilHolds } from './fixtures/run-folder.ts';
import { backends, useSession } from './fixtures/session.ts';

const session = useSession();

describe('reload', () => {
  test('resolves when the new workers serve, after the live data of the new configuration was sent', async () => {
    await session.nginx.start(session.artifact());
    const sent = session.want(backends(1));
    const outcome = await session.nginx.reload(session.artifact({ page: 'two', live: backends(2) }));
    expect(outcome).toMatchObject({ kind: 'reload', generation: 2 });
    expect(await sent).toMatchObject({ kind: 'live', set: 1 });
    await untilHolds('the new page', async () => (await page(session.port)) === 'two');
    expect(await session.want(backends(2))).toEqual({ kind: 'none' });
    expect(session.nginx.currentConf()).toContain('"two"');
  });

  test('live data sent during reloads is not lost, and reloads run one after another', async () => {
    await session.nginx.start(session.artifact());
    const reloads = ['a', 'b', 'c'].map((text) => session.nginx.reload(session.artifact({ page: text })));
    let slowest = 0;
    for (let n = 1; n <= 30; n += 1) {
      const outcome = await session.want(backends(n));
      expect(outcome).toMatchObject({ kind: 'live', set: 1 });
      if (outcome.kind === 'live') slowest = Math.max(slowest, outcome.ms);
      await sleep(5);
    }
    expect((await Promise.all(reloads)).map((outcome) => outcome.kind === 'reload' && outcome.generation)).toEqual([
      2, 3, 4,
    ]);
    expect(slowest).toBeLessThan(500);
    expect(await session.want(backends(30))).toEqual({ kind: 'none' });
    await untilHolds('the last page', async () => (await page(session.port)) === 'c');
  });

  test('a configuration that nginx -t refuses changes neither nginx.conf nor the running workers', async () => {
    const good = session.artifact();
    await session.nginx.start(good);
    expect(await session.nginx.reload(session.artifact({ extra: 'nonsense;' }))).toMatchObject({
      kind: 'refused',
      owners: [],
    });
    expect(await readFile(join(session.run, 'conf/nginx.conf'), 'utf8')).toBe(good.conf);
    expect((await session.state()).generation).toBe(1);
  });

  test('if the master abandons a reload, the previous configuration is restored and continues to serve', async () => {
    const good = session.artifact();
    await session.nginx.start(good);
    const taken = await freePort();
    const holder = createServer().listen(taken, '127.0.0.1');
    const outcome = await session.nginx.reload(
      session.artifact({ page: 'two', extra: `server { listen 127.0.0.1:${taken}; }` }),
    );
    holder.close();
    expect(outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining(`bind() to 127.0.0.1:${taken} failed`) as string,
    });
    const { ms, errorLog } = outcome as Extract<Outcome, { kind: 'failed' }>;
    expect(ms).toBeLessThan(5000);
    expect(errorLog.join('\n')).toContain('still could not bind()');
    expect(await readFile(join(session.run, 'conf/nginx.conf'), 'utf8')).toBe(good.conf);
    expect(session.nginx.currentConf()).toBe(good.conf);
    expect(await page(session.port)).toBe('hello');
    expect(await session.nginx.reload(session.artifact({ page: 'three' }))).toMatchObject({ kind: 'reload' });
  });

  test('if the new workers never register, the previous configuration is restored', async () => {
    const good = session.artifact();
    await session.nginx.start(good);
    await session.restart({ reloadTimeoutMs: 1500 });
    const outcome = await session.nginx.reload(session.artifact({ page: 'two', reported: '0000000000000000' }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('the previous one is in force again') as string,
    });
    expect(await readFile(join(session.run, 'conf/nginx.conf'), 'utf8')).toBe(good.conf);
    await untilHolds('the previous page', async () => (await page(session.port)) === 'hello');
  });

  test('with another dictionary size, the workers load all live data from the file', async () => {
    await session.nginx.start(session.artifact({ live: backends(2) }));
    await session.want(backends(3));
    expect(await session.nginx.reload(session.artifact({ dict: '6m', live: backends(3) }))).toMatchObject({
      kind: 'reload',
    });
    // A worker of the old generation may still answer for a moment.
    await untilHolds('the new dictionary', async () => (await session.state()).capacity === 6 * 1024 * 1024);
    expect(await session.want(backends(4))).toMatchObject({ kind: 'live', set: 1 });
    expect(await session.want(backends(4))).toEqual({ kind: 'none' });
  });

  test('with a larger dictionary, values that did not fit before are added', async () => {
    const live = new Map(
      Array.from(
        { length: 8 },
        (_, n) => [`c:shop/s${n}`, JSON.stringify({ chain: 'x'.repeat(700_000), key: '' })] as const,
      ),
    );
    await session.nginx.start(session.artifact({ live: backends(2) }));
    const all = new Map([...backends(2), ...live]);
    expect(await session.want(all)).toMatchObject({ kind: 'failed', others: 'taken' });
    expect(await session.nginx.reload(session.artifact({ dict: '16m', live: all }))).toMatchObject({ kind: 'reload' });
    expect(await session.want(all)).toEqual({ kind: 'none' });
    expect((await session.state()).free).toBeLessThan(16 * 1024 * 1024 - 8 * 700_000);
  });

  test('a file is not deleted as long as the current or the previous configuration refers to it', async () => {
    const withFile = (n: number): Artifact =>
      session.artifact({
        extra: `include files/f${n}.conf;`,
        files: new Map([[`f${n}.conf`, `server_names_hash_max_size ${1024 + n};`]]),
      });
    const files = async (): Promise<string[]> => (await readdir(join(session.run, 'conf/files'))).sort();
    await session.nginx.start(withFile(1));
    await session.nginx.reload(withFile(2));
    expect(await files()).toEqual(['f1.conf', 'f2.conf']);
    await session.nginx.reload(withFile(3));
    expect(await files()).toEqual(['f2.conf', 'f3.conf']);
  });
});
