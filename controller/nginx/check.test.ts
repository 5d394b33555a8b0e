import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../e2e/runner/port.ts';
import type { Nginx } from '../types/nginx.ts';
import { checkCandidate } from './check.ts';
import type { CheckOptions } from './check.ts';
import { driver, installedNginx, page, temporaryRun, untilHolds } from './fixtures/run-folder.ts';
import { EXTRA_LINE, testArtifact } from './fixtures/test-conf.ts';
import { runPaths } from './run-dir.ts';

let run: string;
let remove: () => Promise<void>;
let nginx: Nginx;
let port: number;
let options: CheckOptions;
beforeAll(async () => {
  ({ run, remove } = await temporaryRun());
  port = await freePort();
  nginx = await driver(run);
  await nginx.open();
  options = {
    binary: (await installedNginx()).binary,
    paths: runPaths(run),
    prefix: runPaths(run).run,
    timeoutMs: 5000,
  };
});
afterAll(async () => {
  await nginx.stop(2000);
  await remove();
});

/** Writes a shell script that acts as NGINX. */
async function pretend(script: string): Promise<CheckOptions> {
  const binary = join(run, 'controller/fake-nginx');
  await writeFile(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...options, binary, timeoutMs: 300 };
}

test('a valid configuration passes nginx -t', async () => {
  expect(await checkCandidate(testArtifact({ run, port }), options)).toMatchObject({ ok: true });
});

test('the result has the line that nginx reports, and the message without paths of the run directory', async () => {
  expect(await checkCandidate(testArtifact({ run, port, extra: 'gzip on;\n  nonsense;' }), options)).toMatchObject({
    ok: false,
    message: 'unknown directive "nonsense"',
    line: EXTRA_LINE + 1,
  });
});

test('warnings before the error are not mistaken for the error', async () => {
  const extra =
    'server { listen 127.0.0.1:1; server_name a; } server { listen 127.0.0.1:1; server_name a; return 999999; }';
  const result = await checkCandidate(testArtifact({ run, port, extra: `${extra} types_hash_max_size x;` }), options);
  expect(result).toMatchObject({ ok: false, line: EXTRA_LINE });
  expect(JSON.stringify(result)).not.toContain('warn');
});

describe('files to which nginx.conf refers', () => {
  test('are found by their relative names during the test, as after the installation', async () => {
    const files = new Map([['extra-0a1b.conf', 'gzip on;']]);
    expect(
      await checkCandidate(testArtifact({ run, port, extra: 'include files/extra-0a1b.conf;', files }), options),
    ).toMatchObject({ ok: true });
  });

  test('an error inside a file does not name a line of nginx.conf', async () => {
    const files = new Map([['bad-0a1b.conf', 'gzip maybe;']]);
    const result = await checkCandidate(
      testArtifact({ run, port, extra: 'include files/bad-0a1b.conf;', files }),
      options,
    );
    expect(result).toMatchObject({
      ok: false,
      line: undefined,
      message: expect.stringMatching(/"maybe".* in files\/bad-0a1b.conf:1$/) as string,
    });
  });

  test.each(['../x', 'a/b', '.hidden', ''])('cannot have a name that leads out of their folder: %j', async (name) => {
    const result = await checkCandidate(testArtifact({ run, port, files: new Map([[name, '']]) }), options);
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('such as ca-0a1b2c3d.pem') as string });
  });
});

test('an nginx -t that hangs is killed and reported', async () => {
  const started = performance.now();
  const hanging = await pretend(`echo $$ >${run}/controller/hanging; trap '' TERM; exec sleep 30`);
  expect(await checkCandidate(testArtifact({ run, port }), hanging)).toMatchObject({
    ok: false,
    message: expect.stringContaining('300 ms') as string,
    untested: true,
  });
  expect(performance.now() - started).toBeLessThan(3000);
  const pid = (await readFile(join(run, 'controller/hanging'), 'utf8')).trim();
  await expect(stat(`/proc/${pid}`)).rejects.toThrow('ENOENT');
});

test('a missing nginx, or an nginx that fails without a message, gives a result instead of an exception', async () => {
  expect(await checkCandidate(testArtifact({ run, port }), { ...options, binary: '/nonexistent/nginx' })).toMatchObject(
    { ok: false, untested: true },
  );
  const refused = await checkCandidate(testArtifact({ run, port }), await pretend('exit 3'));
  expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('3') as string });
  expect(refused).not.toHaveProperty('untested');
});

test('nginx -t does not affect the running NGINX, and leaves no files behind', async () => {
  expect(await nginx.start(testArtifact({ run, port }))).toMatchObject({ kind: 'started' });
  const pid = await readFile(join(run, 'run/nginx.pid'), 'utf8');
  const socket = (await stat(join(run, 'run/api/live.sock'))).ino;
  const before = await readdir(join(run, 'run'), { recursive: true });
  const results = await Promise.all(
    ['one', 'two', 'three'].map((text) => nginx.check(testArtifact({ run, port, page: text }))),
  );
  expect(results.map((result) => result.ok)).toEqual([true, true, true]);
  expect(await readFile(join(run, 'run/nginx.pid'), 'utf8')).toBe(pid);
  expect((await stat(join(run, 'run/api/live.sock'))).ino).toBe(socket);
  expect(await readdir(join(run, 'run'), { recursive: true })).toEqual(before);
  expect((await readdir(join(run, 'conf'))).sort()).toEqual(['files', 'live.data', 'nginx.conf', 'streams']);
  expect(await page(port)).toBe('hello');
  expect(
    await nginx.want(
      testArtifact({
        run,
        port,
        live: new Map([['g:settings', '{"httpsPort":443,"redirectCode":308,"forwarded":false}']]),
      }),
    ),
  ).toMatchObject({ outcome: { kind: 'live' } });
});

test('a configuration whose nginx -t is aborted counts as untested, and nginx -t leaves no files behind', async () => {
  const began = join(run, 'controller/began');
  const stop = new AbortController();
  const hanging = { ...(await pretend(`: > ${began}; exec sleep 60`)), timeoutMs: 60_000, signal: stop.signal };
  const result = checkCandidate(testArtifact({ run, port }), hanging);
  await untilHolds('the test to begin', async () => (await readdir(join(run, 'controller'))).includes('began'));
  stop.abort();
  expect(await result).toMatchObject({ ok: false, untested: true, message: expect.stringContaining('aborted') });
  expect((await readdir(join(run, 'conf'))).filter((name) => name.startsWith('candidate'))).toEqual([]);
});
