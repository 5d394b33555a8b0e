import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Artifact, ConfBlock, ConfParts } from '../types/artifact.ts';
import { changedConf } from './changed-conf.ts';
import { page, untilHolds } from './fixtures/run-folder.ts';
import { useSession } from './fixtures/session.ts';

function block(...lines: readonly string[]): ConfBlock {
  return { text: lines.map((line) => `${line}\n`).join(''), lines: lines.length, isDefault: false, declarations: [] };
}

function parts(runs: readonly (readonly ConfBlock[])[], around = 'same'): ConfParts {
  return {
    around: [around],
    runs: runs.map((blocks) => ({ blocks })),
    before: 'http {\nzone;\n',
    textAround: () => ({ before: 'http {\n', after: '}\n' }),
  };
}

const [a, b, c, d] = [block('a'), block('b', 'b'), block('c'), block('d', 'd', 'd')];

test('contains only the blocks that are not running, and finds their lines in the whole conf', () => {
  const changed = block('x', 'y');
  const found = changedConf(
    parts([
      [a, changed],
      [c, d],
    ]),
    parts([
      [a, b],
      [c, d],
    ]),
  );
  expect(found?.text).toBe('http {\nx\ny\n}\n');
  expect([1, 2, 3, 4].map((line) => found?.wholeLine(line))).toEqual([undefined, 4, 5, undefined]);
});

test('contains the default server, whose certificate and socket parameters the other blocks need', () => {
  const [fallback, changed] = [{ ...block('default'), isDefault: true }, block('x')];
  const found = changedConf(parts([[fallback, a, b], [changed]]), parts([[fallback, a, b], [c]]));
  expect(found?.text).toBe('http {\ndefault\nx\n}\n');
  expect([2, 3, 4].map((line) => found?.wholeLine(line))).toEqual([3, 7, undefined]);
});

test('a block that moved to another run is running, and nothing is left to test if blocks were only removed', () => {
  expect(
    changedConf(
      parts([[a], [b, c]]),
      parts([
        [a, b],
        [c, d],
      ]),
    )?.text,
  ).toBe('http {\n}\n');
});

test('is undefined if more than blocks changed, or most blocks', () => {
  expect(changedConf(parts([[a, b]]), parts([[a, b]], 'other'))).toBeUndefined();
  expect(changedConf(parts([[a, b, c]]), parts([[a]]))).toBeUndefined();
});

const session = useSession();

const FILLERS = ['# 1', '# 2', '# 3'].map((line) => block(line));

/** A conf of one page, and these blocks and more at the level of `http`. */
function artifactOf(own: readonly ConfBlock[], text: string): Artifact {
  const blocks = [...own, ...FILLERS];
  const extra = blocks.map((each) => each.text).join('');
  const artifact = session.artifact({ page: text, extra });
  const [before = '', after = ''] = artifact.conf.split(extra);
  return { ...artifact, parts: { around: [], runs: [{ blocks }], before, textAround: () => ({ before, after }) } };
}

/**
 * Pairs of blocks, each of which NGINX accepts alone, with a part of its message about both. In the last two, the first
 * block becomes invalid when its folder is removed.
 */
function conflicts(run: string): Readonly<Record<string, readonly [string, string, RegExp]>> {
  const port = session.port + 1;
  return {
    'two default servers': [
      `server { listen 127.0.0.1:${port} default_server; }`,
      `server { listen 127.0.0.1:${port} default_server; server_name b; }`,
      /a duplicate default server/,
    ],
    'options of a listening socket': [
      `server { listen 127.0.0.1:${port} backlog=5; }`,
      `server { listen 127.0.0.1:${port} backlog=6; server_name b; }`,
      /duplicate listen options/,
    ],
    'an upstream': [
      'upstream one { server 127.0.0.1:9; }',
      'upstream one { server 127.0.0.1:8; }',
      /duplicate upstream/,
    ],
    'a log format': ['log_format one a;', 'log_format one b;', /duplicate "log_format" name/],
    'a zone of connections': [
      'limit_conn_zone $host zone=one:1m;',
      'limit_conn_zone $uri zone=one:1m;',
      /limit_conn_zone "one" is already bound/,
    ],
    'a zone of requests': [
      'limit_req_zone $host zone=two:1m rate=1r/s;',
      'limit_req_zone $uri zone=two:1m rate=1r/s;',
      /limit_req_zone "two" is already bound/,
    ],
    'the size of a cache': [
      `server { listen 127.0.0.1:${port}; ssl_session_cache shared:three:1m; }`,
      `server { listen 127.0.0.1:${port}; server_name b; ssl_session_cache shared:three:2m; }`,
      /conflicts with already declared size/,
    ],
    'the hash of server names': [
      `server_names_hash_bucket_size 64; server { listen 127.0.0.1:${port}; server_name ${'a'.repeat(30)}; }`,
      `server { listen 127.0.0.1:${port}; server_name ${'b'.repeat(120)}; }`,
      /could not build server_names_hash/,
    ],
    'a file of a block': [
      `server { listen 127.0.0.1:${port}; include ${run}/extra/one.conf; }`,
      `server { listen 127.0.0.1:${port}; server_name b; }`,
      /open\(\) ".*one.conf" failed \(2: No such file/,
    ],
    'the folder of a log': [
      `server { listen 127.0.0.1:${port}; access_log ${run}/extra/access.log; }`,
      `server { listen 127.0.0.1:${port}; server_name b; }`,
      /open\(\) ".*access.log" failed \(2: No such file/,
    ],
  };
}

function isRefusal(message: RegExp): (line: string) => boolean {
  return (line) => line.includes('[emerg]') && message.test(line);
}

test('what NGINX refuses only together with running blocks is refused like what the test refuses', async () => {
  const { run } = session;
  const extra = join(run, 'extra');
  const plain = artifactOf([], 'plain');
  await session.nginx.start(plain);
  let count = 0;
  for (const [what, [first, second, message]] of Object.entries(conflicts(run))) {
    await mkdir(extra, { recursive: true });
    await writeFile(join(extra, 'one.conf'), '');
    count += 1;
    const running = block(first);
    const before = artifactOf([running], `before ${count}`);
    expect(await session.nginx.reload(before), what).toMatchObject({ kind: 'reload' });
    if (first.includes(extra)) await rm(extra, { recursive: true });
    const after = artifactOf([running, block(second)], `after ${count}`);
    expect(await session.nginx.reload(after), what).toMatchObject({
      kind: 'refused',
      check: { ok: false, message: expect.stringMatching(message) as string },
    });
    // It was the running NGINX that refused it, not the test.
    expect(
      (await readFile(join(run, 'run/error.log'), 'utf8')).split('\n').filter(isRefusal(message)),
      what,
    ).toHaveLength(1);
    expect(await readFile(join(run, 'conf/nginx.conf'), 'utf8')).toBe(before.conf);
    expect(session.nginx.currentConf()).toBe(before.conf);
    await untilHolds('the page', async () => (await page(session.port)) === `before ${count}`);
  }
  expect(count).toBe(10);
  expect(await session.nginx.reload(artifactOf([], 'good'))).toMatchObject({ kind: 'reload' });
}, 60_000);
